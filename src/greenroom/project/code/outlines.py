"""What a scope's header tells of its body, so that few bodies are decoded."""

import sys
from collections.abc import Iterable
from typing import Any

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression


def sets_elsewhere(statements: Iterable[tuple[Any, ...]]) -> bool:
    """As `ScopeFacts.sets_elsewhere` says."""
    shared: set[str] = set()
    plain: set[str] = set()
    for kind, _, _, _, target, value, _ in statements:
        if kind == "global":
            shared.update(target)
        elif kind in ("assign", "annotate") and _is_called(value):
            for name in target if kind == "assign" else (target,):
                if type(name) is str:
                    if name.count(".") > name.startswith("self."):
                        return True
                    plain.add(name)
    return not shared.isdisjoint(plain)


def _is_called(value: Expression) -> bool:
    return type(value[1] if type(value) is tuple and value[0] == facts.AWAIT else value) is int


def names_called(calls: Iterable[list[Any]]) -> tuple[str, ...]:
    """As `ScopeFacts.called` says."""
    found = dict.fromkeys(
        [facts.RESULT if type(call[3]) is int else sys.intern(facts.last_name(call[3])) for call in calls]
    )
    found.pop("", None)
    return tuple(found)
