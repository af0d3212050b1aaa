import pytest

from greenroom.detect.gate import broken_rules, read_rules
from greenroom.model.audit import Audit, ProjectSummary
from greenroom.model.finding import Finding, Severity
from greenroom.model.score import Score
from greenroom.project.files.errors import ConfigurationError
from tests.detect.findings import finding


def audit(*findings: Finding, score: float | None = 6.0) -> Audit:
    return Audit(
        project=ProjectSummary(
            name="shop", files={"production": 1}, lines=10, frameworks=(), source_roots=(".",),
            test_commands=(), left_out=(), elapsed=0.1,
        ),
        findings=findings,
        tests=(),
        integration_points=(),
        routes=(),
        score=Score(overall=score, cap=8.0, verdict="", families=(), bars=()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "breaks"),
    [
        ("low", True),
        ("medium", True),
        ("high", False),
        ("EVL001", True),
        ("EVL", True),
        ("evl", True),
        ("DEP", False),
        ("score<6", False),
        ("score<6.5", True),
        ("score < 7", True),
    ],
)
def test_a_rule_on_one_medium_finding_and_a_score_of_six(rule: str, *, breaks: bool) -> None:
    assert broken_rules(audit(finding(severity=Severity.MEDIUM)), (rule,)) == ((rule,) if breaks else ())


def test_without_findings_the_default_is_passed() -> None:
    assert broken_rules(audit(), ("low",)) == ()


def test_what_is_hidden_fails_nothing() -> None:
    hidden = Finding(
        **{
            **{name: getattr(finding(), name) for name in Finding.__dataclass_fields__},
            "shown": False,
            "hidden_because": "in the baseline",
        }
    )

    assert broken_rules(audit(hidden), ("low", "EVL")) == ()


def test_a_score_that_could_not_be_made_is_not_good_enough() -> None:
    assert broken_rules(audit(score=None), ("score<1",)) == ("score<1",)


def test_all_broken_rules_are_named() -> None:
    assert broken_rules(audit(finding()), ("high", "DEP", "score<9")) == ("high", "score<9")


def test_no_rules_cannot_fail() -> None:
    assert broken_rules(audit(finding()), ()) == ()


def test_all_rules_that_nobody_understands_are_told() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_rules(("urgent", "low", "score>3", "ABC"))

    assert len(caught.value.problems) == 3
