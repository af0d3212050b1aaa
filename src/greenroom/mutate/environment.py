"""Where a file reads its settings: environment variables with their defaults."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.mutate.expressions import argument, keyword, last_name
from greenroom.mutate.source import Source

_READERS = ("os.environ.get", "os.getenv", "os.environ.setdefault")
_OBJECTS = ("environ.Env", "environs.Env", "decouple.config", "decouple.AutoConfig", "decouple.Config", "starlette.config.Config",
            "environ.FileAwareEnv", "starlette.config.Environ")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One place at which a variable is read."""

    call: ast.Call
    name: str
    """Empty where it is worked out."""
    default: ast.expr | None
    is_positional: bool
    """The default stands behind the name; otherwise it is `default=`."""


def variables(source: Source) -> Iterator[Variable]:
    """Calls that read the environment and need not find what they ask for."""
    for call in source.calls():
        found = variable(source, call)
        if found is not None:
            yield found


def variable(source: Source, call: ast.expr | None) -> Variable | None:
    """What such a call reads; None for other expressions."""
    if not isinstance(call, ast.Call) or not call.args:
        return None
    resolved = source.names.of(call.func)
    name = call.args[0].value if isinstance(call.args[0], ast.Constant) else ""
    if not isinstance(name, str):
        return None
    if resolved in _READERS:
        return Variable(
            call=call, name=name, default=argument(call, 1, "default"), is_positional=len(call.args) > 1
        )
    if resolved in _OBJECTS or (
        resolved.rpartition(".")[0] in _OBJECTS and last_name(call.func) != "read_env"
    ):
        default = keyword(call, "default")
        return Variable(call=call, name=name, default=default.value if default else None, is_positional=False)
    return None
