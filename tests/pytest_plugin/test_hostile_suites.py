"""Suites that take the ground from under the recorder: they see no difference, and are recorded all the same."""

from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from tests.record.suites import PYTEST, Suite

HOSTILE = {
    "descriptors": """
        import os


        def test_first():
            os.closerange(40, 400)
            assert True
        """,
    "no descriptors": """
        import resource


        def test_first():
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (8, hard))
            try:
                assert True
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        """,
    "doubles of the system": """
        import builtins
        import json
        import os
        import time


        def broken(*arguments, **named):
            raise RuntimeError("a double")


        def test_first(monkeypatch):
            for owner, name in [(os, "open"), (os, "write"), (os, "getpid"), (os, "close"), (time, "time"), (json, "dumps")]:
                monkeypatch.setattr(owner, name, broken)
            assert True
        """,
    "forbidden questions": """
        import os
        import os.path
        from unittest import mock


        def forbidden(*arguments, **named):
            raise RuntimeError("a blocking call")


        class Owner:
            part = 1


        def test_first(monkeypatch):
            for owner, name in [(os.path, "abspath"), (os.path, "realpath"), (os, "getcwd"), (os, "lstat")]:
                monkeypatch.setattr(owner, name, forbidden)
            with mock.patch.object(Owner, "part"):
                assert Owner.part
        """,
    "another folder": """
        import os


        def test_first(tmp_path):
            os.chdir(tmp_path)
            assert True
        """,
    "another environment": """
        import os


        def test_first(monkeypatch):
            os.environ.clear()
            assert True
        """,
    "objects that object": """
        from unittest import mock


        class Touchy:
            def __getattr__(self, name):
                raise RuntimeError(name)

            def __eq__(self, other):
                raise RuntimeError("eq")

            def __hash__(self):
                raise RuntimeError("hash")

            def __repr__(self):
                raise RuntimeError("repr")


        import sys

        sys.modules["touchy"] = Touchy()


        class Owner:
            part = Touchy()


        def test_first(monkeypatch):
            monkeypatch.setattr(Owner, "part", Touchy())
            with mock.patch.object(Owner, "part", Touchy()):
                pass
            assert True
        """,
    "code by value": """
        import copy
        import pickle
        import types


        def test_first():
            def inner():
                assert 1
                return 2

            code = inner.__code__
            assert hash(code) == hash(code.replace())
            assert code == code.replace()
            assert types.FunctionType(code, {})() == 2
            assert copy.deepcopy(code.co_consts)
            assert pickle.loads(pickle.dumps(code.co_consts[1:]))
        """,
    "its own import hooks": """
        import sys


        def test_first():
            before = list(sys.meta_path)
            sys.meta_path[:] = [each for each in sys.meta_path if isinstance(each, type)]
            import this_name_does_not_exist_anywhere as nothing
        """,
    "a deep stack": """
        import pytest


        def test_first():
            def dig():
                assert True
                dig()

            with pytest.raises(RecursionError):
                dig()
        """,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(suite: Suite, name: str) -> None:
    suite.write({"test_a.py": HOSTILE[name], "test_b.py": "def test_second():\n    assert 2\n"})
    usual = ("-p", "no:asyncio", "-W", "error", "-q")

    plain = suite.run(*PYTEST, *usual)
    ran = suite.record(*usual)

    assert ran.code == plain.code
    assert ran.out.rpartition(" in ")[0] == plain.out.rpartition(" in ")[0]
    first = Outcome.FAILED if "import hooks" in name else Outcome.PASSED
    assert [test.outcome for test in ran.recording.tests] == [first, Outcome.PASSED]
    assert ran.test("test_second").assertions == 1


def test_an_item_that_objects_is_noted_and_runs(suite: Suite) -> None:
    conftest = """
        import pytest


        class Line(pytest.Item):
            @property
            def function(self):
                raise RuntimeError("ask me nothing")

            def runtest(self):
                assert self.name


        class Lines(pytest.File):
            def collect(self):
                yield Line.from_parent(self, name="first")


        def pytest_collect_file(file_path, parent):
            return Lines.from_parent(parent, path=file_path) if file_path.suffix == ".lines" else None
        """
    suite.write({"conftest.py": conftest, "checks.lines": "first\n"})

    ran = suite.record("-q")

    assert ran.code == 0
    assert [note for note in ran.recording.run.notes if "ask me nothing" in note]


def test_what_is_imported_under_a_double_of_open_has_its_marks(suite: Suite) -> None:
    test = """
        from unittest import mock


        def test_late():
            with mock.patch("builtins.open", mock.mock_open(read_data="text")):
                import late
            assert late.ask() == 1
        """
    suite.write({"late.py": "def ask():\n    return 1\n", "tests/test_a.py": test})

    ran = suite.record("-q", PYTHONPATH=".")

    assert [test.outcome for test in ran.recording.tests] == [Outcome.PASSED]
    assert ran.recording.run.notes == ()


def test_a_warning_of_a_library_is_told_of_the_same_line(suite: Suite, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mongomock.py").write_text(
        "import warnings\n\nwarnings.warn('old', UserWarning, stacklevel=2)\n", encoding="utf-8"
    )
    suite.write({"tests/test_a.py": "import mongomock\n\n\ndef test_a():\n    assert mongomock\n"})
    arguments = ("-q", "-p", "no:randomly")

    plain = suite.run(*PYTEST, *arguments, PYTHONPATH=str(elsewhere))
    ran = suite.record(*arguments, PYTHONPATH=str(elsewhere))

    told = [line for line in plain.out.splitlines() if "UserWarning" in line or line.startswith("tests/")]
    assert any("test_a.py:1: UserWarning" in line for line in told)
    assert [line for line in ran.out.splitlines() if line in told] == told
