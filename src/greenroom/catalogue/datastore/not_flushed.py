"""Operator: what was written does not reach the file that others read."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_MOVES = frozenset({"os.replace", "os.rename", "shutil.move", "os.link"})
_OPENS = frozenset({"open", "NamedTemporaryFile", "fdopen", "TemporaryFile", "SpooledTemporaryFile"})


def lose_flush(source: Source) -> Iterator[Rewrite]:
    """`os.replace(temporary, path)` goes, or the `flush()` before somebody else reads the file."""
    for statement, call in call_statements(source):
        if source.names.of(call.func) in _MOVES or _is_move_of_path(source, call):
            note = f"`{source.code(call.func)}` does not put the new file in place"
        elif _is_needed_flush(source, statement, call):
            note = "what was written stays in the buffer"
        else:
            continue
        yield Rewrite(node=statement, edits=(source.replaced(statement, "pass"),), note=note)


def _is_move_of_path(source: Source, call: ast.Call) -> bool:
    """`Path(…).replace(path)` and `.rename(path)`, which no text has: a text gives the result back."""
    if (
        not isinstance(call.func, ast.Attribute)
        or call.func.attr not in ("replace", "rename")
        or len(call.args) != 1
    ):
        return False
    owner = source.names.of(call.func.value)
    return owner.startswith(("pathlib.", "anyio.Path")) or any(
        word in last_name(call.func.value).lower() for word in ("path", "file", "tmp", "temp")
    )


def _is_needed_flush(source: Source, statement: ast.stmt, call: ast.Call) -> bool:
    """Whether somebody reads the file by its name before its `with` block closes, and so flushes, it."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "flush" or call.args or call.keywords:
        return False
    owner = call.func.value
    made = source.names.origin(owner) if isinstance(owner, ast.Name) else None
    if made is None or last_name(made) not in _OPENS:
        return False
    block = source.block(statement)
    following = block[block.index(statement) + 1 :]
    name = ast.unparse(owner)
    return any(
        isinstance(node, ast.Attribute) and node.attr == "name" and ast.unparse(node.value) == name
        for each in following
        for node in ast.walk(each)
    )


LOSE_FLUSH = Operator(
    key="P8",
    name="file-not-flushed",
    summary="a file is written, and never put where others read it",
    consequence="others read the old, an empty or half a file",
    noticed_by="an assertion that reads the file by its name, as the next process would",
    weight=3,
    seed=lose_flush,
)
