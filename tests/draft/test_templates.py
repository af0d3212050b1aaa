"""The templates on the pages: for operators that the page's mode has, with words and fixtures that there are."""

import ast
import re

import pytest

from greenroom import api
from greenroom.catalogue.templates import templates_of
from greenroom.draft.file import fixture_text, wanted_by
from greenroom.draft.placeholders import WORDS
from greenroom.model.mode import FailureMode

TEMPLATES = [(mode, template) for mode in api.modes() for template in templates_of(mode)]
FRAMEWORKS = ("asgi", "flask", "django", "aiohttp")


@pytest.mark.parametrize(
    "mode", [mode for mode in api.modes() if list(templates_of(mode))], ids=lambda mode: mode.code
)
def test_they_are_for_operators_of_their_mode(mode: FailureMode) -> None:
    known = {operator.key for operator in mode.operators}

    assert {key for template in templates_of(mode) for key in template.operators} <= known


@pytest.mark.parametrize(("mode", "template"), TEMPLATES)
def test_they_are_tests(mode: FailureMode, template: object) -> None:
    (text,) = {each.text for each in templates_of(mode) if each == template}
    names = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert names[0].startswith("test_")


@pytest.mark.parametrize(
    "template",
    [template for _, template in TEMPLATES if template.operators],
    ids=lambda each: each.operators[0],
)
def test_what_they_ask_for_is_there(template: object) -> None:
    (text,) = {each.text for _, each in TEMPLATES if each == template}
    capitals = {word for word in re.findall(r"\b[A-Z][A-Z_]{3,}\b", text) if word != "TODO"}

    assert capitals <= WORDS
    for fixture in wanted_by(text):
        assert any(fixture_text(fixture, framework) for framework in FRAMEWORKS), fixture
