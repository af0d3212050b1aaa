"""What a line was calling, as a dotted name: `time.sleep`, `json.loads`, `Path().read_text`.

Never the text of arguments: they may be secrets.
"""

import ast
import dis
import linecache
import sys
from itertools import islice
from types import CodeType, ModuleType

from greenroom.record.loop.stack import Line

_UNNAMED = "…"
_NOWHERE = (None, None, None, None)


def call_at(line: Line) -> str:
    """Name the call that a frame stood in; empty where it stood in none, or the source is not there."""
    if line.code is None or line.offset < 0:
        return ""
    if dis.opname[line.code.co_code[line.offset]] == "BEFORE_WITH":
        # Its own place is the whole statement; the instruction before it is the end of the expression.
        return _named(line, line.code, line.offset // 2 - 1, ".__enter__")
    return _named(line, line.code, line.offset // 2, "")


def _named(line: Line, code: CodeType, instruction: int, method: str) -> str:
    source = _source_of(line.file, next(islice(code.co_positions(), instruction, None), _NOWHERE))
    try:
        expression = ast.parse(f"({source}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    if method:
        return f"{_resolve(expression, line.module)}{method}"
    return _resolve(expression.func, line.module) if isinstance(expression, ast.Call) else ""


def _source_of(file: str, position: tuple[int | None, ...]) -> str:
    """Cut an expression out of its file; columns count bytes."""
    first, last, start, end = position
    if first is None or last is None or start is None or end is None:
        return ""
    rows = [row.encode() for row in linecache.getlines(file)[first - 1 : last]]
    if len(rows) != last - first + 1:
        return ""
    rows[-1] = rows[-1][:end]
    rows[0] = rows[0][start:]
    return b"".join(rows).decode(errors="replace")


def _resolve(node: ast.expr, module: str) -> str:
    """Spell a callee, its first name as the module where it was defined knows it."""
    spelled = _spell(node)
    head, dot, rest = spelled.partition(".")
    value = getattr(sys.modules.get(module), "__dict__", {}).get(head)
    if isinstance(value, ModuleType):
        return f"{value.__name__}{dot}{rest}"
    origin, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(origin, str) and isinstance(name, str) and origin not in {module, "builtins"}:
        return f"{origin}.{name}{dot}{rest}"
    return spelled


def _spell(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_spell(node.value)}.{node.attr}"
        case ast.Call():
            return f"{_spell(node.func)}()"
        case ast.Subscript():
            return f"{_spell(node.value)}[]"
        case ast.Await():
            return _spell(node.value)
        case ast.Constant():
            return type(node.value).__name__
        case _:
            return _UNNAMED
