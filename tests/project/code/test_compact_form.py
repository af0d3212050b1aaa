"""Every kind of statement and expression, from source to compact form and through the cache's bytes."""

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.project.code import facts
from greenroom.project.code.expressions import read_annotation
from greenroom.project.code.facts import Body, Expression, spell
from greenroom.project.code.module import BodyShelf, Module
from greenroom.project.code.reading import compact
from greenroom.project.files.kind import FileKind


def load(source: str) -> Module:
    module = Module("example.py", FileKind.PRODUCTION, BodyShelf())
    module.load(compact(source.encode(), "example.py"))
    return module


def body_of(source: str) -> Body:
    return load(source).top.body


def value_of(expression: str) -> Expression:
    """The compact form of an expression that is assigned."""
    (statement,) = [part for part in body_of(f"x = {expression}").statements if part.line == 1][-1:]
    return statement.value


@pytest.mark.parametrize(
    ("source", "compacted"),
    [
        ("name", "name"),
        ("a.b.c", "a.b.c"),
        ("1", (facts.CONSTANT, 1)),
        ("-1.5", (facts.CONSTANT, -1.5)),
        ("'text'", (facts.CONSTANT, "text")),
        ("b'bytes'", (facts.CONSTANT, b"bytes")),
        ("None", (facts.CONSTANT, None)),
        ("...", (facts.CONSTANT, ...)),
        ("a()", 0),
        ("a().b", (facts.ATTRIBUTE, 0, "b")),
        ("a[0].b", (facts.ATTRIBUTE, (facts.ITEM, "a", (facts.CONSTANT, 0)), "b")),
        ("a['key']", (facts.ITEM, "a", (facts.CONSTANT, "key"))),
        ("a[1:b:2]", (facts.ITEM, "a", (facts.SLICE, ((facts.CONSTANT, 1), "b", (facts.CONSTANT, 2))))),
        ("a[:b]", (facts.ITEM, "a", (facts.SLICE, (None, "b", None)))),
        ("a and b or c", (facts.EITHER, "or", ((facts.EITHER, "and", ("a", "b"), None), "c"), None)),
        ("a if t else b", (facts.EITHER, "if", ("a", "b"), "t")),
        ("f'{a} and {b.c!r:>{w}}'", (facts.TEXT, ("a", (facts.CONSTANT, " and "), "b.c"))),
        ("[a, *b]", (facts.SEQUENCE, "list", ("a", (facts.STAR, "b")))),
        ("(a, b)", (facts.SEQUENCE, "tuple", ("a", "b"))),
        ("{a}", (facts.SEQUENCE, "set", ("a",))),
        ("{'k': a, **b}", (facts.MAPPING, ((facts.CONSTANT, "k"), None), ("a", "b"))),
        ("a < b <= c", (facts.COMPARE, ("<", "<="), ("a", "b", "c"))),
        ("a is not b", (facts.COMPARE, ("is not",), ("a", "b"))),
        ("a not in b", (facts.COMPARE, ("not in",), ("a", "b"))),
        ("not a", (facts.OPERATION, "not", ("a",))),
        ("~a", (facts.OPERATION, "~", ("a",))),
        ("a + b", (facts.OPERATION, "+", ("a", "b"))),
        ("a @ b", (facts.OPERATION, "@", ("a", "b"))),
        ("lambda: a", (facts.LAMBDA, 1)),
        ("(y := a)", (facts.WALRUS, "y", "a")),
        (
            "[a.b for a in c if d]",
            (facts.COMPREHENSION, "list", ("a.b",), ("c",), False, ("a",), ("d",)),
        ),
        (
            "{k: v for k, v in c}",
            (
                facts.COMPREHENSION, "dict", ("k", "v"), ("c",), False,
                ((facts.SEQUENCE, "tuple", ("k", "v")),), (),
            ),
        ),
    ],
)  # fmt: skip
def test_expressions(source: str, compacted: Expression) -> None:
    assert value_of(source) == compacted


