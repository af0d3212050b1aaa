"""Which names the compact forms of scopes hold, told from how they are spelled."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from greenroom.project.code.module import Scope

_QUOTED: Final = re.compile(r"'([\w.<>]*)")


class QuotedNames:
    """All that stands behind a quotation mark in some scopes, sorted: one look tells whether anything begins with a name.

    Args:
        known: by scope, what was found in it before; is added to.
        scopes: where to look.
    """

    def __init__(self, known: dict[Scope, frozenset[str]], scopes: Iterable[Scope]) -> None:
        self._known = known
        self._words: list[str] = []
        self.add(scopes)

    def add(self, scopes: Iterable[Scope]) -> None:
        """Look there too."""
        self._words = sorted(frozenset(self._words).union(*map(self._of, scopes)))

    def hold(self, name: str) -> bool:
        """Whether anything there begins with the name."""
        at = bisect_left(self._words, name)
        return at < len(self._words) and self._words[at].startswith(name)

    def _of(self, scope: Scope) -> frozenset[str]:
        found = self._known.get(scope)
        if found is None:
            found = self._known[scope] = frozenset(_QUOTED.findall(_text_of(scope)))
        return found


def _text_of(scope: Scope) -> str:
    """The compact forms of its body, parameters, bases and decorators."""
    body = scope.body
    calls = scope.parent.body.calls if scope.parent is not None else ()
    return repr(
        (
            body.calls, body.statements, body.blocks, scope.parameters, scope.decorators,
            scope.facts.bases if scope.kind == "class" else (),
            [calls[part] for part in scope.decorators if isinstance(part, int)] if calls else (),
        )
    )  # fmt: skip
