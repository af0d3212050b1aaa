"""One pass over a file's syntax tree into its compact form; the tree is dropped at once."""

import ast
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from greenroom.project.code import facts
from greenroom.project.code.depth import cut_below, room_for_depth
from greenroom.project.code.expressions import operator_text
from greenroom.project.code.facts import Expression
from greenroom.project.code.nodes import captures, catches_import_error, is_docstring, texts
from greenroom.project.code.outlines import names_called, sets_elsewhere
from greenroom.project.code.places import PlaceReader
from greenroom.project.code.variables import variables_of

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class _OpenScope:
    """A scope while it is being read."""

    __slots__ = ("blocks", "calls", "header", "statements")

    def __init__(self, line: int, end_line: int) -> None:
        self.header: tuple[Any, ...] = ()
        self.calls: list[list[Any]] = []
        self.blocks: list[tuple[Any, ...]] = [("body", -1, -1, line, end_line, None)]
        self.statements: list[tuple[Any, ...]] = []


class _FileReader(PlaceReader):
    """Walks statements; expressions are the parent class's."""

    def __init__(self, tree: ast.Module, line_count: int) -> None:
        super().__init__()
        self.scopes: list[_OpenScope] = []
        self.imports: list[tuple[Any, ...]] = []
        self.exports: list[str] | None = None
        self.guard = ""
        self.current = _OpenScope(1, line_count)
        self.read_module(tree, line_count)

    def read_module(self, tree: ast.Module, line_count: int) -> None:
        self.enter(1, line_count)
        self.statements_of(tree.body, skip_docstring=True)
        self.current.header = (
            "module", "", "", 1, line_count, -1, False, False, (), (), (), None,
            is_docstring(tree.body), "",
        )  # fmt: skip

    # scopes

    def enter(self, line: int, end_line: int) -> int:
        self.current = _OpenScope(line, end_line)
        self.scopes.append(self.current)
        self.index = len(self.scopes) - 1
        self.calls = self.current.calls
        self.block = 0
        self.yields = False
        return self.index

    def within(self, node: ast.AST, read_body: Callable[[], None]) -> tuple[int, bool]:
        """Read a nested scope; its index, and whether it yields."""
        saved = (self.current, self.index, self.calls, self.block, self.yields, self.guard)
        index = self.enter(node.lineno, node.end_lineno or node.lineno)  # type: ignore[attr-defined]
        self.guard = ""
        read_body()
        yields = self.yields
        self.current, self.index, self.calls, self.block, self.yields, self.guard = saved
        return index, yields

    def qualname(self, name: str) -> str:
        outer = self.qualnames.get(self.index, "")
        return f"{outer}.{name}" if outer else name

    @property
    def qualnames(self) -> dict[int, str]:
        try:
            return self._qualnames
        except AttributeError:
            self._qualnames: dict[int, str] = {}
            return self._qualnames

    def parameters_of(self, arguments: ast.arguments) -> tuple[tuple[Any, ...], ...]:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = len(positional) - len(arguments.defaults)
        found = [
            self.parameter(part, "positional", arguments.defaults[n - missing] if n >= missing else None)
            for n, part in enumerate(positional)
        ]
        if arguments.vararg:
            found.append(self.parameter(arguments.vararg, "args", None))
        found.extend(
            self.parameter(part, "keyword", default)
            for part, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        )
        if arguments.kwarg:
            found.append(self.parameter(arguments.kwarg, "kwargs", None))
        return tuple(found)

    def parameter(self, node: ast.arg, kind: str, default: ast.expr | None) -> tuple[Any, ...]:
        annotation = self.read(node.annotation) if node.annotation else None
        return (node.arg, kind, annotation, self.read(default) if default else None)

    def read_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = tuple([self.read(part) for part in node.decorator_list])
        parameters = self.parameters_of(node.args)
        returns = self.read(node.returns) if node.returns else None
        qualname, parent = self.qualname(node.name), self.index

        def read_body() -> None:
            self.qualnames[self.index] = qualname
            self.statements_of(node.body, skip_docstring=True)

        index, yields = self.within(node, read_body)
        self.scopes[index].header = (
            "function", node.name, qualname, node.lineno, node.end_lineno, parent,
            type(node) is ast.AsyncFunctionDef, yields, parameters, decorators, (), returns,
            is_docstring(node.body), self.guard,
        )  # fmt: skip
        self.state("def", node, index, None, None)

    def read_lambda(self, node: ast.Lambda, /) -> Expression:
        parameters = self.parameters_of(node.args)
        qualname, parent = self.qualname("<lambda>"), self.index

        def read_body() -> None:
            self.qualnames[self.index] = qualname
            value = self.mark(self.read(node.body), facts.RETURNED)
            self.state("return", node, None, value, None)

        index, yields = self.within(node, read_body)
        self.scopes[index].header = (
            "lambda", "<lambda>", qualname, node.lineno, node.end_lineno, parent,
            False, yields, parameters, (), (), None, False, self.guard,
        )  # fmt: skip
        return (facts.LAMBDA, index)

    def read_class(self, node: ast.ClassDef) -> None:
        decorators = tuple([self.read(part) for part in node.decorator_list])
        bases = tuple([self.read(part) for part in node.bases])
        for keyword in node.keywords:
            self.read(keyword.value)
        qualname, parent = self.qualname(node.name), self.index

        def read_body() -> None:
            self.qualnames[self.index] = qualname
            self.statements_of(node.body, skip_docstring=True)

        index, _ = self.within(node, read_body)
        self.scopes[index].header = (
            "class", node.name, qualname, node.lineno, node.end_lineno, parent,
            False, False, (), decorators, bases, None, is_docstring(node.body), self.guard,
        )  # fmt: skip
        self.state("class", node, index, None, None)

    # statements

    def statements_of(self, nodes: list[ast.stmt], *, skip_docstring: bool = False) -> None:
        for node in nodes[1:] if skip_docstring and is_docstring(nodes) else nodes:
            _STATEMENTS[type(node)](self, node)

    def state(self, kind: str, node: ast.AST, target: Any, value: Any, detail: Any) -> None:
        line = node.lineno  # type: ignore[attr-defined]
        end_line = node.end_lineno  # type: ignore[attr-defined]
        self.current.statements.append((kind, line, end_line, self.block, target, value, detail))

    def note_yield(self, node: ast.expr, value: Expression) -> None:
        self.state("yield", node, None, value, None)

    def note_assignment(self, node: ast.expr, name: str, value: Expression) -> None:
        self.state("assign", node, (name,), value, None)

    def open_block(self, kind: str, nodes: list[ast.stmt], owner: int, detail: Any, line: int = 0) -> int:
        """Append a block and read its statements; the block's index."""
        parent = self.block
        self.current.blocks.append(
            (kind, parent, owner, line or nodes[0].lineno, nodes[-1].end_lineno, detail)
        )
        self.block = len(self.current.blocks) - 1
        index = self.block
        self.statements_of(nodes)
        self.block = parent
        return index

    def read_if_statement(self, node: ast.If) -> None:
        test = self.read(node.test)
        saved = self.guard
        never = isinstance(node.test, ast.Constant) and not node.test.value  # `if 0:`
        typing_only = never or (type(test) is str and test.endswith("TYPE_CHECKING"))
        self.guard = "typing" if typing_only else saved or "if"
        owner = self.open_block("if", node.body, -1, test, node.lineno)
        self.guard = saved or "if"
        if node.orelse:
            self.open_block("else", node.orelse, owner, None)
        self.guard = saved

    def read_for(self, node: ast.For | ast.AsyncFor) -> None:
        is_async = type(node) is ast.AsyncFor
        usage = facts.ITERATED_ASYNC if is_async else facts.ITERATED
        iterated = self.mark(self.read(node.iter), usage)
        detail = (self.read(node.target), iterated)
        owner = self.open_block("async-for" if is_async else "for", node.body, -1, detail, node.lineno)
        if node.orelse:
            self.open_block("loop-else", node.orelse, owner, None)

    def read_while(self, node: ast.While) -> None:
        owner = self.open_block("while", node.body, -1, self.read(node.test), node.lineno)
        if node.orelse:
            self.open_block("loop-else", node.orelse, owner, None)

    def read_try(self, node: ast.Try) -> None:
        handlers = [(self.read(part.type), part) for part in node.handlers]
        saved = self.guard
        if any(catches_import_error(types) for types, _ in handlers):
            self.guard = saved or "try"
        owner = self.open_block("try", node.body, -1, None, node.lineno)
        for types, part in handlers:
            self.open_block("except", part.body, owner, (types, part.name), part.lineno)
        self.guard = saved
        if node.orelse:
            self.open_block("try-else", node.orelse, owner, None)
        if node.finalbody:
            self.open_block("finally", node.finalbody, owner, None)

    def read_with(self, node: ast.With | ast.AsyncWith) -> None:
        is_async = type(node) is ast.AsyncWith
        usage = facts.ENTERED_ASYNC if is_async else facts.ENTERED
        items = tuple(
            [
                (self.mark(self.read(item.context_expr), usage), self.read(item.optional_vars))
                for item in node.items
            ]
        )
        saved = self.guard
        if any(self.expects_import_error(context) for context, _ in items):
            self.guard = saved or "try"
        self.open_block("async-with" if is_async else "with", node.body, -1, items, node.lineno)
        self.guard = saved

    def expects_import_error(self, context: Expression) -> bool:
        """`suppress(ImportError)`, `pytest.raises(ModuleNotFoundError)`."""
        return type(context) is int and any(
            part is not None and catches_import_error(part) for part in self.calls[context][4]
        )

    def read_match(self, node: ast.Match) -> None:
        subject = self.read(node.subject)
        first = -1
        for case in node.cases:
            constants = tuple(
                self.read(part.value) for part in ast.walk(case.pattern) if isinstance(part, ast.MatchValue)
            )
            for name, part in captures(case.pattern):
                self.state("annotate", part, name, None, None)
            self.read(case.guard)
            index = self.open_block("case", case.body, first, (subject, constants))
            first = index if first < 0 else first

    def read_assign(self, node: ast.Assign) -> None:
        value = self.mark(self.read(node.value), facts.ASSIGNED)
        targets = tuple([self.read(part) for part in node.targets])
        if targets[0] == "__all__" and self.index == 0:
            self.exports = texts(value)
        for target in targets:
            self.note_target(target, value)
        self.state("assign", node, targets, value, None)

    def read_augmented(self, node: ast.AugAssign) -> None:
        value = self.mark(self.read(node.value), facts.ASSIGNED)
        target = self.read(node.target)
        if target == "__all__" and self.index == 0 and self.exports is not None:
            more = texts(value)
            self.exports = None if more is None else self.exports + more
        self.state("augment", node, target, value, operator_text(node.op))

    def read_annotated(self, node: ast.AnnAssign) -> None:
        value = self.mark(self.read(node.value), facts.ASSIGNED)
        target = self.read(node.target)
        if target == "__all__" and self.index == 0:
            self.exports = texts(value)
        if value is not None:
            self.note_target(target, value)
        self.state("annotate", node, target, value, self.read(node.annotation))

    def read_return(self, node: ast.Return) -> None:
        self.state("return", node, None, self.mark(self.read(node.value), facts.RETURNED), None)

    def read_raise(self, node: ast.Raise) -> None:
        self.state("raise", node, None, self.read(node.exc), self.read(node.cause))

    def read_assert(self, node: ast.Assert) -> None:
        self.state("assert", node, None, self.read(node.test), self.read(node.msg))

    def read_delete(self, node: ast.Delete) -> None:
        self.state("delete", node, tuple([self.read(part) for part in node.targets]), None, None)

    def read_expression_statement(self, node: ast.Expr) -> None:
        if type(node.value) is ast.Constant:
            self.state("pass", node, None, None, None)
            return
        value = self.mark(self.read(node.value), facts.DISCARDED)
        if type(node.value) not in (ast.Yield, ast.YieldFrom):
            self.state("expression", node, None, value, None)

    def read_simple(self, node: ast.Pass | ast.Break | ast.Continue) -> None:
        self.state(type(node).__name__.lower(), node, None, None, None)

    def read_names(self, node: ast.Global | ast.Nonlocal) -> None:
        self.state("global", node, tuple(node.names), None, None)

    def read_import(self, node: ast.Import) -> None:
        for part in node.names:
            alias = part.asname or part.name.split(".", 1)[0]
            bound = part.name if part.asname else alias
            self.imports.append((node.lineno, self.index, 0, bound, None, alias, self.guard))
            if bound != part.name:  # `import a.b` binds a, and loads a.b
                self.imports.append((node.lineno, self.index, 0, part.name, None, "", self.guard))
        self.state("import", node, None, None, None)

    def read_import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for part in node.names:
            alias = "" if part.name == "*" else part.asname or part.name
            self.imports.append((node.lineno, self.index, node.level, module, part.name, alias, self.guard))
        self.state("import", node, None, None, None)

    def read_type_alias(self, node: Any) -> None:
        """`type X = …`: an assignment, as far as anyone asks."""
        self.state("assign", node, (node.name.id,), self.read(node.value), None)


