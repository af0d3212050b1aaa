"""Is it decided by how the product is set up whether a call is made: `if settings.hook:`, `if stage == "PROD": return`?"""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope

_SETTINGS: Final = re.compile(
    r"(?:^|[._])(?:settings?|conf|config|configuration|options?|environ|getenv|flags?|features?|app)(?:[._]|$)",
    re.IGNORECASE,
)
"""What says how the product is set up, in the name of a thing or of a part of it."""
_LEAVES: Final = ("return", "raise")


def depends_on_set_up(scope: Scope, call: Call) -> bool:
    """Whether a test of a setting stands around it, or before it and leaves; also of a name that is given such a value."""
    return any(_asks_a_setting(scope, test) or _asks_the_stage(scope, test) for test in _tests(scope, call))


def _tests(scope: Scope, call: Call) -> Iterator[Expression]:
    """What decides whether it is come to."""
    body, flow = scope.body, Flow(scope.body)
    for block in body.enclosing(call.block):
        if block.kind == "if":
            yield block.detail
        elif block.kind == "else" and body.blocks[block.owner].kind == "if":
            yield body.blocks[block.owner].detail
    left = {part.block for part in body.statements if part.kind in _LEAVES}
    for number, block in enumerate(body.blocks):
        is_before = number in left and block.kind == "if" and block.end_line < call.line
        if is_before and flow.inside(call.block, block.parent):
            yield block.detail


def _asks_a_setting(scope: Scope, test: Expression) -> bool:
    body = scope.body
    names = {part for part in deep(body, test) if isinstance(part, str)}
    given = [
        part.value for part in body.statements if part.kind == "assign" and not names.isdisjoint(part.target)
    ]
    said = {part for value in given for part in deep(body, value) if isinstance(part, str)}
    return any(_SETTINGS.search(name) for name in names | said)


def _asks_the_stage(scope: Scope, test: Expression) -> bool:
    """`STAGE == "PROD"`, of a name that is none of the function's own and the same for every request."""
    return any(
        type(part) is tuple
        and part[0] == facts.COMPARE
        and any(isinstance(facts.constant(side), str) for side in part[2])
        and any(isinstance(side, str) and _is_of_module(scope, side) for side in part[2])
        for part in facts.walk(test)
    )


def _is_of_module(scope: Scope, name: str) -> bool:
    module = scope.module
    imported = {part.alias for part in module.imports_in(module.top.index) if part.name is not None}
    if name not in module.variables and name not in imported:
        return False
    own = {part.name for part in scope.parameters}
    own |= {
        name
        for part in scope.body.statements
        if part.kind == "assign"
        for name in part.target
        if isinstance(name, str)
    }
    return name not in own
