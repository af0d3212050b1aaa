"""What calls into libraries do: `effects/*.toml` as objects; the format is in `effects/README.md`."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from greenroom.project.code.facts import CONSTANT, Call, Expression
from greenroom.project.libraries.defaults import Defaults

_ROOTS = re.compile(r"^roots\s*=\s*\[([^\]]*)\]", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]+)"')

Table = dict[str, Any]
# Methods and attributes are looked up through `extends`; these are the keys of the class itself.
_INHERITED = ("limits", "connect_limits", "connect_default", "limit_default", "pool", "database")
_SWITCHES = ("blocking", "block", "wait")
BLOCKING = frozenset({"network", "disk", "process", "sleep", "lock", "dns", "cpu", "terminal"})
REMOTE_KINDS = frozenset(
    {
        "http", "cache", "database", "search", "queue", "object-store", "llm", "vector-store",
        "socket", "rpc", "registry", "mail", "ssh",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one function, method or constructor of a library does when it is called."""

    symbol: str
    """Canonical dotted name; a constructor has the name of its class."""
    distribution: str = ""
    kind: str = "none"
    """What it talks to: `cache`, `database`, `http` …"""
    touches: str = "nothing"
    mode: str = "sync"
    """sync · async · context · async-context · async-iterator"""
    limits: tuple[str, ...] = ()
    """Arguments that limit this call; for a constructor, every later call."""
    connect_limits: tuple[str, ...] = ()
    """For a constructor: arguments that limit connecting only."""
    limit_default: Defaults = ()
    """What holds without them; where a method has none of its own, its client's limits count."""
    returns: str = ""
    chains: str = ""
    """What it gives can be asked more before it is awaited: the class that says what."""
    stream: bool = False
    acquires: str = ""
    releases: tuple[str, ...] = ()
    hands_off: str = ""
    idempotent: bool = True
    severity: str = ""
    constructs: bool = False
    pool: tuple[tuple[str, str], ...] = ()
    """For a constructor: `size`, `default`, `wait`."""
    database: str = ""
    refused_on_loop: str = ""
    """The exception by which the library refuses the call on the thread of an event loop."""
    gives_futures: bool = False
    """What an asynchronous call gives is at work already, awaited or not."""

    @property
    def blocks(self) -> bool:
        """Whether a plain call holds its thread."""
        return self.touches in BLOCKING and self.mode in ("sync", "context")

    def waits(self, call: Call) -> bool:
        """Whether this very call may wait: not with `blocking=False`, `lazy=True`, `timeout=0` and the like."""
        for name, value in call.keywords:
            if (name in _SWITCHES and value == (CONSTANT, False)) or (
                name == "lazy" and value == (CONSTANT, True)
            ):
                return False
        return all(argument != (CONSTANT, 0) for argument in self.given_limits(call))

    def given_limits(self, call: Call) -> list[Expression]:
        """The values that this call gives for its limits."""
        found: list[Expression] = []
        for limit in self.limits:
            name, _, position = limit.partition(":")
            found.extend(value for key, value in call.keywords if key and fnmatchcase(key, name))
            if position and int(position) < len(call.arguments):
                found.append(call.arguments[int(position)])
        return found

    @property
    def is_async(self) -> bool:
        """Whether the result must be awaited, entered or iterated asynchronously."""
        return self.mode.startswith("async")

    @property
    def is_remote(self) -> bool:
        """Whether it crosses to something that can fail on its own."""
        return self.touches in ("network", "dns") and self.kind in REMOTE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryClass:
    """A class of a library, as far as its effects go."""

    name: str
    extends: str
    constructor: Effect
    template: Effect
    """The effect of a method that is not listed."""
    plain: frozenset[str]
    methods: dict[str, Effect]
    attributes: dict[str, str]
    variants: dict[str, dict[str, str]]
    """Constructor argument → class given there → the class that the constructor then stands for."""
    limits: tuple[str, ...] = ()
    """Arguments of the constructor, or by name of a factory, that limit every later call."""
    connect_limits: tuple[str, ...] = ()
    """Those that limit connecting only."""
    connect_default: bool = False
    """Whether the library limits connecting by itself."""
    limit_default: Defaults = ()

    @property
    def has_limits(self) -> bool:
        """Whether anything is known; where not, an instance has the limits of what it came from."""
        return bool(self.limits or self.limit_default)


