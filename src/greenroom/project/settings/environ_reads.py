"""Reads of `os.environ` and `os.getenv`, in all their forms, also through loops and helper functions."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import (
    COMPREHENSION,
    CONSTANT,
    ITEM,
    MAPPING,
    SEQUENCE,
    Body,
    Call,
    Expression,
)
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.code.searches import search
from greenroom.project.files.kind import FileKind
from greenroom.project.settings.variable_read import VariableRead

NEEDLES: Final = (b"environ", b"getenv")
_ENVIRON: Final = "os.environ"
_SOFT: Final = {f"{_ENVIRON}.get", "os.getenv", f"{_ENVIRON}.pop", f"{_ENVIRON}.setdefault"}
_WRITES: Final = {f"{_ENVIRON}.setdefault", f"{_ENVIRON}.update", "os.putenv"}
_FORGIVING: Final = {"KeyError", "LookupError", "Exception", "BaseException"}
_DEEPEST: Final = 3
Placed = Iterator[tuple[Expression, int, int]]
"""Expression, line, block."""


class Helper(NamedTuple):
    """A function that reads the variable that it is told."""

    scope: Scope
    name_at: int
    default_at: int
    """-1: it takes none."""
    required: bool


class EnvironReads:
    """Finds them in the modules that it is given."""

    def __init__(self, symbols: Symbols, graph: CallGraph) -> None:
        self._symbols = symbols
        self._graph = graph
        self.written: set[str] = set()
        """Names that some code sets which is no test: what only tests set, no deployment is given."""
        self._helpers: dict[Scope, Helper] = {}

    def find(self, modules: Iterable[Module]) -> list[VariableRead]:
        """All reads by literal names, in the order of the files."""
        found: list[VariableRead] = []
        for module in modules:
            aliases = tuple([alias.encode() for alias in _aliases(module)])
            places = module.places(NEEDLES) | search(module.packed_bodies, module.ends, aliases)
            for scope in module.scopes if places else ():
                if places >> scope.index & 1:
                    found.extend(self._in_scope(scope))
        return [*found, *self._through_helpers()]

    def _in_scope(self, scope: Scope) -> Iterator[VariableRead]:
        asked = self._asked(scope)
        reads: list[VariableRead] = []
        for call in scope.body.calls:
            name = self._canonical(scope, call.callee)
            if name in _WRITES and scope.module.kind is not FileKind.TEST:
                self.written.update(self._written_by(scope, call))
            if name in _SOFT and call.arguments:
                reads.extend(self._soft(scope, call, name))
        for expression, line, block in _placed(scope):
            for part in facts.walk(expression):
                if type(part) is tuple and part[0] == ITEM and self._is_environ(scope, part[1]):
                    reads.extend(self._hard(scope, part[2], line, block, asked))
        if scope.module.kind is not FileKind.TEST:
            self._note_writes(scope)
        asked.update(read.name for read in reads if not read.required)
        yield from (read._replace(required=read.required and read.name not in asked) for read in reads)

    def _asked(self, scope: Scope) -> set[str]:
        """Names, or the variables that hold them, of which the scope asks whether they are there."""
        return {
            each if type(each) is str else str(facts.constant(each))
            for expression, _, _ in _placed(scope)
            for part in facts.walk(expression)
            if type(part) is tuple and part[0] == facts.COMPARE
            and any(self._is_environ(scope, each) for each in part[2])
            for each in part[2]
        }  # fmt: skip

    # single reads

    def _soft(self, scope: Scope, call: Call, name: str) -> Iterator[VariableRead]:
        given = call.arguments[1] if len(call.arguments) > 1 else call.keyword("default")
        required = name.endswith(".pop") and given is None
        if type(call.arguments[0]) is str and self._note_helper(
            scope, call.arguments[0], given, required=required
        ):
            return
        for text in self._texts(scope, call.arguments[0], call.block):
            yield VariableRead((text,), scope, call.line, required, facts.constant(given))

    def _hard(
        self, scope: Scope, key: Expression, line: int, block: int, asked: set[str]
    ) -> Iterator[VariableRead]:
        required = (
            key not in asked and not _is_forgiven(scope, block) and not Flow(scope.body).is_dead(block, line)
        )
        if type(key) is str and self._note_helper(scope, key, None, required=required):
            return
        for text in self._texts(scope, key, block):
            yield VariableRead((text,), scope, line, required)

    def _texts(self, scope: Scope, key: Expression, block: int) -> list[str]:
        """The literal names that an expression may stand for."""
        value = facts.constant(key)
        if isinstance(value, str):
            return [value]
        return _named(scope, key, block) if type(key) is str else []

    def _is_environ(self, scope: Scope, expression: Expression) -> bool:
        return type(expression) is str and self._canonical(scope, expression) == _ENVIRON

    def _canonical(self, scope: Scope, callee: Expression) -> str:
        if type(callee) is not str:
            return ""
        if (
            "environ" not in callee
            and "getenv" not in callee
            and callee.partition(".")[0] not in _aliases(scope.module)
        ):
            return ""
        return self._symbols.dotted(scope.module, callee) or _imported_here(scope, callee)

    # writes

    def _note_writes(self, scope: Scope) -> None:
        for statement in scope.body.statements:
            if statement.kind == "assign":
                for target in statement.target:
                    if type(target) is tuple and target[0] == ITEM and self._is_environ(scope, target[1]):
                        self.written.update(self._texts(scope, target[2], statement.block))

    def _written_by(self, scope: Scope, call: Call) -> Iterator[str]:
        for argument in call.arguments[:1]:
            if type(argument) is tuple and argument[0] == MAPPING:
                yield from (str(facts.constant(key)) for key in argument[1])
            else:
                yield from self._texts(scope, argument, call.block)
        yield from (key for key, _ in call.keywords if key)

    # helper functions

    def _note_helper(self, scope: Scope, name: str, given: Expression, *, required: bool) -> bool:
        """Whether the name is a parameter: then callers say which variable is read."""
        names = [part.name for part in scope.parameters]
        if name not in names:
            return False
        offset = _bound(scope)
        default = given if type(given) is str and given in names else "default"
        default_at = names.index(default) - offset if default in names else -1
        known = self._helpers.get(scope)
        needs = (required or _raises(scope, name)) and (known is None or known.required)
        self._helpers[scope] = Helper(scope, names.index(name) - offset, default_at, needs)
        return True

    def _through_helpers(self) -> Iterator[VariableRead]:
        done: set[tuple[Scope, int]] = set()
        queue = list(self._helpers.values())
        for helper in queue:
            for edge in self._graph.callers(helper.scope):
                if edge.how != "call" or edge.call < 0 or (edge.caller, edge.call) in done:
                    continue
                done.add((edge.caller, edge.call))
                yield from self._of_helper(edge.caller, edge.caller.body.calls[edge.call], helper)

    def _of_helper(self, scope: Scope, call: Call, helper: Helper) -> Iterator[VariableRead]:
        names = [part.name for part in helper.scope.parameters]
        offset = _bound(helper.scope)
        key = _given(call, helper.name_at, names, offset)
        default = _given(call, helper.default_at, names, offset) if helper.default_at >= 0 else None
        own = helper.scope.parameters[helper.default_at + offset].default if helper.default_at >= 0 else None
        has_default = default is not None or (own is not None and not facts.is_none(own))
        for text in self._texts(scope, key, call.block):
            value = facts.constant(default if default is not None else own)
            yield VariableRead((text,), scope, call.line, helper.required and not has_default, value)


def _bound(scope: Scope) -> int:
    """How many parameters a call does not give: the object, of a method."""
    first = [part.name for part in scope.parameters[:1]]
    return int(scope.owner is not None and first in (["self"], ["cls"]))


def _raises(scope: Scope, name: str) -> bool:
    """Whether it raises where the variable is missing, whatever else its caller says."""
    body = scope.body
    others = {part.name for part in scope.parameters} - {name}
    found = {
        target for part in body.statements if part.kind == "assign" and type(part.value) is int
        and name in body.calls[part.value].arguments for target in part.target if type(target) is str
    }  # fmt: skip
    for part in body.statements:
        if part.kind == "raise":
            tests = [block.detail for block in body.enclosing(part.block) if block.kind == "if"]
            named = {word for test in tests for word in facts.walk(test) if type(word) is str}
            if named & found and not named & others:
                return True
    return False


def _given(call: Call, position: int, names: list[str], offset: int) -> Expression:
    if position < len(call.arguments):
        return call.arguments[position]
    return call.keyword(names[position + offset])


def _placed(scope: Scope) -> Placed:
    """Every expression of a body with the line of its statement, or of its call; what is only bound is left out."""
    body = scope.body
    for call in body.calls:
        for part in (*call.arguments, *(value for _, value in call.keywords), call.callee):
            yield part, call.line, call.block
    for statement in body.statements:
        yield statement.value, statement.line, statement.block
        if statement.kind in ("raise", "assert"):
            yield statement.detail, statement.line, statement.block
    yield from _conditions(body)


def _conditions(body: Body) -> Placed:
    for number, block in enumerate(body.blocks):
        if block.kind in ("if", "while"):
            yield block.detail, block.line, number
        elif block.kind in ("for", "async-for"):
            yield block.detail[1], block.line, block.parent
        elif block.kind in ("with", "async-with"):
            for expression, _ in block.detail:
                yield expression, block.line, block.parent


def _is_forgiven(scope: Scope, block: int) -> bool:
    """Whether the line stands in a `try` that takes a missing key for an answer."""
    body = scope.body
    flow = Flow(body)
    while block >= 0:
        found = body.blocks[block]
        if found.kind == "try":
            for _, handler in flow.handlers(block):
                caught = handler.detail[0] if handler.detail else None
                names = (
                    {facts.last_name(part) for part in facts.walk(caught)}
                    if caught is not None
                    else _FORGIVING
                )
                if names & _FORGIVING:
                    return True
        block = found.parent
    return False


def _named(scope: Scope, name: str, block: int) -> list[str]:
    """What a loop, or an assignment of a constant, lets a name stand for."""
    for found in scope.body.enclosing(block):
        if found.kind in ("for", "async-for"):
            column = _column(found.detail[0], name)
            if column is not None:
                return _elements(scope, found.detail[1], column, 0)
    texts = [
        text for inner in (scope, scope.module.top) for statement in inner.body.statements
        if statement.kind == "assign" and name in statement.target
        and isinstance(text := facts.constant(statement.value), str)
    ]  # fmt: skip
    return texts or _in_comprehension(scope, name)


def _in_comprehension(scope: Scope, name: str) -> list[str]:
    for statement in scope.body.statements:
        for part in facts.walk(statement.value):
            if type(part) is tuple and part[0] == COMPREHENSION:
                for target, source in zip(part[5], part[3], strict=False):
                    column = _column(target, name)
                    if column is not None:
                        return _elements(scope, source, column, 0)
    return []


def _column(target: Expression, name: str) -> int | None:
    """At which place of a loop's target the name stands; -1 where it is all of it."""
    if target == name:
        return -1
    if type(target) is tuple and target[0] == SEQUENCE and name in target[2]:
        return int(target[2].index(name))
    return None


