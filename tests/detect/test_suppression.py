from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.catalogue import all_modes
from greenroom.detect.suppression import Suppression, Suppressions, apply_suppressions, read_suppressions
from greenroom.project.code.reading import read_modules
from greenroom.project.files.inventory import SourceFile
from greenroom.project.files.kind import FileKind
from tests.conftest import WriteProject
from tests.detect.findings import finding, place

Read = Callable[[str], Suppressions]


@pytest.fixture
def read(write_project: WriteProject) -> Read:
    def run(source: str) -> Suppressions:
        root: Path = write_project({"app/main.py": source})
        files = [SourceFile(path="app/main.py", kind=FileKind.PRODUCTION, size=len(source))]
        return read_suppressions(root, read_modules(root, files).values(), all_modes())

    return run


def comment(line: int, *, alone: bool = False, codes: tuple[str, ...] = ("EVL001",)) -> Suppressions:
    return Suppressions(
        comments=(Suppression(path="app/main.py", line=line, codes=codes, reason="why", alone=alone),)
    )


def test_a_comment_is_read_with_its_codes_and_reason(read: Read) -> None:
    found = read("import time\ntime.sleep(1)  # greenroom: ignore[EVL001, DEP001] only at start-up\n")

    assert found == Suppressions(
        comments=(
            Suppression(
                path="app/main.py", line=2, codes=("EVL001", "DEP001"), reason="only at start-up", alone=False
            ),
        )
    )


def test_a_comment_alone_on_its_line_is_told_apart(read: Read) -> None:
    (found,) = read("x = 1\n    # greenroom: ignore[EVL001] why\n").comments

    assert found.alone


def test_a_text_is_no_comment(read: Read) -> None:
    assert read('x = "# greenroom: ignore[EVL001] why"\n') == Suppressions()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# greenroom: ignore", "names no code"),
        ("# greenroom: ignore[] because", "names no code"),
        ("# greenroom: ignore[EVL001]", "gives no reason"),
        ("# greenroom: ignore[evl1] because", "names 'evl1', which is no code"),
        ("# greenroom: ignore[EVL999] because", "names EVL999, a code that does not exist"),
    ],
)
def test_a_malformed_comment_suppresses_nothing_and_is_told(text: str, problem: str, read: Read) -> None:
    found = read(f"x = 1  {text}\n")

    assert found.comments == ()
    (notice,) = found.notices
    assert notice.startswith(f"app/main.py:1: suppression {problem}")


@pytest.mark.parametrize(
    ("line", "alone", "suppresses"),
    [
        (9, False, False),
        (9, True, True),
        (10, False, True),
        (11, False, True),
        (12, True, True),
        (13, False, False),
        (8, True, False),
    ],
)
def test_it_counts_on_every_line_of_the_statement_and_alone_above(
    line: int, *, alone: bool, suppresses: bool
) -> None:
    (judged,), notices = apply_suppressions([finding(line=10, end_line=12)], comment(line, alone=alone))

    assert judged.shown is not suppresses
    assert judged.hidden_because == ("suppressed: why" if suppresses else "")
    assert bool(notices) is not suppresses


def test_it_counts_for_its_codes_and_its_file_only() -> None:
    others = [finding(code="DEP001"), finding(path="app/other.py")]

    judged, notices = apply_suppressions(others, comment(10))

    assert all(each.shown for each in judged)
    assert notices == ("app/main.py:10: suppression of EVL001 is not needed: nothing is found here",)


def test_each_code_of_a_comment_must_be_needed() -> None:
    _, notices = apply_suppressions([finding()], comment(10, codes=("EVL001", "DEP001")))

    assert notices == ("app/main.py:10: suppression of DEP001 is not needed: nothing is found here",)


def test_on_a_further_site_it_takes_away_that_site() -> None:
    found = finding(line=10, sites=(place(line=20), place(line=30)))

    (judged,), notices = apply_suppressions([found], comment(20))

    assert judged.shown
    assert judged.sites == (place(line=30),)
    assert notices == ()
