"""A Python file of the audited project, and the scopes in it."""

import marshal
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from greenroom.project.code.facts import (
    Body,
    Expression,
    Import,
    Parameter,
    Placed,
    ScopeFacts,
)
from greenroom.project.code.readings import Readings
from greenroom.project.code.searches import Needles, Searches, search
from greenroom.project.files.kind import FileKind

_Plain = TypeVar("_Plain")
# As for the parts of a body: a large project has a hundred thousand of them.
_AS_IMPORT = partial(tuple.__new__, Import)
_AS_PLACED = partial(tuple.__new__, Placed)
_AS_PARAMETER = partial(tuple.__new__, Parameter)
_AS_FACTS = partial(tuple.__new__, ScopeFacts)
_PARAMETERS = ScopeFacts._fields.index("parameters")


class BodyShelf:
    """Decoded bodies of the scopes read last; the others stay in their packed form.

    Keeping every body decoded would cost about ten times the size of the source.
    """

    def __init__(self, most: int = 6_000_000) -> None:
        self._most = most
        """Packed bytes of what is decoded at a time."""
        self._size = 0
        self._open: deque[tuple[Scope, int]] = deque()

    def open(self, scope: "Scope", packed: bytes) -> Body:
        """Decode a body, and put away what was decoded longest ago where there is too much."""
        body = Body(*marshal.loads(packed))  # noqa: S302  written by this process, or guarded by a checksum
        self._open.append((scope, len(packed)))
        self._size += len(packed)
        while self._size > self._most and len(self._open) > 1:
            oldest, size = self._open.popleft()
            oldest.put_away()
            self._size -= size
        return body


class Scope:
    """A module, class, function or lambda of the project; compared by identity."""

    __slots__ = ("_body", "children", "facts", "index", "kind", "module", "name", "parent")

    def __init__(self, module: "Module", index: int, facts: ScopeFacts) -> None:
        self.module = module
        self.index = index
        self.facts = facts
        self.kind = facts.kind
        """One of module, class, function, lambda."""
        self.name = facts.name
        self.parent: Scope | None = None
        self.children: list[Scope] = []
        self._body: Body | None = None

    def __repr__(self) -> str:
        return f"<{self.kind} {self.module.path}::{self.qualname or '<module>'}>"

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
        if self._body is None:
            self._body = self.module.shelf.open(self, self.module.packed_body(self.index))
        return self._body

    def put_away(self) -> None:
        """Keep only the packed form."""
        self._body = None

    @property
    def is_function(self) -> bool:
        """Function or lambda."""
        return self.kind in ("function", "lambda")

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
        "_local_imports", "bit", "digest", "ends", "error", "exports", "folder", "imports", "kind", "line_count", "name", "packed_bodies",
        "path", "placed", "readings", "scopes", "searches", "shelf", "suppressions", "variables",
    )  # fmt: skip

    def __init__(self, path: str, kind: FileKind, shelf: BodyShelf) -> None:
        self.path = path
        self.folder = path.rpartition("/")[0]
        self.kind = kind
        self.shelf = shelf
        self.name = ""
        """Dotted name under its source root; set by the module index."""
        self.bit = 0
        """Its place in sets of modules that are kept as bits; set by the module index."""
        self.digest = ""
        self.line_count = 0
        self.error: tuple[int, str] | None = None
        """Line and message where the file does not parse; then there is one empty module scope."""
        self.imports: tuple[Import, ...] = ()
        self.exports: tuple[str, ...] | None = None
        """`__all__`, where it is a literal."""
        self.variables: tuple[str, ...] = ()
        """Names that assignments bind at its top, also by `global` in functions; sorted."""
        self.placed: tuple[Placed, ...] = ()
        """By scope."""
        self.scopes: tuple[Scope, ...] = ()
        self.suppressions: tuple[tuple[int, str, str], ...] = ()
        """`# greenroom: ignore[CODES] reason` comments: line, codes, reason."""
        self.packed_bodies = b""
        """One after the other, by scope index; good for finding out what does not occur in them."""
        self.ends: tuple[int, ...] = ()
        """Where each scope's body ends in them."""
        self.searches: Searches | None = None
        """What is known of where something is mentioned in it."""
        self.readings: Readings | None = None
        """What is known of what stands in it."""
        self._local_imports: dict[int, list[Import]] | None = None

    def __repr__(self) -> str:
        return f"<module {self.path}>"

    @property
    def top(self) -> Scope:
        """The module's own scope."""
        return self.scopes[0]

    @property
    def bodies(self) -> tuple[Body, ...]:
        """By scope index."""
        return tuple([scope.body for scope in self.scopes])

    def imports_in(self, index: int) -> Sequence[Import]:
        """What the scope of this index imports."""
        if self._local_imports is None:
            self._local_imports = {}
            for part in self.imports:
                self._local_imports.setdefault(part.scope, []).append(part)
        return self._local_imports.get(index, ())

    def mentions(self, index: int, word: bytes) -> bool:
        """Whether the word can occur in one scope's body, told from its packed form."""
        start = self.ends[index - 1] if index else 0
        return self.packed_bodies.find(word, start, self.ends[index]) >= 0

    def places(self, needles: Needles) -> int:
        """The scopes whose bodies can hold one of these words: the bits of their indices."""
        if self.searches is None:
            return search(self.packed_bodies, self.ends, needles)
        return self.searches.places(self.digest, self.packed_bodies, self.ends, needles)

    def reading(self, reader: "Callable[[Module], _Plain]") -> _Plain:
        """What a reader makes of this file; kept by content, see `Readings`."""
        if self.readings is None:
            return reader(self)
        name = f"{reader.__module__}.{reader.__qualname__}"
        found: _Plain = self.readings.of(self.digest, name, partial(reader, self))
        return found

    def packed_body(self, index: int) -> bytes:
        """The packed form of one scope's body."""
        return self.packed_bodies[self.ends[index - 1] if index else 0 : self.ends[index]]

    def load(self, packed: tuple[Any, ...]) -> None:
        """Take over what `cache.pack` kept of this file."""
        headers, imports, exports, variables, placed, bodies, ends, line_count, error, suppressions = packed
        self.exports = exports
        self.variables = variables
        self.imports = tuple(map(_AS_IMPORT, imports))
        self.placed = tuple(map(_AS_PLACED, placed))
        self.line_count = line_count
        self.error = error
        self.suppressions = suppressions
        self.packed_bodies = bodies
        self.ends = ends
        scopes = [Scope(self, n, _header(header)) for n, header in enumerate(headers)]
        for scope in scopes[1:]:
            scope.parent = scopes[scope.facts.parent]
            scope.parent.children.append(scope)
        self.scopes = tuple(scopes)


def _header(raw: tuple[Any, ...]) -> ScopeFacts:
    parameters = raw[_PARAMETERS]
    if parameters:
        raw = (*raw[:_PARAMETERS], tuple(map(_AS_PARAMETER, parameters)), *raw[_PARAMETERS + 1 :])
    return _AS_FACTS(raw)
