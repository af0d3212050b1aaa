"""After a change, only tests that may do something else now are observed again; what is known of the others is still true."""

from pathlib import Path

import pytest

from greenroom.campaign.inside.line_trace import CONTEXT
from tests.campaign.conftest import Proved, ProveProject, write

PROJECT = {
    "apples.py": """
        def apples(n):
            return n * 2  # mutant: return n * 3
        """,
    "pears.py": """
        def pears(n):
            return n + 1  # mutant: return n + 2
        """,
    "test_apples.py": """
        import apples


        def test_apples():
            assert apples.apples(2) == 4


        def test_nothing():
            assert True
        """,
    "test_pears.py": """
        import pears


        def test_pears():
            assert pears.pears(2) == 3
        """,
    "conftest.py": f"""
        import os

        import pytest


        @pytest.fixture(autouse=True)
        def told(request):
            if os.environ.get("{CONTEXT}"):
                with open("observed.log", "a") as log:
                    print(request.node.name, file=log)
        """,
}
OTHER_BODY = {"pears.py": "def pears(n):\n    m = n\n    return m + 1  # mutant: return m + 2\n"}
NOW_CALLS = {
    "test_apples.py": """
        import apples


        def test_apples():
            from pears import pears
            assert apples.apples(2) == 4
            assert pears(3) == 4


        def test_nothing():
            assert True
        """,
}
OTHER_IMPORT = {
    "apples.py": "DOUBLE = 2\n\n\ndef apples(n):\n    return n * DOUBLE  # mutant: return n * 3\n"
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("orchard")


def test_who_is_observed_after_a_change(prove_project: ProveProject, root: Path) -> None:
    def lead(files: dict[str, str]) -> tuple[set[str], Proved]:
        write(root, files)
        log = root / "observed.log"
        log.unlink(missing_ok=True)
        proved = prove_project({}, root=root, workers=1)
        return set(log.read_text().split()) if log.exists() else set(), proved

    first, _ = lead(PROJECT)
    assert first == {"test_apples", "test_nothing", "test_pears"}

    after_a_body, proved = lead(OTHER_BODY)
    assert after_a_body == {"test_pears"}
    assert _seen_by(proved) == {"apples.py": {"test_apples"}, "pears.py": {"test_pears"}}

    after_a_test, proved = lead(NOW_CALLS)
    assert after_a_test == {"test_apples", "test_nothing"}
    assert _seen_by(proved) == {"apples.py": {"test_apples"}, "pears.py": {"test_apples", "test_pears"}}
    assert set(proved.verdicts().values()) == {"caught"}

    after_an_import, proved = lead(OTHER_IMPORT)
    assert after_an_import == first, "what runs when the project is imported may matter to anybody"
    assert _seen_by(proved) == {"apples.py": {"test_apples"}, "pears.py": {"test_apples", "test_pears"}}


def _seen_by(proved: Proved) -> dict[str, set[str]]:
    return {
        trial.mutant.place.path: {name.rpartition("::")[2] for name in trial.tests}
        for trial in proved.proof.trials
    }
