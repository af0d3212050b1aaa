"""What each operator makes of code, and what it leaves alone, exactly as the pages show it."""

import difflib
import re

import pytest

from greenroom.catalogue import all_modes
from greenroom.model.mode import FailureMode
from greenroom.model.operator import Operator
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source
from tests.catalogue.cases import Seeded, read_mutants
from tests.catalogue.test_pages import is_one_sentence

OPERATORS = [(mode, operator) for mode in all_modes() for operator in mode.operators]
CASES = [(mode, case) for mode in all_modes() if mode.operators for case in read_mutants(mode)]

each_operator = pytest.mark.parametrize(
    ("mode", "operator"), [pytest.param(mode, operator, id=operator.key) for mode, operator in OPERATORS]
)
each_case = pytest.mark.parametrize(
    ("mode", "case"), [pytest.param(mode, case, id=f"{case.operator}-{case.title}") for mode, case in CASES]
)


def test_keys_and_names_are_unique() -> None:
    assert len({operator.key for _, operator in OPERATORS}) == len(OPERATORS) > 0
    assert len({operator.name for _, operator in OPERATORS}) == len(OPERATORS)


@each_operator
def test_an_operator_says_what_it_does_what_users_see_and_what_would_notice(
    mode: FailureMode, operator: Operator
) -> None:
    assert re.fullmatch(r"[A-Z]\d{1,2}", operator.key)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", operator.name)
    assert 1 <= operator.weight <= 5
    for text in (operator.summary, operator.consequence, operator.noticed_by):
        assert is_one_sentence(text), text
    assert mode.operators


@each_operator
def test_its_page_shows_what_it_changes_and_what_it_leaves_alone(
    mode: FailureMode, operator: Operator
) -> None:
    cases = [case for case in read_mutants(mode) if case.operator == operator.key]

    assert [case for case in cases if case.diffs]
    assert [case for case in cases if not case.diffs]


@each_case
def test_mutants_are_exactly_those_of_the_page(mode: FailureMode, case: Seeded) -> None:
    source = Source(case.path, case.text)
    assert case.operator in {operator.key for operator in mode.operators}

    mutants = [mutant for mutant in seed(source, [mode]) if mutant.operator == case.operator]

    assert [changed(case.text, mutant.applied_to(case.text)) for mutant in mutants] == list(case.diffs)
    for mutant in mutants:
        assert is_one_sentence(mutant.note), mutant.note
        assert mutant.lines


def changed(before: str, after: str) -> str:
    """The lines that go and come, without context."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@"))
