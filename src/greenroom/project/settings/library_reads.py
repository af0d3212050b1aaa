"""Reads through libraries that wrap the environment: decouple, environs, django-environ, Starlette's Config."""

from collections.abc import Iterable, Iterator
from typing import Final

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.settings.variable_read import VariableRead

_BEGINNINGS: Final = ("decouple.", "environs.", "environ.", "starlette.config.", "prettyconf.")
_READY_MADE: Final = {"decouple.config", "prettyconf.config"}
_MADE_THERE: Final = Call(0, 0, 0, "", (), (), 0, 0)
"""For a reader that the library makes itself."""
_CLASSES: Final = {
    "decouple.Config", "decouple.AutoConfig", "environs.Env", "environ.Env", "environ.FileAwareEnv",
    "starlette.config.Config",
}  # fmt: skip
_KINDS: Final = {
    "str", "bool", "int", "float", "list", "dict", "json", "url", "path", "date", "datetime", "timedelta", "uuid",
    "log_level", "decimal", "tuple", "bytes", "enum", "unicode", "get_value", "db", "db_url", "dj_db_url", "cache",
    "cache_url", "dj_cache_url", "email", "email_url", "dj_email_url", "search_url", "channels_url", "get",
}  # fmt: skip
_OWN_NAMES: Final = {"db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
                     "email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL",
                     "channels_url": "CHANNELS_URL"}  # fmt: skip


class LibraryReads:
    """Finds them in the modules that it is given."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._readers: dict[tuple[Module, int, str], Call | None] = {}

    def find(self, modules: Iterable[Module]) -> list[VariableRead]:
        """All reads by literal names."""
        listed = list(modules)
        homes = {module for module in listed if _imports_reader(module)}
        names = {name.encode() for module in homes for name in self._names_in(module)}
        return [
            read
            for module in listed
            if names and (module in homes or self._imports_one_of(module, homes))
            for scope in module.scopes
            if any(module.mentions(scope.index, name) for name in names)
            for read in self._in_scope(scope)
        ]

    def _names_in(self, module: Module) -> Iterator[str]:
        """What a file calls the readers that it makes or imports."""
        yield from (part.alias for part in module.imports if f"{part.module}.{part.name}" in _READY_MADE)
        for scope in module.scopes:
            for target, _ in self._made_in(scope):
                yield target.rpartition(".")[2]

    def _imports_one_of(self, module: Module, homes: set[Module]) -> bool:
        return any(
            self._symbols.imported_module(module, part.level, part.module) in homes for part in module.imports
        )

    def _in_scope(self, scope: Scope) -> Iterator[VariableRead]:
        for call in scope.body.calls:
            if type(call.callee) is not str:
                continue
            kind, reader = "", self._reader(scope, call.callee)
            if reader is None and "." in call.callee:
                base, _, kind = call.callee.rpartition(".")
                reader = self._reader(scope, base) if kind in _KINDS else None
            if reader is not None:
                name = call.callee.removesuffix(f".{kind}") if kind else call.callee
                yield from _read(scope, call, kind, reader, _prefix_around(scope, call, name))

    def _reader(self, scope: Scope, name: str) -> Call | None:
        """How the object of this name was made; None where it is no reader."""
        key = (scope.module, scope.index, name)
        if key not in self._readers:
            self._readers[key] = self._find_reader(scope, name)
        return self._readers[key]

    def _find_reader(self, scope: Scope, name: str) -> Call | None:
        if self._symbols.dotted(scope.module, name) in _READY_MADE:
            return _MADE_THERE
        inner: Scope | None = scope
        while inner is not None and inner.kind != "module":
            if (found := dict(self._made_in(inner)).get(name)) is not None:
                return found
            inner = inner.parent
        for definition in self._symbols.define(scope.module, name) if "." not in name else ():
            if definition.kind == "variable" and definition.module is not None:
                return dict(self._made_in(definition.module.top)).get(definition.symbol)
        return None

    def _made_in(self, scope: Scope) -> Iterator[tuple[str, Call]]:
        """The names that a scope gives to readers, and how it makes them."""
        for part in scope.body.statements:
            if part.kind not in ("assign", "annotate") or type(part.value) is not int:
                continue
            call = scope.body.calls[part.value]
            if type(call.callee) is str and self._symbols.dotted(scope.module, call.callee) in _CLASSES:
                targets = part.target if part.kind == "assign" else (part.target,)
                yield from ((target, call) for target in targets if type(target) is str)


def _imports_reader(module: Module) -> bool:
    return any(not part.level and f"{part.module}.".startswith(_BEGINNINGS) for part in module.imports)


def _prefix_around(scope: Scope, call: Call, reader: str) -> str:
    """`with env.prefixed("MAIL_"):` of environs, around a read; an outer one comes first."""
    body, number, prefix = scope.body, call.block, ""
    while number >= 0:
        block = body.blocks[number]
        for expression, _ in reversed(block.detail if block.kind in ("with", "async-with") else ()):
            made = body.calls[expression] if type(expression) is int else None
            given = facts.constant(made.arguments[0]) if made is not None and made.arguments else None
            if made is not None and made.callee == f"{reader}.prefixed" and isinstance(given, str):
                prefix = given + prefix
        number = block.parent
    return prefix


def _read(scope: Scope, call: Call, kind: str, reader: Call, around: str) -> Iterator[VariableRead]:
    written = facts.constant(
        call.arguments[0] if call.arguments else call.keyword("var") or call.keyword("name")
    )
    name = written if isinstance(written, str) else _OWN_NAMES.get(kind, "")
    if not name:
        return
    prefix = facts.constant(reader.keyword("env_prefix") or reader.keyword("prefix"))
    given = _default(call, kind)
    scheme = _scheme(reader, name)
    merged = any(key is None for key, _ in reader.keywords)
    required = given is None and scheme is None and not merged
    value = facts.constant(given if given is not None else scheme)
    full = f"{prefix if isinstance(prefix, str) else ''}{around}{name}"
    yield VariableRead((full,), scope, call.line, required, value, "library")


def _default(call: Call, kind: str) -> Expression:
    for key in ("default", "missing"):
        found = call.keyword(key)
        if found is not None:
            return found
    at = 2 if kind == "get" else 1
    return call.arguments[at] if at < len(call.arguments) else None


def _scheme(reader: Call, name: str) -> Expression:
    """django-environ: `Env(DEBUG=(bool, False))`."""
    value = reader.keyword(name)
    if type(value) is tuple and value[0] == facts.SEQUENCE and len(value[2]) > 1:
        return value[2][1]
    return None