def _elements(scope: Scope, source: Expression, column: int, depth: int) -> list[str]:
    """The literal texts that a loop goes through."""
    if type(source) is int:
        call = scope.body.calls[source]
        inner = call.callee.rpartition(".")[0] if type(call.callee) is str else ""
        wanted = {"items": column, "keys": 0, "values": 1}.get(facts.last_name(call.callee))
        return (
            _elements(scope, inner, -1 if wanted is None else wanted, depth + 1)
            if inner and depth < _DEEPEST
            else []
        )
    if type(source) is str and depth < _DEEPEST:
        for inner_scope in (scope, scope.module.top):
            for statement in inner_scope.body.statements:
                targets = statement.target if statement.kind == "assign" else (statement.target,)
                if statement.kind in ("assign", "annotate") and source in targets:
                    return _elements(inner_scope, statement.value, column, depth + 1)
    if type(source) is not tuple:
        return []
    if source[0] == MAPPING:
        parts = source[2] if column == 1 else source[1]
    elif source[0] == SEQUENCE:
        parts = [_at(part, column) for part in source[2]]
    else:
        return []
    return [
        part[1] for part in parts if type(part) is tuple and part[0] == CONSTANT and isinstance(part[1], str)
    ]


def _at(part: Expression, column: int) -> Expression:
    if column >= 0 and type(part) is tuple and part[0] == SEQUENCE and column < len(part[2]):
        return part[2][column]
    return part


def _aliases(module: Module) -> set[str]:
    """What a file calls `os.environ` and `os.getenv`, where it gives them names of its own."""
    return {
        part.alias for part in module.imports
        if part.module == "os" and part.name in ("environ", "getenv") and part.alias != part.name
    }  # fmt: skip


def _imported_here(scope: Scope, callee: str) -> str:
    """The canonical name, where the import stands inside a function."""
    head, _, rest = callee.partition(".")
    inner: Scope | None = scope
    while inner is not None:
        for part in scope.module.imports_in(inner.index):
            if part.alias == head and not part.level:
                full = f"{part.module}.{part.name}" if part.name else head
                return f"{full}.{rest}" if rest else full
        inner = inner.parent
    return ""
