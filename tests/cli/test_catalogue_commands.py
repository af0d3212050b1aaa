import json

import pytest

from greenroom import api
from tests.conftest import RunGreenroom


def test_modes_lists_all_in_order(greenroom: RunGreenroom) -> None:
    lines = greenroom("modes").out.splitlines()

    assert [line.split()[0] for line in lines] == sorted(mode.code for mode in api.modes())
    assert any(line.startswith("EVL001  blocking-call-in-async ") for line in lines)


def test_modes_of_a_family(greenroom: RunGreenroom) -> None:
    lines = greenroom("modes", "evl").out.splitlines()

    assert lines
    assert all(line.startswith("EVL") for line in lines)


def test_modes_for_programs(greenroom: RunGreenroom) -> None:
    document = json.loads(greenroom("modes", "EVL001", "--output-format", "json").out)

    assert [mode["name"] for mode in document] == ["blocking-call-in-async"]
    assert document[0]["lenses"]


def test_no_modes_is_no_success(greenroom: RunGreenroom) -> None:
    outcome = greenroom("modes", "XYZ")

    assert outcome.code == 2
    assert "no code begins with 'XYZ'" in outcome.err


@pytest.mark.parametrize("spelled", ["EVL001", "evl001", "blocking-call-in-async"])
def test_explain_prints_the_page(spelled: str, greenroom: RunGreenroom) -> None:
    outcome = greenroom("explain", spelled)

    assert outcome.code == 0
    assert outcome.out == api.pages()["EVL001"]
    assert "## Flagged" in outcome.out
    assert "## Accepted" in outcome.out


@pytest.mark.parametrize(
    ("spelled", "close"), [("EVL01", "EVL001"), ("blocking-call", "blocking-call-in-async")]
)
def test_a_misspelled_mode_names_the_close_ones(spelled: str, close: str, greenroom: RunGreenroom) -> None:
    outcome = greenroom("explain", spelled)

    assert (outcome.code, outcome.out) == (2, "")
    assert close in outcome.err


def test_an_unknown_mode_names_the_way_on(greenroom: RunGreenroom) -> None:
    assert "greenroom modes" in greenroom("explain", "qqqqqqqq").err
