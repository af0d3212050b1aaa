"""The tests below *Test* on the pages: what `greenroom new-test` makes a test of."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue import page
from greenroom.model.draft import Template
from greenroom.model.mode import FailureMode

_SECTION: Final = "## Test"
_FENCE: Final = re.compile(r"```python(?: +title=\"(?P<operators>[^\"]*)\")?\s*")

_IS_TEST: Final = re.compile(r"(?:async )?def test")


def templates_for(mode: FailureMode, operator: str = "") -> tuple[Template, ...]:
    """The tests that notice an operator of this mode; without one, those that only show what they look like."""
    return tuple(
        each for each in templates_of(mode) if operator in each.operators or not (operator or each.operators)
    )


def templates_of(mode: FailureMode) -> Iterator[Template]:
    """All of its page: blocks of Python below *Test*, each entitled with the operators that it notices."""
    inside, operators = False, ""
    block: list[str] | None = None
    for line in page(mode).splitlines():
        if line.startswith("## ") and block is None:
            inside = line.rstrip() == _SECTION
        elif block is None:
            fence = _FENCE.fullmatch(line) if inside else None
            if fence is not None:
                block, operators = [], fence["operators"] or ""
        elif line.rstrip() == "```":
            if any(_IS_TEST.match(each) for each in block):
                yield Template(text="\n".join(block) + "\n", operators=tuple(operators.split()))
            block = None
        else:
            block.append(line)
