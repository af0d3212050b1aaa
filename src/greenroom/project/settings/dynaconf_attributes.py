"""Variables that code takes from dynaconf's settings: `settings.DATABASE_URL`, `settings["PORT"]`, `settings.get("DEBUG")`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.project.calls.bindings import scope_bindings
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.settings.variable_read import VariableRead

_CLASSES: Final = frozenset({"dynaconf.Dynaconf", "dynaconf.LazySettings"})
_READY_MADE: Final = "dynaconf.settings"
_PREFIX: Final = "DYNACONF"
"""Where nothing else is said."""
_FILES: Final = frozenset({"settings_files", "settings_file", "settings_module", "preload", "includes", "root_path", "secrets", "loaders",
                           "core_loaders", "load_dotenv", "dotenv_path", "validators"})  # fmt: skip
"""What may bring values, so that the environment need not."""
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_LOWER: Final = re.compile(r"[a-z][a-z0-9_]*")
"""Settings of dynaconf's are the same in lower case."""
_OWN: Final = re.compile(
    r"get|set|exists|keys|values|items|pop|copy|clear|store|fresh|clean|reload|unset|update|configure|cast|validators|setdefault|find_file"
    r"|as_\w+|to_\w+|from_\w+|get_\w+|set\w*|load\w*|execute_\w+|current_\w+|is_\w+|exists_\w+|using_\w+|path_for|populate_obj"
    r"|dynaconf\w*|wrapped|logger|env|envvar\w*|namespace|defaults|environments|inspect\w*|maybe_\w+|default_\w+|pre_load\w*|settings\w*"
)
"""What its object can do."""


class _Settings(NamedTuple):
    """One object of dynaconf's."""

    prefix: str
    from_environment_alone: bool


class DynaconfAttributes:
    """Finds them in the modules that it is given."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._homes: dict[Module, dict[str, _Settings]] = {}

    def find(self, modules: Iterable[Module]) -> list[VariableRead]:
        """One read for each place and name, of objects that are visibly dynaconf's."""
        listed = list(modules)
        self._homes = {module: made for module in listed if (made := dict(self._made(module)))}
        ready = any(
            part.module == "dynaconf" and part.name == "settings"
            for module in listed
            for part in module.imports
        )
        if not self._homes and not ready:
            return []
        reads = [read for module in listed for scope in module.scopes for read in self._in_scope(scope)]
        written = {name for module in listed for scope in module.scopes for name in _written(scope.body)}
        return [read._replace(required=False) if read.names[-1] in written else read for read in reads]

    def _made(self, module: Module) -> Iterator[tuple[str, _Settings]]:
        """The names that the top of a file gives to such objects."""
        if not any(part.module.split(".", 1)[0] == "dynaconf" and not part.level for part in module.imports):
            return
        body = module.top.body
        for part in body.statements:
            if part.kind not in ("assign", "annotate") or type(part.value) is not int:
                continue
            call = body.calls[part.value]
            if type(call.callee) is str and self._symbols.dotted(module, call.callee) in _CLASSES:
                given = call.keyword("envvar_prefix")
                value = facts.constant(given) if given is not None else _PREFIX
                prefix = value.partition(",")[0].upper() if isinstance(value, str) else ""
                told = {name for name, _ in call.keywords}
                alone = not told & _FILES and None not in told and not call.arguments
                if isinstance(value, str | bool):
                    targets = part.target if part.kind == "assign" else (part.target,)
                    yield from ((name, _Settings(prefix, alone)) for name in targets if type(name) is str)

    def _in_scope(self, scope: Scope) -> Iterator[VariableRead]:
        known: dict[str, _Settings | None] = {}
        seen: set[str] = set()
        for line, expression in _placed(scope.body):
            for part in facts.walk(expression):
                found = _path(part, scope.body)
                if found is None:
                    continue
                name, keys, default = found
                if name not in known:
                    known[name] = self._settings(scope, name)
                settings = known[name]
                if settings is not None and "__".join(keys) not in seen:
                    seen.add("__".join(keys))
                    read = _read(scope, line, settings, keys, default)
                    yield read._replace(is_prefix=type(part) is str and _goes_on(part))

    def _settings(self, scope: Scope, name: str) -> _Settings | None:
        """The object of a name, as seen from a scope; None where it is something else."""
        inner: Scope | None = scope
        while inner is not None and inner.kind != "module":
            if name in scope_bindings(inner) and not any(
                part.how == "import" for part in scope_bindings(inner)[name]
            ):
                return None
            inner = inner.parent
        if self._symbols.dotted(scope.module, name) == _READY_MADE:
            return _Settings(_PREFIX, from_environment_alone=False)
        for definition in self._symbols.define(scope.module, name):
            if definition.kind == "variable" and definition.module is not None:
                return self._homes.get(definition.module, {}).get(definition.symbol)
        return None