@dataclass(slots=True)
class Effects:
    """The described libraries that a project imports."""

    functions: dict[str, Effect] = field(default_factory=dict)
    classes: dict[str, LibraryClass] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Import root → kind, for the described libraries."""
    _methods: dict[tuple[str, str], Effect | None] = field(default_factory=dict, repr=False, compare=False)

    def canonical(self, symbol: str) -> str:
        """The name under which a symbol is described; itself where it is not."""
        return self.aliases.get(symbol, symbol)

    def function(self, symbol: str) -> Effect | None:
        """The effect of calling a library's symbol: a function or a constructor."""
        name = self.canonical(symbol)
        found = self.functions.get(name)
        if found is None and name in self.classes:
            found = self.classes[name].constructor
        return found

    def library_class(self, symbol: str) -> LibraryClass | None:
        """The described class."""
        return self.classes.get(self.canonical(symbol))

    def method(self, class_name: str, method: str) -> Effect | None:
        """The effect of a method; None where nothing is known."""
        key = (class_name, method)
        if key not in self._methods:
            self._methods[key] = self._method(class_name, method)
        return self._methods[key]

    def _method(self, class_name: str, method: str) -> Effect | None:
        seen = 0
        described = self.library_class(class_name)
        template: Effect | None = None
        while described is not None and seen < 8:
            if method in described.methods:
                return described.methods[method]
            if method in described.plain or method.startswith("_"):
                return Effect(symbol=f"{described.name}.{method}")
            if template is None:
                template = described.template
            described = self.library_class(described.extends) if described.extends else None
            seen += 1
        if template is None or template.touches == "nothing":
            return None
        return replace(template, symbol=f"{self.canonical(class_name)}.{method}")

    def listed(self, class_name: str, method: str) -> Effect | None:
        """The effect of a method that a data file names; dunder methods count only then."""
        described = self.library_class(class_name)
        for _ in range(8):
            if described is None or method in described.methods:
                break
            described = self.library_class(described.extends)
        return None if described is None else described.methods.get(method)

    def attribute(self, class_name: str, name: str) -> str:
        """The canonical class of an instance's attribute; empty where it is not known."""
        described = self.library_class(class_name)
        for _ in range(8):
            if described is None:
                return ""
            if name in described.attributes:
                return described.attributes[name]
            if "__getattr__" in described.methods and not self._is_method(described, name):
                return described.methods["__getattr__"].returns
            described = self.library_class(described.extends) if described.extends else None
        return ""

    @staticmethod
    def _is_method(described: LibraryClass, name: str) -> bool:
        return name in described.methods or name in described.plain or name.startswith("_")