_STATEMENTS: dict[type[ast.stmt], Callable[[_FileReader, Any], None]] = {
    ast.FunctionDef: _FileReader.read_function,
    ast.AsyncFunctionDef: _FileReader.read_function,
    ast.ClassDef: _FileReader.read_class,
    ast.If: _FileReader.read_if_statement,
    ast.For: _FileReader.read_for,
    ast.AsyncFor: _FileReader.read_for,
    ast.While: _FileReader.read_while,
    ast.Try: _FileReader.read_try,
    ast.TryStar: _FileReader.read_try,
    ast.With: _FileReader.read_with,
    ast.AsyncWith: _FileReader.read_with,
    ast.Match: _FileReader.read_match,
    ast.Assign: _FileReader.read_assign,
    ast.AugAssign: _FileReader.read_augmented,
    ast.AnnAssign: _FileReader.read_annotated,
    ast.Return: _FileReader.read_return,
    ast.Raise: _FileReader.read_raise,
    ast.Assert: _FileReader.read_assert,
    ast.Delete: _FileReader.read_delete,
    ast.Expr: _FileReader.read_expression_statement,
    ast.Pass: _FileReader.read_simple,
    ast.Break: _FileReader.read_simple,
    ast.Continue: _FileReader.read_simple,
    ast.Global: _FileReader.read_names,
    ast.Nonlocal: _FileReader.read_names,
    ast.Import: _FileReader.read_import,
    ast.ImportFrom: _FileReader.read_import_from,
}
if hasattr(ast, "TypeAlias"):  # Python 3.12
    _STATEMENTS[ast.TypeAlias] = _FileReader.read_type_alias


