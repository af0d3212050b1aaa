"""What every format writes, as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from greenroom.report import FORMATS, RenderOptions, render
from tests.report.rendering import DATA, EXPECTED, rendered
from tests.report.sample import MODES, empty_audit, large_audit

ESCAPE = "\x1b"


@pytest.mark.parametrize("format_name", EXPECTED)
def test_writes_the_rich_audit(format_name: str) -> None:
    assert rendered(format_name) == (DATA / EXPECTED[format_name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_audit_gives_the_same_bytes(format_name: str) -> None:
    assert rendered(format_name) == rendered(format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_ends_in_one_line_end(format_name: str) -> None:
    text = rendered(format_name)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("format_name", FORMATS)
def test_holds_no_control_character_of_the_project(format_name: str) -> None:
    assert ESCAPE not in rendered(format_name)
    assert "\x07" not in rendered(format_name)


def test_an_unknown_format_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="unknown format 'xml': one of full, concise, json"):
        render(empty_audit(), MODES, "xml")


def test_full_says_that_nothing_was_found() -> None:
    assert rendered("full", empty_audit()) == (
        "helpdesk: no realism score\n"
        "Nothing here to judge.\n"
        "\n"
        "No findings.\n"
        "Read 17 Python files (production 12, tests 4, scripts 1), 2,345 lines, in 0.4 s.\n"
    )


def test_concise_says_that_nothing_was_found() -> None:
    assert rendered("concise", empty_audit()) == (
        "No findings.\nRead 17 Python files (production 12, tests 4, scripts 1), 2,345 lines, in 0.4 s.\n"
    )


def test_github_says_that_nothing_was_found() -> None:
    assert rendered("github", empty_audit()) == "::notice title=Greenroom::No findings.\n"


@pytest.mark.parametrize("width", [80, 120])
def test_prose_of_full_keeps_to_the_width(width: int) -> None:
    text = rendered("full", options=RenderOptions(width=width))
    opening, _, findings = text.partition("\nFindings\n")
    prose = [line for line in findings.splitlines() if line.startswith(("  help:", "  try:", "        "))]

    assert prose
    assert longest([*opening.splitlines(), *prose]) <= width


def test_full_does_not_say_again_what_it_has_just_said_of_the_same_kind() -> None:
    audit = large_audit(2)
    first = audit.findings[1]
    other = replace(first, remedy="do something else")

    text = rendered("full", replace(audit, findings=(first, first, other)))

    told = [line.split(":")[0].strip() for line in text.partition("\nFindings\n")[2].splitlines()]
    assert told.count("help") == told.count("try") == 2


def longest(lines: Sequence[str]) -> int:
    """Of lines whose characters are one column wide; the sample's wide ones stand in short lines."""
    return max(map(len, lines))


def test_what_is_not_covered_is_named_below_where_there_is_no_room_beside() -> None:
    lines = rendered("full", options=RenderOptions(width=80)).splitlines()
    (bar,) = [number for number, line in enumerate(lines) if line.startswith("  tests that run ")]

    assert lines[bar].endswith("3/4")
    assert lines[bar + 1] == "    not: tests/test_chat.py::test_later"


def test_colour_changes_nothing_but_colour() -> None:
    coloured = rendered("full", options=RenderOptions(version="1.2.3", colour=True))
    plain = ""
    for part in coloured.split(f"{ESCAPE}["):
        plain += part.partition("m")[2] if plain or coloured.startswith(ESCAPE) else part

    assert ESCAPE in coloured
    assert plain == rendered("full")


def test_a_terminal_without_blocks_gets_ascii() -> None:
    text = rendered("full", options=RenderOptions(encoding="ascii"))

    assert text.isascii()
    assert "event loop     #####..............." in text
    assert "\\u6f22" in text


def test_hidden_findings_are_listed_with_their_reason() -> None:
    text = rendered("full", options=RenderOptions(show_hidden=True))

    assert "hidden: suppressed: the proxy in front cuts after 5 s" in text
    assert "hidden: in the baseline" in text
    assert text.count("hidden: ") == 4 + 1  # and the closing count


def test_paths_are_seen_from_the_working_directory() -> None:
    options = RenderOptions(path_prefix="services/api/")

    assert rendered("concise", options=options).startswith("services/api/src/desk/chat.py:10:16: EVL001 ")
    assert "::error file=services/api/src/desk/chat.py," in rendered("github", options=options)


def test_github_takes_no_line_of_the_project_for_a_command() -> None:
    lines = rendered("github").splitlines()

    assert all(line.startswith("::") for line in lines)
    assert not [line for line in lines if line.startswith("::error::x")]
    assert "100 %25: <b>bold</b>" in rendered("github")
    assert "file=src/desk/übersicht & mehr.py" in rendered("github")


def test_github_folds_what_it_would_not_show() -> None:
    lines = rendered("github", large_audit(100)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("::group::"))
    stop = lines[start + 1].removeprefix("::stop-commands::")

    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines[-3:-1] == [f"::{stop}::", "::endgroup::"]
    assert not any(stop in line for line in lines[start + 2 : -3])
    assert lines[-1].startswith("::notice title=Greenroom::90 findings:")
    assert lines[-1].endswith("70 of them are only in the log.")


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(rendered("junit"))  # noqa: S314 - our own text
    cases = root.findall("testsuite/testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]

    assert root.get("tests") == root.get("failures") == str(len(cases)) == "5"
    assert [int(suite.get("tests", "")) for suite in root] == [len(suite) for suite in root]
    assert len(set(names)) == len(names)


def test_junit_passes_where_nothing_was_found() -> None:
    root = ET.fromstring(rendered("junit", empty_audit()))  # noqa: S314 - our own text

    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert root.findall(".//failure") == []


def test_markdown_of_a_large_audit_fits_a_comment() -> None:
    text = rendered("markdown", large_audit(3_000))

    assert len(text) < 65_536
    assert "2,600 further findings not listed here." in text


def test_markdown_mentions_and_links_nobody() -> None:
    text = rendered("markdown")

    assert "<b>" not in text
    assert "\\<b\\>bold" in text
    assert "\\| pipe" in text
