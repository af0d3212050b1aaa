"""Is a client there for one function alone, which is not known to ask anything through it?"""

import re

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.project.code.facts import constant, walk

_THIS_MACHINE = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?:[:/]|$)")


def asks_this_machine(crossing: Crossing) -> bool:
    """`requests.get("http://127.0.0.1:8000/orders")`: whoever works on the product tries it."""
    return crossing.made is None and any(
        isinstance(text := constant(part), str) and _THIS_MACHINE.match(text)
        for part in crossing.call.arguments[:2]
    )


def is_only_here(crossing: Crossing) -> bool:
    """A client of this function alone, through which it is not known to ask anything: some calls stay at home."""
    body = crossing.scope.body
    made = {name for part in body.statements if part.kind == "assign" and part.value == crossing.edge.call
            for name in part.target}  # fmt: skip
    if crossing.made is None or crossing.uses or crossing.limited_uses or not crossing.scope.is_function:
        return False
    return (
        len(made) == 1
        and all(isinstance(name, str) and "." not in name for name in made)
        and not crossing.scope.children
        and not _leaves(crossing, next(iter(made)))
    )


def _leaves(crossing: Crossing, name: str) -> bool:
    """Whether the object itself, or something of it, is handed on, kept or given back."""
    body = crossing.scope.body
    values = [part.value for part in body.statements if part.value != crossing.edge.call]
    for call in body.calls:
        values += [*call.arguments, *(value for _, value in call.keywords)]
    values += [
        made for block in body.blocks if block.kind in ("with", "async-with") for made, _ in block.detail
    ]
    return any(
        isinstance(part, str) and (part == name or part.startswith(f"{name}."))
        for value in values
        for part in walk(value)
    ) or any(part.kind == "global" and name in part.target for part in body.statements)
