"""TST009: a dependency that never fails in any test."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.catalogue.tests.failing_stores import FailingStores
from greenroom.catalogue.tests.met_failures import errors_made_of_it, expected_errors, expects_server_error
from greenroom.catalogue.tests.over_files import is_over_files
from greenroom.catalogue.tests.passed_over import passes_over
from greenroom.catalogue.tests.raising_fakes import RaisingFakes
from greenroom.catalogue.tests.taken_away import TakenAway
from greenroom.catalogue.tests.what_is_called import is_left_out, is_of_several_services
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from greenroom.project.code import facts
from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.provoked import answers_with_error, provokes_failure

_HTTP_LIKE = frozenset({"http", "llm", "object-store", "vector-store", "search", "registry", "mail"})
_NOBODY_WAITS = {Reach.SCRIPT, Reach.UNREACHED, Reach.TEST, Reach.PROJECT}
_INTERFACES = frozenset({"langchain-core", "langchain_core", "llama-index", "llama_index"})
"""Behind them stands what the caller gave: a model, a store in memory; they themselves cannot be taken away."""
_FAILURES = ("Error", "Exception", "Timeout", "Failure", "Refused", "Unavailable", "Disconnected")
_THROWERS = frozenset({"set_exception", "throw", "add_exception", "raise_exception"})
_FILE = re.compile(r"['/]([A-Za-z_]\w*\.py)'")
_PYTHON_FILES = words(".py")
_SEVERE = frozenset({"database", "cache", "queue"})
_LINES = frozenset({"socket", "ssl"})
"""An address where nobody listens needs no double; whose line it is, they do not say."""
_OVER = {"botocore": "boto3"}
"""What is imported in the place of a library."""
_LOWEST_ERROR = 400
_ANOTHER_RUN = "retry"
"""`raise self.retry(exc=error)` of a Celery task: how it goes on, and nothing that it depends on."""
_SAYS_AWAY = re.compile(
    r"unavailab|time[sd]?_?out|unreach|connection_refuse|refused_connection|offline|no_connection|connection_(?:error|fail|lost)|network_|exception|base_?url|server_error"
    r"|(?<!\d)50[0234]|_down\b|is_away",
    re.IGNORECASE,
)
_SAYS_NO_ADDRESS = re.compile(r"(?:invalid|bad|malformed)_(?:\w+_)?(?:url|uri|host)", re.IGNORECASE)


def detect_happy_paths(project: Project) -> Iterator[Sighting]:
    """One sighting for each integration point that no test makes fail."""
    suite = _Provoking(project)
    shared = Counter(
        where
        for point in project.integration_points
        for where in {(place.path, place.line) for place in point.sites}
    )
    by_hand = project.once(ByHand)
    for point in project.integration_points:
        sites = [place for place in point.sites if not by_hand.is_run_by_hand(project.modules[place.path])]
        if not point.failures_provoked and sites:
            confidence = _confidence(project, replace(point, sites=tuple(sites)), suite)
            if confidence is not None:
                yield _sighting(project, point, _own_sites(sites, shared), confidence)


def _own_sites(sites: list[Place], shared: Counter[tuple[str, int]]) -> list[Place]:
    """Where it alone is called; a line that may call one of several libraries names none of them."""
    return [place for place in sites if shared[place.path, place.line] == 1] or sites


class _Provoking:
    """The test files in which something is made to fail, and what they speak of."""

    def __init__(self, project: Project) -> None:
        self._origins = project.suite.origins
        modules = [module for module in project.modules.values() if module.kind is FileKind.TEST]
        self.modules = [module for module in modules if any(map(_provokes, module.scopes))]
        self._refused = [
            module
            for module in modules
            if any(
                answers_with_error(scope, lowest=_LOWEST_ERROR) or expects_server_error(scope)
                for scope in module.scopes
            )
        ]
        self._all = modules
        self._spoken: dict[Module, set[str]] = {}
        self._modules = {module.path: module for module in project.production()}
        self._paths = list(self._modules)
        self.taken_away = TakenAway(project)
        self.failing_stores = FailingStores(project)
        self.raising_fakes = RaisingFakes(project)

    def is_done_without(self, point: IntegrationPoint) -> bool:
        """Whether every call stands in a `try` that takes each error and passes: its answer is a nicety."""
        return all(self._is_passed_over(place) for place in point.sites)

    def _is_passed_over(self, place: Place) -> bool:
        home = self._modules.get(place.path)
        for scope in home.scopes if home is not None else ():
            for call in scope.body.calls:
                if (call.line, call.column) == (place.line, place.column):
                    return passes_over(scope, call)
        return False

    def is_asked_elsewhere(self, point: IntegrationPoint) -> bool:
        """Whether a function of another file names the same host: its calls need not be among those that were found."""
        host, homes = point.name.partition(" via ")[0], {place.path for place in point.sites}
        others = [module for path, module in self._modules.items() if path not in homes]
        return "." in host and any(scope.is_function for scope in mentioning(others, words(host)))

    def shares_its_library(self, point: IntegrationPoint) -> bool:
        """Whether no code says who is asked, and tests make fail what another file asks by the same library."""
        if not point.name.startswith("http via "):
            return False
        names = {point.library.replace("-", "_"), _OVER.get(point.library, point.library)}
        return self.about(
            {
                path
                for path, module in self._modules.items()
                if any(not part.level and part.module.partition(".")[0] in names for part in module.imports)
            }
        )

    def about(self, paths: set[str]) -> bool:
        """Whether one of these files speaks of a production file, by import or in a text for `patch`."""
        return any(self._speaks_of(module) & paths for module in (*self.modules, *self._refused))

    def is_said(self, paths: set[str]) -> bool:
        """Whether a test of a file that speaks of one of these says by its name that somebody is away, or cannot be asked."""
        return any(
            scope.is_function and scope.name.startswith("test") and _SAYS_AWAY.search(scope.name)
            for module in self._all
            if self._speaks_of(module) & paths
            for scope in module.scopes
        )

    def is_expected(self, project: Project, point: IntegrationPoint) -> bool:
        """Whether a test of a file that calls it expects the error which that file makes of its failure."""
        made = errors_made_of_it(project, point)
        return any(
            errors and not errors.isdisjoint(expected_errors(module)) and path in self._speaks_of(module)
            for path, errors in made.items()
            for module in self._all
        )

    def is_refused_over_http(self, point: IntegrationPoint) -> bool:
        """Whether no code says who is asked, and a fixture that stands in for any server answers with an error."""
        return point.name.startswith("http via ") and any(
            any(part.module == "pytest_httpx" for part in module.imports) for module in self._refused
        )

    def over_http(self, project: Project) -> bool:
        """Whether an answer of a double is an error in any of them."""
        doubles = (
            "respx",
            "responses",
            "requests_mock",
            "httpx_mock",
            "aioresponses",
            "pytest_httpserver",
            "MockTransport",
        )
        return any(
            any(name in part.module or name == part.name for name in doubles for part in module.imports)
            or b"MockTransport" in module.packed_bodies
            for module in self.modules
        ) and bool(project.suite.items)

    def _speaks_of(self, module: Module) -> set[str]:
        found = self._spoken.get(module)
        if found is None:
            found = set()
            for part in module.imports:
                target = self._origins.symbols.imported_module(module, part.level, part.module)
                inner = self._origins.symbols.follow(module, part) if part.name else []
                homes = [target, *(entry.module or (entry.scope and entry.scope.module) for entry in inner)]
                found |= {home.path for home in homes if home is not None}
            found |= self._loaded(module)
            for body in module.bodies:
                for call in body.calls:
                    text = facts.constant(call.arguments[0]) if call.arguments else None
                    if isinstance(text, str) and "." in text and " " not in text:
                        found |= self._patched(module, text, through=call.keyword("side_effect") is not None)
            self._spoken[module] = found
        return found

    def _loaded(self, module: Module) -> set[str]:
        """Files which a test loads by their path: `spec_from_file_location(name, root / "agent" / "exe.py")`."""
        bodies = (scope.body for scope in mentioning([module], _PYTHON_FILES))
        names = {name for body in bodies for name in _FILE.findall(repr((body.calls, body.statements)))}
        return {path for path in self._paths if path.rpartition("/")[2] in names} if names else set()

    def _patched(self, module: Module, dotted: str, *, through: bool) -> set[str]:
        """The file that is named; where its function is made to raise, also the one that it was imported from."""
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            target = self._origins.symbols.module(".".join(parts[:cut]), module)
            if target is not None:
                return {target.path, *(self._behind(target, parts[cut]) if through else ())}
        return set()

    def _behind(self, module: Module, name: str) -> Iterator[str]:
        """`patch("shop.orders.client.fetch")` and `patch("shop.orders.fetch")`: the file that has the function."""
        for part in module.imports:
            if part.alias == name and part.name:
                for entry in self._origins.symbols.follow(module, part):
                    home = entry.module or (entry.scope and entry.scope.module)
                    if home is not None:
                        yield home.path


def _provokes(scope: Scope) -> bool:
    """A double that raises, or may: to say that nothing does, one must not overlook a way of doing it."""
    if provokes_failure(scope) or any(_may_raise(part) for part in _effects(scope)):
        return True
    helper = scope.kind == "function" and not scope.name.startswith("test")
    if helper and any(
        _is_failure(scope, part.value) for part in scope.body.statements if part.kind == "raise"
    ):
        return True
    return any(last_name(call.callee) in _THROWERS for call in scope.body.calls)


def _effects(scope: Scope) -> Iterator[facts.Expression]:
    """All that is given as `side_effect`, in a call or by assignment."""
    for call in scope.body.calls:
        yield from (value for name, value in call.keywords if name == "side_effect")
    for statement in scope.body.statements:
        if statement.kind == "assign" and any(
            last_name(target) == "side_effect" for target in statement.target
        ):
            yield statement.value


def _may_raise(effect: facts.Expression) -> bool:
    """Not a list of answers, nor a lambda; a name may stand for an exception."""
    if isinstance(effect, tuple):
        return effect[0] == facts.SEQUENCE and any(_sounds_bad(part) for part in effect[2])
    return isinstance(effect, int) or _sounds_bad(effect)


def _sounds_bad(expression: facts.Expression) -> bool:
    if isinstance(expression, int):
        return True
    name = last_name(expression).lower()
    return any(word in name for word in ("err", "exc", "fail", "timeout", "refus", "down", "raise"))


def _is_failure(scope: Scope, value: facts.Expression) -> bool:
    callee = scope.body.calls[value].callee if isinstance(value, int) else value
    name = callee.rpartition(".")[2] if isinstance(callee, str) else ""
    return name.endswith(_FAILURES) and name not in ("AssertionError", "NotImplementedError")


def _confidence(project: Project, point: IntegrationPoint, suite: _Provoking) -> Confidence | None:
    """How sure it is that no test provokes a failure; None where there are no tests to ask."""
    if not project.suite.items:
        return None
    unsure = (
        point.library in _LINES | _INTERFACES
        or is_over_files(project, point)
        or is_of_several_services(point)
        or is_left_out(project, point)
        or not _is_met_by_users(project, point)
        or suite.is_done_without(point)
        or suite.taken_away.may_be(point)
        or suite.failing_stores.has(point)
        or suite.raising_fakes.stand_for(point)
        or suite.about({place.path for place in point.sites})
        or suite.is_said({place.path for place in point.sites})
        or suite.is_expected(project, point)
        or _is_said_by_those_that_lead_there(point)
        or suite.is_refused_over_http(point)
        or suite.is_asked_elsewhere(point)
        or suite.shares_its_library(point)
        or (point.kind in _HTTP_LIKE and suite.over_http(project))
    )
    return Confidence.POSSIBLE if unsure else Confidence.PROBABLE


def _is_met_by_users(project: Project, point: IntegrationPoint) -> bool:
    """Whether a request, a task or the start leads there; a library's users are known by its tests alone."""
    sites = [place for place in point.sites if not _is_set_aside(project, place)]
    reaches = {_reach(project, place.path, place.line) for place in sites}
    if not reaches:
        return False
    if reaches - _NOBODY_WAITS:
        return True
    if project.routes or Reach.SCRIPT in reaches:
        return False  # somebody sits before a script and sees it fail
    return bool(point.tests_real or point.tests_doubled)


