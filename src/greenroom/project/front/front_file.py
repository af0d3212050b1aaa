"""A front-end file of the audited project in its compact form."""

import marshal
from collections import defaultdict
from typing import Any

from greenroom.project.front.facts import (
    Binding,
    Call,
    Class,
    Element,
    Export,
    Function,
    Import,
    Parameter,
    Shape,
    Variable,
    last_name,
)
from greenroom.project.front.kind import FrontKind


class FrontFile:
    """One file; its body is decoded when asked for, and can be put away again."""

    __slots__ = ("_body", "_by_name", "_defined", "_packed", "classes", "exports", "failed", "imports", "kind", "line_count", "mentioned", "path", "shapes",
                 "variables", "words")  # fmt: skip

    def __init__(self, path: str, kind: FrontKind, packed: tuple[Any, ...]) -> None:
        """Take over what `compact` made of the file."""
        imports, exports, classes, shapes, variables, words, mentioned, line_count, failed, body = packed
        self.path = path
        self.kind = kind
        self.imports = tuple([Import._make(part) for part in imports])
        self.exports = tuple([Export._make(part) for part in exports])
        self.classes = tuple([Class._make(part) for part in classes])
        self.shapes = tuple([Shape._make(part) for part in shapes])
        self.variables = tuple([Variable._make(part) for part in variables])
        self.words: frozenset[str] = frozenset(words)
        """Last parts of the names that it calls, and the tags of its components."""
        self.mentioned: frozenset[str] = frozenset(mentioned)
        """Names of functions and methods that it hands over, imports or reads."""
        self.line_count: int = line_count
        self.failed: int = failed
        """Line of the first thing that does not parse; 0: all does."""
        self._packed: bytes = body
        self._body: tuple[Any, ...] | None = None
        self._by_name: dict[str, list[int]] | None = None
        self._defined: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"<front file {self.path}>"

    def _decoded(self) -> tuple[Any, ...]:
        if self._body is None:
            functions, bindings, calls, elements = marshal.loads(self._packed)  # noqa: S302  its pack has the right checksum
            self._body = (
                tuple([_function(part) for part in functions]),
                tuple([Binding._make(part) for part in bindings]),
                tuple([Call._make(part) for part in calls]),
                tuple([Element._make(part) for part in elements]),
            )
        return self._body

    def put_away(self) -> None:
        """Keep only the packed form of the body."""
        self._body = None

    @property
    def functions(self) -> tuple[Function, ...]:
        """Number 0 is the module itself."""
        found: tuple[Function, ...] = self._decoded()[0]
        return found

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """In source order."""
        found: tuple[Binding, ...] = self._decoded()[1]
        return found

    @property
    def calls(self) -> tuple[Call, ...]:
        """A call inside another's arguments comes before it."""
        found: tuple[Call, ...] = self._decoded()[2]
        return found

    @property
    def elements(self) -> tuple[Element, ...]:
        """JSX elements of components, in source order."""
        found: tuple[Element, ...] = self._decoded()[3]
        return found

    def calls_of(self, name: str) -> list[Call]:
        """The calls of what is called so, whatever it is asked of."""
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for number, call in enumerate(self.calls):
                self._by_name[last_name(call.callee)].append(number)
        numbers = self._by_name.get(name)
        return [] if numbers is None else [self.calls[number] for number in numbers]

    def defines(self, name: str) -> bool:
        """Whether one of its functions has this very name."""
        if self._defined is None:
            self._defined = frozenset([function.name for function in self.functions])
        return name in self._defined

    def enclosing(self, function: int) -> list[int]:
        """The function and all around it, innermost first."""
        found = []
        while function >= 0:
            found.append(function)
            function = self.functions[function].parent
        return found

    def name_at(self, function: int) -> str:
        """The name of the innermost function that has one; empty at the module's level."""
        return next((name for index in self.enclosing(function) if (name := self.functions[index].name)), "")


def _function(raw: tuple[Any, ...]) -> Function:
    function = Function._make(raw)
    if not function.parameters:
        return function
    return function._replace(parameters=tuple([Parameter._make(part) for part in function.parameters]))
