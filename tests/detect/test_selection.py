import pytest

from greenroom.detect.changed import ChangedLines
from greenroom.detect.selection import apply_selection, check_codes, is_open, is_selected
from greenroom.detect.suppression import Suppression, Suppressions
from greenroom.model.finding import Confidence, Finding, Severity
from greenroom.model.mode import FailureMode, Family
from greenroom.model.settings import Settings
from greenroom.project.files.errors import ConfigurationError
from tests.detect.findings import finding

NONE = Suppressions()


def hidden_because(found: Finding, settings: Settings, **sources: object) -> str:
    selection = apply_selection([found], settings, **{"suppressions": NONE, **sources})  # type: ignore[arg-type]
    (judged,) = selection.findings
    assert judged.shown == (not judged.hidden_because)
    return judged.hidden_because


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), True),
        (("EVL",), (), True),
        (("DEP",), (), False),
        (("EVL001",), (), True),
        ((), ("EVL",), False),
        ((), ("EVL001",), False),
        (("EVL",), ("EVL001",), False),
        (("EVL001",), ("EVL",), True),
        (("EVL001",), ("EVL001",), False),
        (("DEP", "EVL0"), ("EVL",), True),
    ],
)
def test_the_longer_prefix_wins(select: tuple[str, ...], ignore: tuple[str, ...], *, expected: bool) -> None:
    assert is_selected("EVL001", select, ignore) is expected


def test_by_default_everything_but_the_possible_is_shown() -> None:
    assert hidden_because(finding(confidence=Confidence.DEFINITE), Settings()) == ""
    assert hidden_because(finding(confidence=Confidence.PROBABLE), Settings()) == ""
    assert hidden_because(finding(confidence=Confidence.POSSIBLE), Settings()) == "only possible"
    assert hidden_because(finding(confidence=Confidence.POSSIBLE), Settings(possible=True)) == ""


def test_what_is_not_selected_stays_in_the_findings() -> None:
    assert hidden_because(finding(), Settings(select=("TST",))) == "not selected"


@pytest.mark.parametrize("pattern", ["app/main.py", "app/*", "app/**", "app/", "*.py", "main.py"])
def test_codes_are_ignored_for_paths(pattern: str) -> None:
    settings = Settings(per_file_ignores={pattern: ("EVL",)})

    assert hidden_because(finding(), settings) == f"not selected: per-file-ignores {pattern}"
    assert hidden_because(finding(code="DEP001"), settings) == ""


def test_other_paths_are_not_ignored() -> None:
    assert hidden_because(finding(), Settings(per_file_ignores={"tests/*": ("EVL",)})) == ""


def test_severities_below_the_minimum_are_hidden() -> None:
    settings = Settings(minimum_severity=Severity.MEDIUM)

    assert hidden_because(finding(severity=Severity.LOW), settings) == "not selected: low severity"
    assert hidden_because(finding(severity=Severity.MEDIUM), settings) == ""


def test_what_did_not_change_is_hidden() -> None:
    changed = ChangedLines(revision="main", lines={"app/main.py": frozenset({10})})

    assert hidden_because(finding(line=10), Settings(), changed=changed) == ""
    assert (
        hidden_because(finding(line=9), Settings(), changed=changed)
        == "outside of the change: nothing of it has changed since main"
    )


def test_a_baseline_accepts_as_many_as_it_counts() -> None:
    twins = [finding(line=10), finding(line=20), finding(line=30)]

    selection = apply_selection(twins, Settings(), suppressions=NONE, baseline={twins[0].key: 2})

    assert [each.hidden_because for each in selection.findings] == ["in the baseline", "in the baseline", ""]
    assert selection.notices == ()


def test_what_the_baseline_still_holds_and_nobody_finds_is_told() -> None:
    selection = apply_selection([finding()], Settings(), suppressions=NONE, baseline={"EVL001 gone.py f": 2})

    (notice,) = selection.notices
    assert "2 entries of the baseline no longer found (EVL001 gone.py f)" in notice


def test_a_baseline_entry_is_not_stale_because_its_code_is_not_selected() -> None:
    found = finding()

    selection = apply_selection(
        [found], Settings(select=("TST",)), suppressions=NONE, baseline={found.key: 1}
    )

    assert selection.notices == ()


def test_a_suppressed_finding_needs_no_place_in_the_baseline() -> None:
    found = finding()
    comment = Suppression(path="app/main.py", line=10, codes=("EVL001",), reason="once a day", alone=False)

    selection = apply_selection(
        [found], Settings(), suppressions=Suppressions(comments=(comment,)), baseline={found.key: 1}
    )

    assert selection.findings[0].hidden_because == "suppressed: once a day"
    assert len(selection.notices) == 1


def test_open_is_what_would_be_shown_without_a_baseline() -> None:
    found = [finding(), finding(code="DEP001"), finding(confidence=Confidence.POSSIBLE, key="else")]

    selection = apply_selection(found, Settings(), suppressions=NONE, baseline={found[0].key: 1})

    assert [is_open(each) for each in selection.findings] == [True, True, False]


def test_all_codes_that_do_not_exist_are_refused_at_once() -> None:
    settings = Settings(select=("EVL", "EVL999"), per_file_ignores={"a/*": ("DEP7",)})

    with pytest.raises(ConfigurationError) as caught:
        check_codes(settings, [_mode("EVL001"), _mode("DEP001")])

    assert len(caught.value.problems) == 2
    assert caught.value.problems[0].startswith(
        "select: `EVL999` is no code of the catalogue; did you mean EVL"
    )


def test_a_family_may_be_named_before_it_has_entries() -> None:
    check_codes(Settings(ignore=("SEC", "EVL0")), [_mode("EVL001")])


def _mode(code: str) -> FailureMode:
    return FailureMode(
        code=code, name="n", family=Family(code[:3]), summary="s", consequence="c", remedy="r", source="s"
    )