def test_expressions_of_functions() -> None:
    module = load("async def f():\n    x = await a\n    y = yield x\n    z = [i async for i in b()]\n")

    (function,) = module.top.children
    awaited, yielded, assigned, collected = function.body.statements
    assert awaited.value == (facts.AWAIT, "a")
    assert yielded.kind == "yield"
    assert assigned.value == (facts.YIELD, "x")
    assert collected.value[4] is True
    assert function.facts.is_generator
    assert function.body.calls[0].usage == facts.ITERATED_ASYNC


@pytest.mark.parametrize(
    ("source", "kind", "target", "value"),
    [
        ("a = b = c", "assign", ("a", "b"), "c"),
        ("a.b, *c = d", "assign", ((facts.SEQUENCE, "tuple", ("a.b", (facts.STAR, "c"))),), "d"),
        ("a += b", "augment", "a", "b"),
        ("a: int = b", "annotate", "a", "b"),
        ("a: int", "annotate", "a", None),
        ("raise a from b", "raise", None, "a"),
        ("assert a, b", "assert", None, "a"),
        ("del a, b[c]", "delete", ("a", (facts.ITEM, "b", "c")), None),
        ("a", "expression", None, "a"),
        ("1", "pass", None, None),
        ("pass", "pass", None, None),
        ("import a.b", "import", None, None),
        ("from . import a", "import", None, None),
    ],
)
def test_simple_statements(source: str, kind: str, target: object, value: Expression) -> None:
    (statement,) = body_of(f"x = 0\n{source}").statements[1:]

    assert (statement.kind, statement.target, statement.value) == (kind, target, value)
    assert (statement.line, statement.block) == (2, 0)


def test_statements_of_functions() -> None:
    module = load(
        "def f():\n    global a\n    while a:\n        if b:\n            break\n        continue\n    return a\n"
    )

    (function,) = module.top.children
    assert [part.kind for part in function.body.statements] == ["global", "break", "continue", "return"]
    assert [block.kind for block in function.body.blocks] == ["body", "while", "if"]


BLOCKS = """\
if a:
    pass
elif b:
    pass
else:
    pass
for i, j in c():
    pass
else:
    pass
try:
    pass
except (KeyError, e.Other) as error:
    pass
except:
    pass
else:
    pass
finally:
    pass
with d() as x, y:
    pass
match m:
    case "one" | 2:
        pass
    case [first, *others] if first:
        pass
    case {"key": value, **remaining}:
        pass
"""


def test_blocks() -> None:
    body = body_of(BLOCKS)

    blocks = [(block.kind, block.parent, block.owner) for block in body.blocks]
    assert blocks == [
        ("body", -1, -1), ("if", 0, -1), ("else", 0, 1), ("if", 2, -1), ("else", 2, 3),
        ("for", 0, -1), ("loop-else", 0, 5),
        ("try", 0, -1), ("except", 0, 7), ("except", 0, 7), ("try-else", 0, 7), ("finally", 0, 7),
        ("with", 0, -1), ("case", 0, -1), ("case", 0, 13), ("case", 0, 13),
    ]  # fmt: skip
    assert body.blocks[8].detail == ((facts.SEQUENCE, "tuple", ("KeyError", "e.Other")), "error")
    assert body.blocks[9].detail == (None, None)
    assert body.blocks[12].detail == ((1, "x"), ("y", None))
    assert body.blocks[13].detail == ("m", ((facts.CONSTANT, "one"), (facts.CONSTANT, 2)))
    captured = {part.target for part in body.statements if part.kind == "annotate"}
    assert captured == {"first", "others", "remaining", "value"}


def test_asynchronous_blocks() -> None:
    module = load(
        "async def f():\n    async for a in b():\n        pass\n    async with c():\n        pass\n"
    )

    (function,) = module.top.children
    assert [block.kind for block in function.body.blocks] == ["body", "async-for", "async-with"]
    assert [call.usage for call in function.body.calls] == [facts.ITERATED_ASYNC, facts.ENTERED_ASYNC]