class EffectFiles:
    """The data files beside this module."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder or resources.files("greenroom.project.libraries").joinpath("effects")

    @cached_property
    def _texts(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        found = {}
        for file in self._folder.iterdir():
            if file.name.endswith(".toml"):
                text = file.read_text(encoding="utf-8")
                match = _ROOTS.search(text)
                roots = tuple(_QUOTED.findall(match.group(1))) if match else ()
                found[file.name] = (text, roots)
        return dict(sorted(found.items()))

    def read(self, imported: Iterable[str]) -> Effects:
        """The effects of the libraries that are imported; `imported` are dotted module names."""
        names = set(imported)
        prefixes = {".".join(name.split(".")[: n + 1]) for name in names for n in range(name.count(".") + 1)}
        tables = [
            tomllib.loads(text)
            for file, (text, roots) in self._texts.items()
            if file.startswith("stdlib") or prefixes.intersection(roots)
        ]
        classes = {raw["name"]: raw for data in tables for raw in data.get("class", ())}
        effects = Effects()
        for data in tables:
            _load(data, classes, effects)
        return effects


def _load(data: Table, classes: dict[str, Table], effects: Effects) -> None:
    start = Effect(
        symbol="", distribution=data.get("distribution", ""), kind=data.get("kind", "none"),
        refused_on_loop=data.get("refused_on_loop", ""), gives_futures=bool(data.get("gives_futures", False)),
    )  # fmt: skip
    for root in data.get("roots", ()):
        effects.kinds[root] = start.kind
    for raw in data.get("function", ()):
        effects.functions[raw["name"]] = _effect(raw, raw["name"], start)
        _alias(raw, effects)
    for raw in data.get("class", ()):
        effects.classes[raw["name"]] = _library_class(_with_inherited(raw, classes), start)
        _alias(raw, effects)


def _with_inherited(raw: Table, classes: dict[str, Table]) -> Table:
    """The table, completed by what it takes over from the class that it extends."""
    base = classes.get(raw.get("extends", ""))
    if base is None or base is raw:
        return raw
    above = _with_inherited(base, classes)
    return {key: above[key] for key in _INHERITED if key in above} | raw


def _alias(raw: Table, effects: Effects) -> None:
    for alias in raw.get("aliases", ()):
        effects.aliases[alias] = raw["name"]


def _library_class(raw: Table, start: Effect) -> LibraryClass:
    name = raw["name"]
    limits, connect = tuple(raw.get("limits", ())), tuple(raw.get("connect_limits", ()))
    default = _defaults(raw)
    template = replace(
        start,
        symbol=name, kind=raw.get("kind", start.kind),
        touches=raw.get("touches", "nothing"), mode=raw.get("mode", "sync"),
        severity=raw.get("severity", ""),
    )  # fmt: skip
    pool = raw.get("pool") or {}
    constructor = replace(
        template,
        touches=raw.get("construct", "nothing"), mode="sync", limits=limits, connect_limits=connect,
        limit_default=default, returns=name, acquires=raw.get("acquires", ""), releases=tuple(raw.get("releases", ())),
        constructs=True, pool=tuple((str(key), str(value)) for key, value in pool.items()),
        database=raw.get("database", ""),
    )  # fmt: skip
    methods = {
        method: _effect(part, f"{name}.{method}", _method_start(template, part))
        for method, part in raw.get("methods", {}).items()
    }
    if "__init__" in methods:
        constructor = _effect(raw["methods"]["__init__"], name, constructor)
    return LibraryClass(
        name=name, extends=raw.get("extends", ""), constructor=constructor, template=template,
        plain=frozenset(raw.get("plain", ())), methods=methods,
        attributes=dict(raw.get("attributes", {})), variants=dict(raw.get("variants", {})),
        limits=limits, connect_limits=connect, connect_default="connect_default" in raw, limit_default=default,
    )  # fmt: skip


def _method_start(template: Effect, raw: Table) -> Effect:
    """A method starts from its class's rule; one that touches nothing is not async by default."""
    if raw.get("touches") == "nothing" and "mode" not in raw:
        return replace(template, mode="sync")
    return template


def _effect(raw: Table, symbol: str, start: Effect) -> Effect:
    return replace(
        start,
        symbol=symbol,
        kind=raw.get("kind", start.kind),
        touches=raw.get("touches", start.touches),
        mode=raw.get("mode", start.mode),
        limits=tuple(raw.get("limits", start.limits)),
        limit_default=_defaults(raw) or start.limit_default,
        returns=raw.get("returns", start.returns),
        chains=raw.get("chains", ""),
        stream=bool(raw.get("stream", False)),
        acquires=raw.get("acquires", start.acquires),
        releases=_names(raw["releases"]) if "releases" in raw else start.releases,
        hands_off=raw.get("hands_off", ""),
        idempotent=bool(raw.get("idempotent", True)),
        severity=raw.get("severity", start.severity),
        database=raw.get("database", ""),
    )


def _names(value: str | list[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(value)


def _defaults(raw: Table) -> Defaults:
    return tuple((part["versions"], part["value"]) for part in raw.get("limit_default", ()))
