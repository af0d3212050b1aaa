"""One call that builds or uses a client, and what is known about its time limit."""

from dataclasses import dataclass, field
from functools import cached_property

from greenroom.catalogue.dependency.construction import (
    Origins,
    Site,
    given_limits,
    made_by_library,
    receiver,
)
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.libraries.defaults import Default, Defaults, default_limit
from greenroom.project.libraries.library import REMOTE_KINDS, Effect, LibraryClass
from greenroom.project.libraries.limits import Given, GivenLimits
from greenroom.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What limits a call or a client."""

    given: Given
    default: Default
    """What holds where nothing is given."""
    arguments: tuple[str, ...] = ()
    """What would limit it."""
    connecting: bool = False
    """Whether connecting, at least, is limited."""
    connect_given: bool = False
    """Whether it is so because the code says it."""
    from_url: bool = False
    """Whether the limit might stand in an address that is not written in the code."""

    @property
    def value(self) -> str | float:
        """`none`, `unknown` or seconds, with what is given; `given` where the code sets one."""
        if self.given in (Given.LIMIT, Given.OPAQUE):
            return "given"
        return "none" if self.given is Given.NONE else self.default.value


@dataclass(kw_only=True)
class Crossing:
    """A call into a library that talks to something else."""

    project: Project
    edge: Edge
    uses: list[Edge] = field(default_factory=list)
    """For a construction: the calls that its object makes without a limit of their own."""
    limited_uses: int = 0

    @property
    def scope(self) -> Scope:
        return self.edge.caller

    @property
    def effect(self) -> Effect:
        assert self.edge.effect is not None  # noqa: S101 - `read_crossing` looked
        return self.edge.effect

    @cached_property
    def call(self) -> Call:
        return self.scope.body.calls[self.edge.call]

    @cached_property
    def reader(self) -> GivenLimits:
        return given_limits(self.project.inference, self.scope)

    @cached_property
    def made(self) -> LibraryClass | None:
        """The class of the client, where this call is the one that sets its limits."""
        described = self.project.effects.library_class(self.effect.returns)
        if described is None or not described.has_limits or self.effect.kind not in REMOTE_KINDS:
            return None
        if self.effect.constructs:
            return described
        own_class = self.effect.symbol.rpartition(".")[0] == described.name
        if not (self.effect.limits or self.effect.limit_default or own_class):
            return None  # it takes its arguments from a configuration
        return described if made_by_library(self.project.inference, self.scope, self.call) else None

    @property
    def is_limited_afterwards(self) -> bool:
        """`client.timeout = 3`, `client.connection_pool.connection_kwargs["socket_timeout"] = 3`, `client.connect(host, timeout=3)`."""
        body = self.scope.body
        made = [part for part in body.statements if part.kind == "assign" and part.value == self.edge.call]
        names = {name for part in made for name in part.target if isinstance(name, str)}
        owners, connects = tuple(f"{name}." for name in names), {f"{name}.connect" for name in names}
        return any(
            part.kind == "assign"
            and not facts.is_none(part.value)
            and any(_is_limit_of(target, owners) for target in part.target)
            for part in body.statements
        ) or any(
            call.callee in connects
            and self.reader.read(call, self.limit.arguments, positional=False) is Given.LIMIT
            for call in body.calls
            if isinstance(call.callee, str)
        )

    @cached_property
    def limit(self) -> Limit:
        """What the code and the library say together."""
        return self._own_limit() if self.made is None else self._client_limit(self.made)

    def _own_limit(self) -> Limit:
        effect = self.effect
        given = self.reader.read(self.call, effect.limits, positional=True)
        return Limit(given=given, default=self._default(effect.limit_default), arguments=effect.limits)

    def _client_limit(self, made: LibraryClass) -> Limit:
        effect = self.effect
        connects = effect.touches != "nothing" and not effect.constructs
        own = () if connects else effect.limits
        whole = tuple(dict.fromkeys((*made.limits, *own)))
        connect = [name for name in made.connect_limits if name not in whole]
        connect.extend(effect.limits if connects else ())
        given = self.reader.read(self.call, whole, positional=effect.constructs)
        given_connect = self.reader.read(self.call, connect, positional=effect.constructs)
        connecting = given_connect is Given.LIMIT or (made.connect_default and given_connect is Given.ABSENT)
        if connects and isinstance(self._default(effect.limit_default).value, int | float):
            connecting = True
        own_default = () if connects else effect.limit_default
        return Limit(
            given=given, default=self._default(own_default or made.limit_default), arguments=whole or tuple(connect),
            connecting=connecting, connect_given=given_connect is Given.LIMIT, from_url="url" in whole and self._address is None,
        )  # fmt: skip

    @property
    def address(self) -> str:
        """The literal beginning of the address that is given; empty where it is not written here."""
        return beginning(self._address)

    @cached_property
    def _address(self) -> facts.Expression | None:
        literal = self.reader.literal(self.reader.url(self.call))
        return literal if isinstance(literal, tuple) and literal[0] in (facts.CONSTANT, facts.TEXT) else None

    def _default(self, defaults: Defaults) -> Default:
        manifest = self.project.manifest.near(self.scope.path)
        name = self.effect.distribution.lower().replace("_", "-").replace(".", "-")
        return default_limit(defaults, manifest.versions.get(name, ""), manifest.specifiers.get(name, ""))

    def origins(self, origins: Origins) -> frozenset[Site]:
        """The constructions behind the object whose method this is."""
        return origins.of(self.scope, receiver(self.call.callee))


def beginning(address: facts.Expression | None) -> str:
    """The literal beginning of a text; empty where there is none."""
    texts = (facts.constant(part) for part in facts.walk(address))
    return next((text for text in texts if isinstance(text, str)), "")


def _is_limit_of(target: facts.Expression, names: tuple[str, ...]) -> bool:
    """Whether it is an attribute or an item of one of these objects that is called after a time limit."""
    key: object = target
    if isinstance(target, tuple) and target[0] == facts.ITEM:
        target, key = target[1], facts.constant(target[2])
    if not isinstance(target, str) or not isinstance(key, str) or not target.startswith(names):
        return False
    return "timeout" in key.rpartition(".")[2].lower()


def read_crossing(project: Project, edge: Edge) -> Crossing | None:
    """The crossing, where the call is one: a client that is built, or a call over the network."""
    effect = edge.effect
    if effect is None or edge.call < 0 or effect.kind not in REMOTE_KINDS:
        return None
    crossing = Crossing(project=project, edge=edge)
    if effect.is_remote or crossing.made is not None:
        return crossing
    return None