@pytest.mark.parametrize(
    ("source", "usage"),
    [
        ("call()", facts.DISCARDED),
        ("x = call()", facts.ASSIGNED),
        ("x = y or call()", facts.ASSIGNED),
        ("with call(): pass", facts.ENTERED),
        ("for x in call(): pass", facts.ITERATED),
        ("x = (i for i in call())", facts.ITERATED | facts.GENERATED),
        ("print(call())", facts.ARGUMENT),
        ("print(end=call())", facts.ARGUMENT),
        ("def f(): return call()", facts.RETURNED),
        ("def f(): yield call()", facts.YIELDED),
        ("def f(): yield from call()", facts.YIELDED | facts.ITERATED),
        ("async def f(): await call()", facts.AWAITED | facts.DISCARDED),
        ("async def f(): return await call()", facts.AWAITED | facts.RETURNED),
        ("lambda: call()", facts.RETURNED),
    ],
)
def test_what_becomes_of_a_call(source: str, usage: int) -> None:
    found = [call for body in load(source).bodies for call in body.calls if call.callee == "call"]

    assert [call.usage for call in found] == [usage]


def test_scopes() -> None:
    module = load(
        '"""About."""\n'
        "@decorate(1)\nclass A(B, C[int], metaclass=M):\n"
        "    def method(self, a: int, /, b=1, *args: str, c, d: X = y(), **kw) -> 'A':\n"
        '        """Do."""\n'
        "        return lambda: [inner for inner in a]\n"
    )

    top, cls, method, function = module.scopes
    assert top.facts.documented
    assert (cls.facts.bases, cls.decorators) == (("B", (facts.ITEM, "C", "int")), (0,))
    assert (method.qualname, method.owner, method.facts.documented) == ("A.method", cls, True)
    assert method.facts.returns == (facts.CONSTANT, "A")
    assert [tuple(part) for part in method.parameters] == [
        ("self", "positional", None, None),
        ("a", "positional", "int", None),
        ("b", "positional", None, (facts.CONSTANT, 1)),
        ("args", "args", "str", None),
        ("c", "keyword", None, None),
        ("d", "keyword", "X", 0),
        ("kw", "kwargs", None, None),
    ]
    assert (function.kind, function.qualname, function.parent) == ("lambda", "A.method.<lambda>", method)


@pytest.mark.parametrize(
    ("source", "guard"),
    [
        ("import a", ""),
        ("if x:\n    import a", "if"),
        ("if x:\n    pass\nelse:\n    import a", "if"),
        ("if TYPE_CHECKING:\n    import a", "typing"),
        ("if typing.TYPE_CHECKING:\n    import a", "typing"),
        ("try:\n    import a\nexcept ImportError:\n    pass", "try"),
        ("try:\n    pass\nexcept (KeyError, ModuleNotFoundError):\n    import a", "try"),
        ("try:\n    import a\nexcept KeyError:\n    pass", ""),
        ("with suppress(ImportError):\n    import a", "try"),
        ("with open('x'):\n    import a", ""),
    ],
)
def test_guards_of_imports(source: str, guard: str) -> None:
    assert [part.guard for part in load(source).imports] == [guard]


@pytest.mark.parametrize(
    ("source", "bound"),
    [
        ("import a", [(0, "a", None, "a")]),
        ("import a.b", [(0, "a", None, "a"), (0, "a.b", None, "")]),
        ("import a.b as c", [(0, "a.b", None, "c")]),
        ("from a import b as c", [(0, "a", "b", "c")]),
        ("from ..a import b", [(2, "a", "b", "b")]),
        ("from . import b", [(1, "", "b", "b")]),
        ("from a import *", [(0, "a", "*", "")]),
    ],
)
def test_imports(source: str, bound: list[tuple[int, str, str | None, str]]) -> None:
    assert [(part.level, part.module, part.name, part.alias) for part in load(source).imports] == bound


