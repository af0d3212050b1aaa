"""Which tests run the start of an application: a bare test client does not."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import ENTERED, ENTERED_ASYNC, Call
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.startup.sequence import Phase, Sequence
from greenroom.project.testing.items import Item

_ENTERED_CLIENTS: Final = {"TestClient", "AsyncTestClient", "create_test_client", "create_async_test_client"}
_RUNNERS: Final = {
    "LifespanManager", "lifespan_context", "startup", "test_app", "aiohttp_client", "aiohttp_server", "TestServer",
    "Server", "live_server", "LiveServerTestCase", "run_server", "UvicornTestServer", "ApplicationCommunicator",
    "lifespan", "emit_startup",
}  # fmt: skip
_PROCESSES: Final = {"Popen", "create_subprocess_exec", "create_subprocess_shell", "Process", "DockerCompose", "check_call",
                     "run", "check_output"}  # fmt: skip
_SERVERS: Final = (
    b"uvicorn",
    b"gunicorn",
    b"hypercorn",
    b"runserver",
    b"daphne",
    b"granian",
    b"docker",
    b"fastapi",
)
_DEEPEST: Final = 3
_APPLICATIONS: Final = frozenset({"FastAPI", "Starlette"})


class StartRuns:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._replacements = project.replacements
        self._starts: dict[Scope, bool] = {}
        self._found: dict[Scope, list[Item]] = {}
        """By handler."""
        self._clients = _ENTERED_CLIENTS | {
            scope.name
            for module in project.modules.values()
            if module.kind is FileKind.TEST
            for scope in module.scopes
            if scope.kind == "class"
            and any(facts.last_name(base) in _ENTERED_CLIENTS for base in scope.facts.bases)
        }

    def tests_of(self, sequence: Sequence) -> list[Item]:
        """The tests that run the handler."""
        handler = sequence.handler
        if handler not in self._found:
            found = [item for item in self._starting if item.runs and self._reaches(item, handler)]
            self._found[handler] = found or self._callers(handler)
        return self._found[handler]

    def tests_of_phase(self, sequence: Sequence, phase: Phase) -> list[Item]:
        """Those of them in which nothing stands in the place of the phase."""
        replaced = self._replacements
        return [
            item
            for item in self.tests_of(sequence)
            if not {phase.scope, sequence.handler} & replaced.of(item).scopes
        ] or self._callers(phase.scope)

    def is_left_to_people(self, sequence: Sequence) -> bool:
        """Whether a test would run the handler that lies where no command of the project goes."""
        return any(
            item.hidden is not None
            and item.hidden.kind == "outside"
            and self._reaches(item, sequence.handler)
            for item in self._starting
        )

    @cached_property
    def _starting(self) -> list[Item]:
        """The tests that start some application, in whatever way."""
        return [
            item
            for item in self._project.suite.items
            if any(self._starts_one(scope, 0) for scope in self._replacements.scopes(item))
            or _enters_what_is_given(self._replacements.scopes(item), self._clients)
        ]

    def _reaches(self, item: Item, handler: Scope) -> bool:
        """Whether the application may be that of the handler: one that its tests make themselves is not."""
        return handler not in self._replacements.of(item).scopes and not all(
            map(_makes_its_own, self._replacements.scopes(item))
        )

    def _starts_one(self, scope: Scope, depth: int) -> bool:
        if scope not in self._starts:
            self._starts[scope] = False
            self._starts[scope] = any(_starts(scope, call, self._clients) for call in scope.body.calls) or (
                depth < _DEEPEST
                and any(self._starts_one(target, depth + 1) for target in self._helpers(scope))
            )
        return self._starts[scope]

    def _helpers(self, scope: Scope) -> Iterator[Scope]:
        for edge in self._project.graph.edges(scope):
            target = edge.target
            if target is not None and target.module.kind is FileKind.TEST:
                yield target
                yield from (child for child in target.children if target.kind == "class")

    def _callers(self, scope: Scope) -> list[Item]:
        """Tests that call the function by themselves."""
        callers = {edge.caller for edge in self._project.graph.callers(scope)
                   if edge.caller.module.kind is FileKind.TEST}  # fmt: skip
        if not callers:
            return []
        return [
            item for item in self._project.suite.items
            if item.runs and not callers.isdisjoint(self._replacements.scopes(item))
        ]  # fmt: skip


def _starts(scope: Scope, call: Call, clients: AbstractSet[str]) -> bool:
    name = facts.last_name(call.callee)
    if name in clients:
        return bool(call.usage & (ENTERED | ENTERED_ASYNC)) or _is_entered_later(scope, call)
    if name in _RUNNERS:
        return True
    if name in _PROCESSES:
        return any(server in scope.module.packed_bodies for server in _SERVERS)
    if name not in ("enter_context", "enter_async_context"):
        return False
    return any(facts.last_name(other.callee) in clients for other in scope.body.calls)


def _is_entered_later(scope: Scope, call: Call) -> bool:
    """`client = TestClient(app)` and then `with client:`."""
    names = {
        target for part in scope.body.statements
        if part.kind == "assign" and type(part.value) is int and scope.body.calls[part.value] is call
        for target in part.target if type(target) is str
    }  # fmt: skip
    entered = {
        expression for inner in (scope, *scope.children) for block in inner.body.blocks
        if block.kind in ("with", "async-with") for expression, _ in block.detail
    }  # fmt: skip
    return bool(names & entered) or any(
        facts.last_name(other.callee) == "__enter__" for other in scope.body.calls
    )


def _enters_what_is_given(scopes: Iterable[Scope], clients: AbstractSet[str]) -> bool:
    """`with client:` of a parameter, where the fixture of that name makes a test client."""
    making = {scope.name for scope in scopes if not clients.isdisjoint(scope.facts.called)}
    return any(
        expression == part.name
        for scope in scopes
        for part in scope.parameters
        if part.name in making
        for block in scope.body.blocks
        if block.kind in ("with", "async-with")
        for expression, _ in block.detail
    )


def _makes_its_own(scope: Scope) -> bool:
    """Whether the code makes an application just for itself."""
    return not _APPLICATIONS.isdisjoint(scope.facts.called)
