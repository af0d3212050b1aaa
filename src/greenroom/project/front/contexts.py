"""React contexts: where they are made, who provides and who consumes them.

Found by import path: two contexts of one name are two.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from greenroom.project.front import facts
from greenroom.project.front.evaluation import Evaluation
from greenroom.project.front.facts import Element, Expression
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.front.thing import Context

_MAKERS = frozenset({"react.createContext", "react.default.createContext", "preact.createContext", "createContext",
                     "use-context-selector.createContext"})  # fmt: skip
_CONSUMERS = frozenset({"useContext", "use", "useContextSelector"})
_PARTS = frozenset({"Provider", "Consumer"})

ContextKey = tuple[str, int]
"""File and index of the call of `createContext`."""


class MadeContext(NamedTuple):
    """One call of `createContext`."""

    file: FrontFile
    line: int
    name: str
    default: Expression
    """What consumers get where nobody provides it; None: nothing."""


class Use(NamedTuple):
    """A place where a context is provided or consumed."""

    file: FrontFile
    line: int
    function: int


class Contexts:
    """All contexts of production files."""

    def __init__(self, files: Mapping[str, FrontFile], evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._files = [
            file for file in files.values() if file.kind in (FrontKind.PRODUCTION, FrontKind.GENERATED)
        ]
        self.made: dict[ContextKey, MadeContext] = {}
        self.provided: dict[ContextKey, list[Use]] = defaultdict(list)
        self.consumed: dict[ContextKey, list[Use]] = defaultdict(list)
        for file in self._files:
            if "createContext" in file.words:
                self.made.update(self._made_in(file))
        if self.made:
            for file in self._files:
                self._read_uses(file)

    def _made_in(self, file: FrontFile) -> Iterator[tuple[ContextKey, MadeContext]]:
        names = {binding.value: binding.name for binding in file.bindings if isinstance(binding.value, int)}
        for index, call in enumerate(file.calls):
            if facts.last_name(call.callee) == "createContext" and index in names:
                callee = self._evaluation.evaluate(Context(file, call.function), call.callee)
                if any(thing.kind == "library" and thing.ref in _MAKERS for thing in callee):
                    default = call.arguments[0] if call.arguments else None
                    yield (file.path, index), MadeContext(file, call.line, names[index], default)

    def _read_uses(self, file: FrontFile) -> None:
        for element in file.elements:
            base, _, last = element.tag.rpartition(".")
            target = self.consumed if last == "Consumer" else self.provided
            if last in _PARTS and base:
                self._note(target, file, base, element.line, element.function)
            else:
                self._note_part(file, element)
            if not base:  # React 19 has `<Theme value={…}>`
                self._note(target, file, element.tag, element.line, element.function)
        for call in file.calls:
            name = facts.last_name(call.callee)
            given = call.arguments[0] if call.arguments else None
            if name in _CONSUMERS:
                self._note(self.consumed, file, given, call.line, call.function)
            elif name == "createElement" and isinstance(given, str) and given.endswith(".Provider"):
                self._note(self.provided, file, given.removesuffix(".Provider"), call.line, call.function)

    def _note(
        self,
        target: dict[ContextKey, list[Use]],
        file: FrontFile,
        expression: Expression,
        line: int,
        function: int,
    ) -> None:
        for key in self._keys(file, function, expression):
            target[key].append(Use(file, line, function))

    def _note_part(self, file: FrontFile, element: Element) -> None:
        """`export const ThemeProvider = Theme.Provider`, mounted by that name."""
        for thing in self._evaluation.evaluate(Context(file, element.function), element.tag):
            if thing.kind == "member" and thing.ref[1] in _PARTS and thing.ref[0].kind == "made":
                context, index, _ = thing.ref[0].ref
                if (context.file.path, index) in self.made:
                    target = self.consumed if thing.ref[1] == "Consumer" else self.provided
                    target[context.file.path, index].append(Use(file, element.line, element.function))

    def _keys(self, file: FrontFile, function: int, expression: Expression) -> Iterator[ContextKey]:
        if not isinstance(expression, str):
            return
        for thing in self._evaluation.evaluate(Context(file, function), expression):
            if thing.kind == "made":
                key = (thing.ref[0].file.path, thing.ref[1])
                if key in self.made:
                    yield key