def _is_set_aside(project: Project, place: Place) -> bool:
    """Whether a developer alone comes there (`if app.debug:`), or a task asks the worker that runs it for another run."""
    home = project.modules.get(place.path)
    return any(
        (call.line, call.column) == (place.line, place.column)
        and (last_name(call.callee) == _ANOTHER_RUN or is_for_developers(scope.body, call.block))
        for scope in (home.scopes if home is not None else ())
        for call in scope.body.calls
    )


def _is_said_by_those_that_lead_there(point: IntegrationPoint) -> bool:
    """Whether one of the tests that may lead there says so by its name."""
    tests = (*point.tests_real, *point.tests_doubled)
    names = [test.rpartition("::")[2] for test in tests]
    named = any(_SAYS_AWAY.search(name) or _SAYS_NO_ADDRESS.search(name) for name in names)
    return named and point.kind in _HTTP_LIKE  # a store lies behind tests of everything


def _reach(project: Project, path: str, line: int) -> Reach:
    module = project.modules.get(path)
    if module is None:
        return Reach.UNREACHED
    inner = [
        scope for scope in module.scopes if scope.line <= line <= scope.end_line and scope.kind != "lambda"
    ]
    return project.entries.reach(max(inner, key=lambda scope: scope.line, default=module.top))


