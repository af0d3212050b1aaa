"""Variables that dynaconf's validators ask for: `Validator("DATABASE_URL", must_exist=True)`."""

from collections.abc import Iterable, Iterator
from typing import Final

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.settings.variable_read import VariableRead

_SETTINGS: Final = frozenset({"dynaconf.Dynaconf", "dynaconf.LazySettings"})
_PREFIX: Final = "DYNACONF"
"""Where nothing else is said."""


class DynaconfReads:
    """Finds them in the modules that it is given."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols

    def find(self, modules: Iterable[Module]) -> list[VariableRead]:
        """One read for each name that must be there, or has a default."""
        users = [
            module
            for module in modules
            if any(part.module.split(".", 1)[0] == "dynaconf" and not part.level for part in module.imports)
        ]
        calls = [(scope, call) for module in users for scope in module.scopes for call in scope.body.calls]
        named = [(scope, call, self._named(scope, call)) for scope, call in calls]
        prefixes = [
            facts.constant(call.keyword("envvar_prefix")) for _, call, name in named if name in _SETTINGS
        ]
        prefix = next((part for part in prefixes if part is not None), _PREFIX)
        return [
            read
            for scope, call, name in named
            if name == "dynaconf.Validator"
            for read in _asked(scope, call, str(prefix) if prefix else "")
        ]

    def _named(self, scope: Scope, call: Call) -> str:
        return self._symbols.dotted(scope.module, call.callee) if type(call.callee) is str else ""


def _asked(scope: Scope, call: Call, prefix: str) -> Iterator[VariableRead]:
    needed = any(facts.constant(call.keyword(key)) is True for key in ("must_exist", "required"))
    default = call.keyword("default")
    if not needed and default is None:
        return
    for argument in call.arguments:
        name = facts.constant(argument)
        if isinstance(name, str) and name:
            variable = name.upper().replace(".", "__")
            full = f"{prefix.upper()}_{variable}" if prefix else variable
            # A file of settings spells it without the prefix, and below its section.
            names = tuple(dict.fromkeys((full, name.rpartition(".")[2].upper())))
            yield VariableRead(
                names, scope, call.line, needed and default is None, facts.constant(default), "library"
            )
