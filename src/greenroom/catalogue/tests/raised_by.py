"""Which of the calls under a `try` can raise what its handler takes."""

from collections.abc import Mapping

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.testing.origins import Origins


def raised_by(origins: Origins, scope: Scope, types: Expression, tried: Mapping[Call, str]) -> list[Call]:
    """Those of the library whose own exception is the only one that the handler takes; none where it takes others.

    Args:
        origins: of the project.
        scope: a test or fixture.
        types: what the handler takes.
        tried: the calls, with the origin of each.
    """
    taken = [origins.of(scope, part) for part in facts.walk(types) if isinstance(part, str)] if types else []
    heads = {origin.partition(".")[0] if "." in origin and "::" not in origin else "" for origin in taken}
    if len(heads) != 1 or "" in heads or "builtins" in heads:
        return []
    return [call for call, origin in tried.items() if origin.partition(".")[0] in heads]


def spell_handler(scope: Scope, handler: facts.Block) -> str:
    """`except ValueError`."""
    types = handler.detail[0]
    spelled = facts.spell(types, scope.body.calls) if types is not None else ""
    return f"except {spelled}" if spelled else "except"