def _written(body: Body) -> Iterator[str]:
    """The variables that code puts there by itself: `settings.PORT = 1`, `settings.set("PORT", 1)`."""
    for part in body.statements:
        if part.kind == "assign":
            yield from (
                target.rpartition(".")[2].upper()
                for target in part.target
                if type(target) is str and "." in target
            )
    for call in body.calls:
        key = facts.constant(call.arguments[0]) if call.arguments else None
        if isinstance(key, str) and facts.last_name(call.callee) in ("set", "setdefault", "configure"):
            yield key.upper()


def _placed(body: Body) -> Iterator[tuple[int, Expression]]:
    """What a body evaluates, with its line."""
    for number, call in enumerate(body.calls):
        yield call.line, number
        for part in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
            yield call.line, part
    for statement in body.statements:
        yield statement.line, statement.value
    for block in body.blocks:
        if block.kind in ("if", "while"):
            yield block.line, block.detail
        elif block.kind in ("for", "async-for"):
            yield block.line, block.detail[1]


def _path(part: Expression, body: Body) -> tuple[str, tuple[str, ...], Expression | None] | None:
    """The object's name, the keys that are asked of it, and the default: of `settings.DB.HOST` (`DB`, `HOST`)."""
    if type(part) is str:
        name, *keys = part.split(".")
        asked = tuple(_leading(keys))
        return (name, asked, None) if asked else None
    if type(part) is int:
        call = body.calls[part]
        base, _, last = call.callee.rpartition(".") if type(call.callee) is str else ("", "", "")
        key = facts.constant(call.arguments[0]) if call.arguments else None
        if last != "get" or not base or "." in base or not isinstance(key, str) or not key.isidentifier():
            return None
        default = call.arguments[1] if len(call.arguments) > 1 else call.keyword("default")
        return base, (key.upper(),), default if default is not None else (facts.CONSTANT, None)
    if type(part) is tuple and part[0] == facts.ITEM and type(part[1]) is str and "." not in part[1]:
        key = facts.constant(part[2])
        return (part[1], (key.upper(),), None) if isinstance(key, str) and key.isidentifier() else None
    return None


def _goes_on(path: str) -> bool:
    """Whether something is asked of what is spelled in lower case: `settings.database.host`, `settings.name.title()`."""
    keys = path.split(".")[1:]
    return len(keys) > 1 and _LOWER.fullmatch(keys[0]) is not None


def _leading(keys: list[str]) -> Iterator[str]:
    """Those that are spelled as variables; what follows is done with the value.

    In lower case the first one alone: whether another is a part of it, or a method, is not told by its name.
    """
    if keys and _LOWER.fullmatch(keys[0]) and not _OWN.fullmatch(keys[0]):
        yield keys[0].upper()
        return
    for key in keys:
        if _VARIABLE.fullmatch(key) is None:
            return
        yield key


def _read(
    scope: Scope, line: int, settings: _Settings, keys: tuple[str, ...], default: Expression | None
) -> VariableRead:
    variable = "__".join(keys)
    full = f"{settings.prefix}_{variable}" if settings.prefix else variable
    # A file of settings spells it without the prefix, and below its section.
    names = tuple(dict.fromkeys((full, keys[-1])))
    required = default is None and settings.from_environment_alone
    return VariableRead(names, scope, line, required, facts.constant(default), "library")
