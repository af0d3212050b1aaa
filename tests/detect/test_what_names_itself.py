"""`name = name or other`, `call = call(value)`: whoever follows a name to what it was given must come to an end.

Every page of the catalogue says what its detector looks at; here all of that is written so that it leads back to itself.
"""

import ast
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from greenroom import api
from greenroom.catalogue import all_modes
from tests.catalogue.cases import read_page

_Rewrite = Callable[[str, str], str]
"""Of what is assigned to, and of what is assigned to it, as they are written."""
_LEADING_BACK: dict[str, _Rewrite] = {
    "or": lambda name, value: f"{name} = {name} or ({value})",
    "call": lambda name, value: f"{name} = {name}(({value}), again={name})",
    "itself": lambda name, _: f"{name} = {name}",
    "in turns": lambda name, value: f"{name}_ = {name}\n{name} = {name}_ or ({value})\n{name} = {name}_",
    "condition": lambda name, value: f"{name} = ({value})\nif not {name} and {name}:\n    {name} = {name}",
    "mapping": lambda name, value: f"{name} = {{**{name}, 'part': ({value})}}",
    "text": lambda name, value: f"{name} = f'{{{name}}}'.get({name}, ({value}))",
}


class _LeadBack(ast.NodeTransformer):
    """Rewrites plain assignments; each in another way, beginning with one of them."""

    def __init__(self, first: int) -> None:
        self._numbers = count(first)
        self._ways = tuple(_LEADING_BACK.values())

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        [target, *further] = node.targets
        if further or not isinstance(target, ast.Name | ast.Attribute):
            return [node]
        way = self._ways[next(self._numbers) % len(self._ways)]
        return ast.parse(way(ast.unparse(target), ast.unparse(node.value))).body


@pytest.mark.parametrize("first", range(len(_LEADING_BACK)), ids=_LEADING_BACK)
def test_what_every_page_shows_may_lead_back_to_itself(first: int, tmp_path: Path) -> None:
    written = 0
    for number, case in enumerate(case for mode in all_modes() for case in read_page(mode).cases):
        if number % len(_LEADING_BACK) == first:
            for name, text in case.files.items():
                path = tmp_path / f"case_{number}" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_led_back(text, number) if name.endswith(".py") else text)
                written += name.endswith(".py")

    audit = api.audit(tmp_path)

    read = audit.project.files  # not one of them stopped the audit
    assert sum(read.values()) >= written * 0.9 > 0


def _led_back(text: str, first: int) -> str:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text  # a page on files that do not parse
    return ast.unparse(ast.fix_missing_locations(_LeadBack(first).visit(tree)))
