"""Sessions of requests that limit every call by themselves: an adapter, a subclass, a replaced method."""

from collections.abc import Iterator

from greenroom.catalogue.dependency.construction import Origins, Site, receiver
from greenroom.catalogue.dependency.crossing import Crossing, read_crossing
from greenroom.detect.search import mentioning, words
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SESSION = "requests.Session."
_OVERRIDES = ("request", "send")
_TAMING = words(".mount", *(f".{name}" for name in _OVERRIDES))


class TamedSessions:
    """`session.mount("https://", AdapterWithTimeout())`, `session.request = partial(session.request, timeout=5)`."""

    def __init__(self, project: Project, origins: Origins) -> None:
        self._project = project
        self._origins = origins
        self._sites: set[Site] = set()
        self._any = False
        for module in project.modules.values():
            if module.kind is not FileKind.TEST and _imports_requests(module):
                for scope in mentioning([module], _TAMING):
                    for session in self._tamed_in(scope):
                        self._any = True
                        self._sites |= origins.of(scope, session)

    def tames(self, edge: Edge) -> bool:
        """Whether the call is one of a session that limits it."""
        crossing = read_crossing(self._project, edge) if edge.symbol.startswith(_SESSION) else None
        return crossing is not None and self.is_tamed(crossing)

    def is_tamed(self, crossing: Crossing) -> bool:
        """Whether the session that makes this call limits it."""
        if not crossing.effect.symbol.startswith(_SESSION):
            return False
        found = crossing.origins(self._origins)
        if found:
            return not found.isdisjoint(self._sites)
        return self._any or self._is_overridden(crossing)

    def may_be_tamed(self, crossing: Crossing) -> bool:
        """Whether the session comes from where nobody looked."""
        return crossing.effect.symbol.startswith(_SESSION) and not crossing.origins(self._origins)

    def _is_overridden(self, crossing: Crossing) -> bool:
        """A subclass with a `request` or `send` of its own."""
        classes = self._project.inference.classes
        values = self._project.inference.expression(crossing.scope, receiver(crossing.call.callee))
        own = crossing.scope.owner
        owners = [value.ref for value in values if value.kind in ("instance", "super")]
        owners += [own] if own is not None else []
        return any(classes.member(owner, name) is not None for owner in owners for name in _OVERRIDES)

    def _tamed_in(self, scope: Scope) -> Iterator[Expression]:
        body = scope.body
        for call in body.calls:
            callee = call.callee
            mounts = isinstance(callee, str) and callee.endswith(".mount") and len(call.arguments) == 2
            if mounts and self._limits(scope, call):
                yield callee.removesuffix(".mount")
        for statement in body.statements:
            if statement.kind == "assign":
                for target in statement.target:
                    if isinstance(target, str) and target.endswith((".request", ".send")):
                        yield target.rpartition(".")[0]

    def _limits(self, scope: Scope, call: Call) -> bool:
        """Whether the adapter is one of the project's, or has a time limit in its name or arguments."""
        prefix, adapter = facts.constant(call.arguments[0]), call.arguments[1]
        if isinstance(prefix, str) and not prefix.casefold().startswith("http"):
            return True  # `file://`: what it gets is not on the network
        if any(value.kind == "instance" for value in self._project.inference.expression(scope, adapter)):
            return True
        if type(adapter) is int:
            made = scope.body.calls[adapter]
            words = [facts.spell(made.callee, scope.body.calls), *(key or "" for key, _ in made.keywords)]
            return any("timeout" in word.casefold() for word in words)
        return False


def _imports_requests(module: Module) -> bool:
    return any(part.module.split(".", 1)[0] == "requests" for part in module.imports)