def _sighting(
    project: Project, point: IntegrationPoint, sites: list[Place], confidence: Confidence
) -> Sighting:
    first = min(sites, key=lambda place: list(Reach).index(_reach(project, place.path, place.line)))
    tests = len({*point.tests_real, *point.tests_doubled})
    others = len(sites) - 1
    where = "it is called here"
    if others:
        where += f" and in {others} other places" if others > 1 else " and in one other place"
    met = (
        f"and none of the {tests} tests that may lead there takes it away"
        if tests > 1
        else "and no test leads there"
    )
    if tests == 1:
        met = "and the one test that may lead there does not take it away"
    elif not tests and any(
        case.interface in (Interface.REAL, Interface.IN_PROCESS) for case in project.suite.tests
    ):
        met = "and no test takes it away"
    return Sighting(
        place=first,
        message=f"no test makes {point.name} fail: {where}, {met}",
        severity=Severity.MEDIUM if point.kind in _SEVERE or tests else Severity.LOW,
        confidence=confidence,
        sites=tuple(place for place in sites if place != first),
        subject=point.name,
        cause=f"{point.kind}:{point.name}",
    )


MODE = FailureMode(
    code="TST009",
    name="happy-path-only",
    family=Family.TESTS,
    summary="no test makes a dependency fail",
    consequence="the first time that anybody sees how the product takes the failure is in production",
    remedy="let a test take it away: refuse the connection, time out, answer with an error, and assert what users see",
    source="Yuan et al., Simple Testing Can Prevent Most Critical Failures (OSDI 2014)",
    detector=detect_happy_paths,
    surest=Confidence.PROBABLE,
)