@pytest.mark.parametrize(
    ("source", "exports"),
    [
        ("x = 1", None),
        ("__all__ = ['a', 'b']", ("a", "b")),
        ("__all__ = ('a',)\n__all__ += ['b']", ("a", "b")),
        ("__all__: list[str] = []", ()),
        ("__all__ = other.__all__ + ['a']", None),
        ("__all__ = ['a']\n__all__ += other.__all__", None),
        ("__all__ = [name for name in dir()]", None),
    ],
)
def test_exports_are_known_only_where_they_are_literal(source: str, exports: tuple[str, ...] | None) -> None:
    assert load(source).exports == exports


ALIASES = ["Pair = tuple[int, int]"]
if sys.version_info >= (3, 12):
    ALIASES.append("type Pair = tuple[int, int]")


@pytest.mark.parametrize("source", ALIASES)
def test_a_type_alias_binds_its_name(source: str) -> None:
    (statement,) = body_of(source).statements

    assert (statement.kind, statement.target) == ("assign", ("Pair",))


def test_a_literal_never_shows_in_a_message() -> None:
    body = body_of("x = connect('secret')['key'].open(1)(None)")

    assert spell(body.statements[0].value, body.calls) == "connect(…)[…].open(…)(…)"


def test_long_texts_are_cut() -> None:
    assert value_of(repr("x" * 5_000)) == (facts.CONSTANT, "x" * 400)


def test_annotations_in_strings() -> None:
    assert read_annotation("list[Order] | None") == (
        facts.OPERATION, "|", ((facts.ITEM, "list", "Order"), (facts.CONSTANT, None)),
    )  # fmt: skip
    assert read_annotation("an order") is None
    assert read_annotation("Depends(x)") is None


NAMES = st.sampled_from(["a", "b.c", "self.d", "call()", "1", "'t'", "None"])
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}, **{}}}".format, inner, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("({} < {})".format, inner, inner),
        st.builds("f({}, key={})".format, inner, inner),
        st.builds("[x for x in {} if {}]".format, inner, inner),
        st.builds("(lambda: {})".format, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).e".format, inner),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_no_call_and_no_name_is_lost(source: str) -> None:
    module = load(f"x = {source}")
    tree = ast.parse(source)

    calls = [call for body in module.bodies for call in body.calls]
    assert len(calls) == sum(isinstance(node, ast.Call) for node in ast.walk(tree))
    lambdas = sum(isinstance(node, ast.Lambda) for node in ast.walk(tree))
    assert len(module.scopes) == 1 + lambdas
    for body in module.bodies:
        for statement in body.statements:
            for part in facts.walk(statement.value):
                assert not isinstance(part, int) or part < len(body.calls)


@given(EXPRESSIONS)
def test_the_cache_gives_back_what_was_read(source: str) -> None:
    packed = compact(f"x = {source}".encode(), "example.py")
    first = Module("example.py", FileKind.PRODUCTION, BodyShelf())
    first.load(packed)
    again = Module("example.py", FileKind.PRODUCTION, BodyShelf())
    again.load(packed)

    for one, other in zip(first.bodies, again.bodies, strict=True):
        assert (one.calls, one.blocks, one.statements) == (other.calls, other.blocks, other.statements)
    assert [scope.facts for scope in first.scopes] == [scope.facts for scope in again.scopes]


def test_our_own_code_is_read_whole() -> None:
    for file in sorted(Path(facts.__file__).parent.glob("*.py")):
        module = Module(file.name, FileKind.PRODUCTION, BodyShelf())
        module.load(compact(file.read_bytes(), file.name))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert module.error is None
        assert sum(len(body.calls) for body in module.bodies) == sum(
            isinstance(node, ast.Call) for node in ast.walk(tree)
        )
