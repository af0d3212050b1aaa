"""Clients that ask one router by itself, without what comes before its paths in the whole application."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.evaluation import Evaluation
from greenroom.project.web.sites import argument, receiver
from greenroom.project.web.thing import Context, Made, Things

_LIBRARIES: Final = ("ninja.testing", "ninja_extra.testing")
_MAKERS: Final = ("create_test_client", "create_async_test_client")
"""Of Litestar: they make an application of the handlers that they are given."""


class PartClients:
    """Tells which client asks a part, and in which file that part is made."""

    def __init__(self, evaluation: Evaluation, tests: Iterable[Module]) -> None:
        self._evaluation = evaluation
        listed = list(tests)
        self._are_used = any(
            part.module.startswith(_LIBRARIES) or part.name in _MAKERS
            for module in listed
            for part in module.imports
        )
        self._fixtures: dict[str, list[Scope]] = defaultdict(list)
        for scope in [part for module in listed for part in module.scopes] if self._are_used else ():
            if any(map(partial(_is_fixture, scope), scope.decorators)):
                self._fixtures[scope.name].append(scope)

    def homes(self, context: Context, call: Call) -> frozenset[str] | None:
        """The files of the part that a request is sent to; empty where the client cannot be told, None for that of an application."""
        if not self._are_used:
            return None
        client = receiver(call.callee)
        things = self._evaluation.evaluate(context, client) or self._of_fixture(context.scope, client)
        made = [thing.ref for thing in things if thing.kind == "made"]
        parts = [part for part in made if part.symbol.startswith(_LIBRARIES) or part.last in _MAKERS]
        if made and not parts:
            return None
        return frozenset(home for part in parts for home in self._homes_of(part))

    def _homes_of(self, client: Made) -> Iterator[str]:
        yield ""
        call = client.scope.body.calls[client.call]
        given = argument(call, 0, "router_or_app", "route_handlers")
        for thing in self._evaluation.evaluate(self._evaluation.run(client), given):
            for part in [one for item in thing.ref for one in item] if thing.kind == "list" else [thing]:
                if part.kind == "made":
                    yield part.ref.scope.path
                elif part.kind in ("class", "function"):
                    yield part.ref.path

    def _of_fixture(self, scope: Scope, name: Expression) -> Things:
        """What the nearest fixture of this name gives."""
        if not isinstance(name, str):
            return ()
        fitting = [fixture for fixture in self._fixtures.get(name, ()) if _sees(scope, fixture)]
        nearest = max(
            fitting, key=lambda one: (one.module is scope.module, len(one.module.folder)), default=None
        )
        return self._evaluation.returned(Context(nearest)) if nearest is not None else ()


def _sees(test: Scope, fixture: Scope) -> bool:
    folder = fixture.module.folder
    if not fixture.path.endswith("conftest.py"):
        return fixture.module is test.module
    return not folder or test.path.startswith(f"{folder}/")


def _is_fixture(scope: Scope, decorator: Expression) -> bool:
    if isinstance(decorator, int) and scope.parent is not None:
        decorator = scope.parent.body.calls[decorator].callee
    return last_name(decorator) == "fixture"
