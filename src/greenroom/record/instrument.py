"""Makes the code of a suite count which of its assertions are reached.

Before each assertion stands one more statement, `counter[number] += 1`, where the counter is a constant of the
code: no name is added to any namespace, and no frame to any traceback.
"""

import ast
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from greenroom.model.asserting_libraries import PLAIN_CHECKS

_COUNTER = "greenroom counts here"
"""Stands for the counter until the code is loaded, so that the code can be kept on disk."""

_ASSERTING = re.compile(r"(?:^|_)assert(?:_|s?$|[A-Z])")
_ALSO_ASSERTING = frozenset(
    {"expect", "fnmatch_lines", "re_match_lines", "no_fnmatch_line", "no_re_match_line"}
)
_FOR_CHECKERS_OF_TYPES = frozenset({"assert_type", "assert_never"})

STATEMENT = "assert"
"""The kind of an `assert` statement; a call has its callee's last name."""


class Check(NamedTuple):
    """One assertion in the code."""

    line: int
    column: int
    symbol: str
    kind: str
    is_guard: bool
    """`assert False`: written to be never reached."""
    within: str = ""
    """What decides whether it is reached: `a branch`, `an except branch`, `a loop`, `an inner function`; empty: nothing."""


class Table(NamedTuple):
    """What is known of a file's assertions; plain enough for `marshal`."""

    checks: tuple[Check, ...]
    functions: dict[int, int]
    """First line, decorators included → last line."""
    asserting: frozenset[str]
    """Functions with a name like an assertion that assert inside: there they are counted, not where they are called."""


def instrument(tree: ast.Module) -> Table:
    """Add the counting to a module; nothing is added where nothing asserts."""
    writer = _Writer(_imported_checks(tree))
    writer.block(tree, "")
    checks = tuple(writer.checks)
    inside = {check.symbol for check in checks}
    own = {name for symbol in inside if is_asserting(name := symbol.rpartition(".")[2])}
    return Table(checks, writer.functions, frozenset(own))


def with_counter(code: CodeType, counter: Any) -> CodeType:
    """The code with its counter in place."""
    constants: list[Any] | None = None
    for index, each in enumerate(code.co_consts):
        kind = type(each)
        if kind is CodeType:
            counting: Any = with_counter(each, counter)
        elif kind is str and each == _COUNTER:
            counting = counter
        else:
            continue
        if counting is not each:
            constants = list(code.co_consts) if constants is None else constants
            constants[index] = counting
    return code if constants is None else code.replace(co_consts=tuple(constants))


def is_asserting(name: str) -> bool:
    """Whether a call of this name asserts something, by convention."""
    if name in _FOR_CHECKERS_OF_TYPES:
        return False
    return name in _ALSO_ASSERTING or _ASSERTING.search(name) is not None


class _Writer:
    """Walks the statements, knowing in which function they stand."""

    def __init__(self, imported: frozenset[str]) -> None:
        self._imported = imported
        self.checks: list[Check] = []
        self.functions: dict[int, int] = {}
        self._is_in_function = False

    def block(self, node: ast.AST, symbol: str, within: str = "") -> None:
        for _, field in ast.iter_fields(node):
            if isinstance(field, list) and field and isinstance(field[0], ast.stmt):
                field[:] = self._counted(field, symbol, within)
            elif isinstance(field, list):
                for child in field:
                    if isinstance(child, ast.ExceptHandler | ast.match_case):
                        self.block(child, symbol, _decides(child) or within)

    def _counted(self, statements: list[ast.stmt], symbol: str, within: str) -> Iterator[ast.stmt]:
        for statement in statements:
            for check in _checks_in(statement, symbol, self._imported):
                yield _count(statement, len(self.checks))
                self.checks.append(check._replace(within=within))
            inner = _decides(statement, is_inner=self._is_in_function) or within
            outside = self._is_in_function
            self._is_in_function = outside or isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
            self.block(statement, self._inside(statement, symbol), inner)
            self._is_in_function = outside
            yield statement

    def _inside(self, statement: ast.stmt, symbol: str) -> str:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return symbol
        first = min([statement.lineno, *(each.lineno for each in statement.decorator_list)])
        self.functions[first] = statement.end_lineno or statement.lineno
        return f"{symbol}.{statement.name}" if symbol else statement.name


def _decides(node: ast.AST, *, is_inner: bool = False) -> str:
    """In words, why what stands in this node's block may not be reached."""
    if isinstance(node, ast.If | ast.match_case):
        return "a branch"
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        return "a loop"
    if isinstance(node, ast.ExceptHandler):
        return "an except branch"
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return "an inner function" if is_function and is_inner else ""


def _checks_in(statement: ast.stmt, symbol: str, imported: frozenset[str]) -> Iterator[Check]:
    place = (statement.lineno, statement.col_offset + 1, symbol)
    if isinstance(statement, ast.Assert):
        test = statement.test
        yield Check(*place, STATEMENT, isinstance(test, ast.Constant) and not test.value)
    elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        for call in _calls(statement):
            name = _asserting_name(call, imported)
            if name:
                yield Check(*place, name, is_guard=False)


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Calls in the statement's own expressions: not in its block, and not in lambdas."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.Lambda | ast.ExceptHandler | ast.match_case):
                continue
            if isinstance(child, ast.Call):
                yield child
            waiting.append(child)


def _imported_checks(tree: ast.Module) -> frozenset[str]:
    """As they are spelled in this file, what it imports of libraries that check under names of their own."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for part in node.names:
                checks = PLAIN_CHECKS.get(part.name, ())
                found.update(f"{part.asname or part.name}.{check}" for check in checks)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.update(_taken_from(node))
    return frozenset(found)


def _taken_from(node: ast.ImportFrom) -> Iterator[str]:
    """`from nose.tools import eq_`, `from nose import tools`, and `check` of pytest_check, which has all of them."""
    module = node.module or ""
    checks = PLAIN_CHECKS.get(module, ())
    for part in node.names:
        name = part.asname or part.name
        if part.name in checks:
            yield name
        below = checks if part.name == "check" else PLAIN_CHECKS.get(f"{module}.{part.name}", ())
        yield from (f"{name}.{check}" for check in below)


def _asserting_name(call: ast.Call, imported: frozenset[str]) -> str:
    function = call.func
    name = str(getattr(function, "attr", "") or getattr(function, "id", ""))
    if not is_asserting(name) and not (imported and ast.unparse(function) in imported):
        return ""
    receiver = getattr(function, "value", None)
    is_inherited = isinstance(receiver, ast.Call) and getattr(receiver.func, "id", "") == "super"
    return STATEMENT if is_inherited else name


def _count(before: ast.stmt, number: int) -> ast.stmt:
    counter = ast.Subscript(ast.Constant(_COUNTER), ast.Constant(number), ast.Store())
    addition = ast.AugAssign(counter, ast.Add(), ast.Constant(1))
    for node in ast.walk(addition):
        if isinstance(node, ast.expr | ast.stmt):
            node.lineno, node.col_offset = before.lineno, before.col_offset
            node.end_lineno, node.end_col_offset = before.lineno, before.col_offset
    return addition
