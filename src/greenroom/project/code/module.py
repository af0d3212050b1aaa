"""A Python file of the audited project, and the scopes in it."""

import marshal
from collections import OrderedDict
from typing import Any

from greenroom.project.code.facts import (
    Block,
    Body,
    Call,
    Expression,
    Import,
    Parameter,
    ScopeFacts,
    Statement,
)
from greenroom.project.files.kind import FileKind


class BodyShelf:
    """Decoded bodies of the modules used last; the others stay in their packed form.

    Keeping every body decoded would cost about ten times the size of the source.
    """

    def __init__(self, line_limit: int = 150_000) -> None:
        self._line_limit = line_limit
        self._lines = 0
        self._open: OrderedDict[str, tuple[Body, ...]] = OrderedDict()
        self._sizes: dict[str, int] = {}

    def bodies(self, module: "Module") -> tuple[Body, ...]:
        """The bodies of all scopes of the module, by scope index."""
        found = self._open.get(module.path)
        if found is None:
            found = _decode(module.packed_bodies)
            self._open[module.path] = found
            self._sizes[module.path] = module.line_count
            self._lines += module.line_count
            while self._lines > self._line_limit and len(self._open) > 1:
                oldest, _ = self._open.popitem(last=False)
                self._lines -= self._sizes.pop(oldest)
        else:
            self._open.move_to_end(module.path)
        return found


def _decode(packed: bytes | memoryview) -> tuple[Body, ...]:
    return tuple(
        [
            Body(
                tuple([Call._make(call) for call in calls]),
                tuple([Block._make(block) for block in blocks]),
                tuple([Statement._make(statement) for statement in statements]),
            )
            for calls, blocks, statements in marshal.loads(packed)  # noqa: S302  written by this process, or guarded by a checksum
        ]
    )


class Scope:
    """A module, class, function or lambda of the project; compared by identity."""

    __slots__ = ("children", "facts", "index", "module", "parent")

    def __init__(self, module: "Module", index: int, facts: ScopeFacts) -> None:
        self.module = module
        self.index = index
        self.facts = facts
        self.parent: Scope | None = None
        self.children: list[Scope] = []

    def __repr__(self) -> str:
        return f"<{self.kind} {self.module.path}::{self.qualname or '<module>'}>"

    @property
    def kind(self) -> str:
        """One of module, class, function, lambda."""
        return self.facts.kind

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def qualname(self) -> str:
        return self.facts.qualname

    @property
    def line(self) -> int:
        return self.facts.line

    @property
    def end_line(self) -> int:
        return self.facts.end_line

    @property
    def is_async(self) -> bool:
        return self.facts.is_async

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.facts.parameters

    @property
    def decorators(self) -> tuple[Expression, ...]:
        """Their calls are in the parent's body."""
        return self.facts.decorators

    @property
    def body(self) -> Body:
        """What stands in this scope, without its inner scopes."""
        return self.module.bodies[self.index]

    @property
    def is_function(self) -> bool:
        """Function or lambda."""
        return self.facts.kind in ("function", "lambda")

    @property
    def owner(self) -> "Scope | None":
        """The class, for a method."""
        parent = self.parent
        return parent if parent is not None and parent.kind == "class" else None

    @property
    def path(self) -> str:
        return self.module.path


class Module:
    """One Python file in its compact form."""

    __slots__ = (
        "digest", "error", "exports", "imports", "kind", "line_count", "name", "packed_bodies",
        "path", "scopes", "shelf", "suppressions",
    )  # fmt: skip

    def __init__(self, path: str, kind: FileKind, shelf: BodyShelf) -> None:
        self.path = path
        self.kind = kind
        self.shelf = shelf
        self.name = ""
        """Dotted name under its source root; set by the module index."""
        self.digest = ""
        self.line_count = 0
        self.error: tuple[int, str] | None = None
        """Line and message where the file does not parse; then there is one empty module scope."""
        self.imports: tuple[Import, ...] = ()
        self.exports: tuple[str, ...] | None = None
        """`__all__`, where it is a literal."""
        self.scopes: tuple[Scope, ...] = ()
        self.suppressions: tuple[tuple[int, str, str], ...] = ()
        """`# greenroom: ignore[CODES] reason` comments: line, codes, reason."""
        self.packed_bodies: bytes | memoryview = b""

    def __repr__(self) -> str:
        return f"<module {self.path}>"

    @property
    def top(self) -> Scope:
        """The module's own scope."""
        return self.scopes[0]

    @property
    def bodies(self) -> tuple[Body, ...]:
        """By scope index."""
        return self.shelf.bodies(self)

    def load(self, packed: tuple[Any, ...]) -> None:
        """Take over what `cache.pack` kept of this file."""
        headers, imports, exports, bodies, line_count, error, suppressions = packed
        self.exports = exports
        self.imports = tuple([Import._make(part) for part in imports])
        self.line_count = line_count
        self.error = error
        self.suppressions = suppressions
        self.packed_bodies = bodies
        scopes = [Scope(self, n, _header(header)) for n, header in enumerate(headers)]
        for scope in scopes[1:]:
            scope.parent = scopes[scope.facts.parent]
            scope.parent.children.append(scope)
        self.scopes = tuple(scopes)


def _header(raw: tuple[Any, ...]) -> ScopeFacts:
    facts = ScopeFacts._make(raw)
    if facts.parameters:
        facts = facts._replace(parameters=tuple([Parameter._make(part) for part in facts.parameters]))
    return facts