def extract(source: str, filename: str) -> tuple[Any, ...]:
    """The compact form of a file: `(headers, imports, exports, variables, placed, bodies)`, plain tuples.

    Raises:
        SyntaxError: the file does not parse, or is nested too deeply even for Python.
    """
    line_count = source.count("\n") + 1
    try:
        tree = ast.parse(source, filename)
    except (RecursionError, MemoryError, ValueError) as error:  # null bytes, surrogates
        message = str(error) if isinstance(error, ValueError) else "nested too deeply to be read"
        raise SyntaxError(message, (filename, 1, 1, "")) from error
    try:
        return _compact(_FileReader(tree, line_count))
    except RecursionError:  # Python takes some thousand `elif`, or `+` in a row
        with room_for_depth():
            cut_below(tree)
            return _compact(_FileReader(tree, line_count))


def _compact(reader: _FileReader) -> tuple[Any, ...]:
    bodies = [
        (tuple([tuple(call) for call in scope.calls]), tuple(scope.blocks), tuple(scope.statements))
        for scope in reader.scopes
    ]
    headers = tuple(
        [
            (*scope.header, names_called(scope.calls), sets_elsewhere(scope.statements))
            for scope in reader.scopes
        ]
    )
    exports = None if reader.exports is None else tuple(reader.exports)
    placed = tuple(sorted(reader.placed, key=itemgetter(0)))
    return headers, tuple(reader.imports), exports, variables_of(bodies), placed, tuple(bodies)
