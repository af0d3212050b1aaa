"""Is a call under a time limit that stands around it: `wait_for`, `timeout(…)`, a decorator, a caller's?"""

import re
from collections import deque
from collections.abc import Iterator
from functools import cached_property

from greenroom.catalogue.dependency.batch_jobs import BatchJobs
from greenroom.catalogue.dependency.construction import last_name
from greenroom.catalogue.dependency.request_limits import RequestLimits
from greenroom.detect.ascent import weakest
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Reach
from greenroom.project.calls.classes import decorator_name
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_AROUND = {"timeout", "timeout_at", "fail_after", "fail_at", "move_on_after", "move_on_at", "async_timeout"}
_AWAITING = {"wait_for", "wait", "as_completed"}
_MIDDLEWARE = re.compile(r"Time_?[oO]ut\w*Middleware$")
_WORDS = ("timeout", "deadline", "time_limit", "timelimit")
_DEEPEST = 6
# Job queues which end every job after a while unless they are told not to: RQ after 180 seconds,
# Dramatiq after 10 minutes, arq after 300 seconds.
_RQ = frozenset({"rq", "django-rq", "flask-rq2"})
_JOB_DECORATORS = {"job": _RQ, "actor": frozenset({"dramatiq", "django-dramatiq"})}
_QUEUES = frozenset({"arq"}).union(*_JOB_DECORATORS.values())
# Celery ends none by itself; where its configuration says so, it ends each.
_CELERY_TASKS = frozenset({"task", "shared_task", "periodic_task"})
_CELERY_LIMITS = ("task_time_limit", "task_soft_time_limit")
_CELERY_WORDS = words(*_CELERY_LIMITS, *(name.upper() for name in _CELERY_LIMITS))
_CELERY_FLAG = re.compile(r"celery\b.*\bworker\b.*--(?:soft-)?time-limit[=\s\"',]+[1-9]")
_ENQUEUES = {"enqueue", "enqueue_call", "enqueue_at", "enqueue_in"}
_OF_REQUESTS = (Reach.ROUTE, Reach.PROJECT, Reach.TEST)
"""What a request asks, or an import of what serves it."""
_GOES_ON = (Reach.TASK, Reach.WORKER, Reach.SOCKET)
"""What no request starts, and nobody sits before."""
_COMMANDS = re.compile(r"(?:^|/)management/commands/")
"""Django's, however they are written."""
_ENDLESS = ((facts.OPERATION, "-", ((facts.CONSTANT, 1),)), (facts.CONSTANT, -1), (facts.CONSTANT, None))


class Deadlines:
    """Answers for one project; what was asked once is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._around: dict[Scope, bool] = {}
        self._ends_requests: bool | None = None
        self._celery: bool | None = None
        self._requests = project.once(RequestLimits)
        self._batch = project.once(BatchJobs)

    def holds(self, edge: Edge) -> bool:
        """Whether the call ends in time whatever the other side does."""
        if _blocks_the_loop(edge):
            return _is_decorated(edge.caller)  # no timer fires while it waits
        return self._locally(edge) or self.holds_in(edge.caller)

    def holds_in(self, scope: Scope) -> bool:
        """Whether whatever runs in this scope ends in time: every way into it is limited."""
        return self._scope(scope, frozenset())

    def may_hold(self, scope: Scope) -> bool:
        """Whether nobody is known to call the scope, in a project whose job queue ends every job.

        What is called by name only, such as a plug-in, may well run in such a job. A middleware that ends
        requests, ends coroutines with them; which applications it is put around, nobody can tell. A server that
        replaces the worker of a request that hangs, ends plain functions.
        """
        reach = self._project.entries.reach(scope)
        if self._has_middleware() and scope.is_function and scope.is_async:
            return reach not in (Reach.TASK, Reach.SCRIPT)
        if reach in (Reach.ROUTE, Reach.UNREACHED) and self._server_ends(scope):
            return True
        if reach is Reach.UNREACHED and self._is_of_lambda_only(scope):
            return True
        if self._batch.ends(scope):
            return True
        if _QUEUES.isdisjoint(self._project.manifest.declared) and not self._celery_ends_tasks():
            return False
        found = self._project.entries.entry(scope)
        path = self._project.entries.path(scope)
        return scope.is_function and (found is None or weakest(path) < PROBABLE)

    def may_end_with_request(self, scope: Scope) -> bool:
        """Whether the server ends every request, or may do so, and nothing else is certain to come there."""
        return (
            scope.is_function
            and not scope.is_async
            and self._requests.may_end_requests
            and self._project.entries.reach(scope) is Reach.ROUTE
            and not any(map(self._is_another_entry, self._leading_to(scope, CERTAIN)))
        )

    @cached_property
    def end_everything(self) -> bool:
        """Whether the server ends every request, and the queue every job, and nothing else goes on."""
        return self._requests.end_requests and not any(
            entry.reach in _GOES_ON and not self._is_job(entry.scope) for entry in self._project.entries.all()
        )

    def _celery_ends_tasks(self) -> bool:
        """`app.conf.update(task_time_limit=1800)`, `CELERY_TASK_TIME_LIMIT = 300`, `celery worker --time-limit=300`."""
        if self._celery is None:
            self._celery = self._uses_celery() and (
                any(
                    _sets_celery_limit(scope.body)
                    for scope in mentioning(self._project.production(), _CELERY_WORDS)
                )
                or self._celery_is_started_with_limit()
            )
        return self._celery

    def _uses_celery(self) -> bool:
        """It may be installed by what no manifest says, such as an image's package manager."""
        return "celery" in self._project.manifest.declared or any(
            part.level == 0 and (part.module or "").partition(".")[0] == "celery"
            for module in self._project.production()
            for part in module.imports
        )

    def _celery_is_started_with_limit(self) -> bool:
        inventory = self._project.inventory
        return any(
            _CELERY_FLAG.search(inventory.read_text(path).replace("\\\n", " ")) for path in inventory.other
        )

    def _server_ends(self, scope: Scope) -> bool:
        return (
            scope.is_function
            and not scope.is_async
            and scope.module.kind is FileKind.PRODUCTION
            and self._requests.end_requests
            and self._is_asked_by_requests_only(scope)
        )

    def _is_asked_by_requests_only(self, scope: Scope) -> bool:
        """Whether no entry but requests, and what is ended anyway, is known to lead there; of what nobody reaches, may lead."""
        at_least = 0 if self._project.entries.reach(scope) is Reach.UNREACHED else PROBABLE
        return not any(map(self._is_another_entry, self._leading_to(scope, at_least)))

    def _is_of_lambda_only(self, scope: Scope) -> bool:
        """Whether all that calls it ends in a handler of AWS Lambda, which ends each of them after 15 minutes at most."""
        leading = self._leading_to(scope, 0)
        return any(map(_is_lambda_handler, leading)) and all(
            _is_lambda_handler(caller) or above for caller, above in leading.items()
        )

    def _leading_to(self, scope: Scope, at_least: int) -> dict[Scope, bool]:
        """The scope and all that calls it, however far up; each with whether somebody calls it in turn."""
        below, found = deque([scope]), {scope: False}
        while below:
            current = below.popleft()
            callers = {
                edge.caller
                for method in (current, *self._stands_in_for(current))
                for edge in self._project.graph.callers(method)
                if edge.certainty >= at_least and not _is_test(edge.caller)
            }
            found[current] = bool(callers)
            fresh = [caller for caller in callers if caller not in found]
            below.extend(fresh)
            found.update(dict.fromkeys(fresh, False))
        return found

    def _is_another_entry(self, scope: Scope) -> bool:
        is_one = scope in self._other_entries or _COMMANDS.search(scope.path) is not None
        return is_one and not (_is_decorated(scope) or self._is_job(scope))

    @cached_property
    def _other_entries(self) -> frozenset[Scope]:
        return frozenset(
            entry.scope for entry in self._project.entries.all() if entry.reach not in _OF_REQUESTS
        )

    def _has_middleware(self) -> bool:
        """`class TimeoutMiddleware`, or one that is imported."""
        if self._ends_requests is None:
            self._ends_requests = any(
                any(_MIDDLEWARE.search(part.name or "") for part in module.imports)
                or any(scope.kind == "class" and _MIDDLEWARE.search(scope.name) for scope in module.scopes)
                for module in self._project.production()
            )
        return self._ends_requests

    def _locally(self, edge: Edge) -> bool:
        body = edge.caller.body
        if edge.call >= 0:
            call = body.calls[edge.call]
            return _in_block(body, call.block) or _is_awaited_for_a_time(body, call.line)
        return _is_awaited_for_a_time(body, edge.line)

    def _scope(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        """Whether every way into the scope is limited."""
        if scope in self._around:
            return self._around[scope]
        if scope in seen or len(seen) > _DEEPEST:
            return False
        found = _is_decorated(scope) or self._is_job(scope) or self._by_callers(scope, seen | {scope})
        if not seen:
            self._around[scope] = found
        return found

    def _by_callers(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        entry = self._project.entries.entry(scope)
        itself = entry is not None and entry.scope is scope
        reach = entry.reach if itself and entry is not None else None
        if not scope.is_function or (itself and reach not in (Reach.TASK, Reach.WORKER)):
            return False
        edges = [
            edge
            for method in (scope, *self._stands_in_for(scope))
            for edge in self._project.graph.callers(method)
            if not _is_test(edge.caller)
        ]
        if reach is Reach.TASK:  # it goes on without its caller: only who waits for it limits it
            return bool(edges) and all(self._locally(edge) for edge in edges)
        if reach is Reach.WORKER:
            return bool(edges) and all(self._is_enqueued(edge) for edge in edges)
        return bool(edges) and all(self._is_limited_call(edge, seen) for edge in edges)

    def _stands_in_for(self, scope: Scope) -> Iterator[Scope]:
        """The methods of base classes that this one overrides: who calls them may call it."""
        if scope.owner is not None:
            for base in self._project.inference.classes.line(scope.owner)[0][1:]:
                yield from (
                    child for child in base.children if child.kind == "function" and child.name == scope.name
                )

    def _is_limited_call(self, edge: Edge, seen: frozenset[Scope]) -> bool:
        return self._locally(edge) or self._is_enqueued(edge) or self._scope(edge.caller, seen)

    def _is_job(self, scope: Scope) -> bool:
        for decorator in scope.decorators:
            name = decorator_name(scope, decorator).rsplit(".", 1)[-1]
            if name in _CELERY_TASKS and self._celery_ends_tasks():
                return True
            if not self._project.manifest.declared.isdisjoint(_JOB_DECORATORS.get(name, ())):
                keywords = _keywords(scope, decorator)
                return all(keywords.get(name) not in _ENDLESS for name in ("timeout", "time_limit"))
        return False

    def _is_enqueued(self, edge: Edge) -> bool:
        """Handed to RQ, or listed in arq's settings."""
        declared = self._project.manifest.declared
        if edge.how != "reference":
            return False
        if edge.caller.kind == "class" and edge.caller.name == "WorkerSettings":
            return "arq" in declared
        return not declared.isdisjoint(_RQ) and any(
            last_name(edge.caller.body, call) in _ENQUEUES
            and call.line <= edge.line <= call.end_line
            and call.keyword("job_timeout") not in _ENDLESS
            for call in edge.caller.body.calls
        )


def _blocks_the_loop(edge: Edge) -> bool:
    """A synchronous call in a coroutine."""
    sync = edge.effect is not None and edge.effect.mode == "sync"
    return sync and edge.how == "call" and edge.caller.is_function and edge.caller.is_async


def _is_lambda_handler(scope: Scope) -> bool:
    """`def lambda_handler(event, context):`."""
    names = tuple(parameter.name.strip("_") for parameter in scope.parameters) if scope.is_function else ()
    return names == ("event", "context") and scope.parent is not None and scope.parent.kind == "module"


def _is_test(scope: Scope) -> bool:
    return scope.module.kind in (FileKind.TEST, FileKind.EXAMPLE, FileKind.ARCHIVED)


def _is_decorated(scope: Scope) -> bool:
    """`@timeout(5)`, `@app.task(time_limit=60)`, `@job("default", timeout=60)`."""
    for decorator in scope.decorators:
        name = decorator_name(scope, decorator).casefold()
        if any(word in name for word in _WORDS):
            return True
        for key, value in _keywords(scope, decorator).items():
            if any(word in key.casefold() for word in _WORDS) and value not in _ENDLESS:
                return True
    return False


def _sets_celery_limit(body: Body) -> bool:
    """As a keyword, an attribute, a setting or a key of a dict, and not to None."""
    given = [pair for call in body.calls for pair in call.keywords]
    for part in body.statements:
        if part.kind == "assign":
            given += [
                (target.rsplit(".", 1)[-1], part.value) for target in part.target if isinstance(target, str)
            ]
            given += [(facts.constant(inner), inner) for inner in facts.walk(part.value)]
    return any(
        isinstance(name, str) and name.lower().endswith(_CELERY_LIMITS) and not _may_be_none(body, value)
        for name, value in given
    )


def _may_be_none(body: Body, value: Expression) -> bool:
    """None, or what the environment says with None as the default."""
    if type(value) is not int:
        return facts.is_none(value)
    call = body.calls[value]
    return any(map(facts.is_none, (*call.arguments, *(given for _, given in call.keywords))))


def _keywords(scope: Scope, decorator: Expression) -> dict[str, Expression]:
    if type(decorator) is not int or scope.parent is None:
        return {}
    return {key: value for key, value in scope.parent.body.calls[decorator].keywords if key}


def _in_block(body: Body, block: int) -> bool:
    return any(
        _limits(body, body.calls[call], _AROUND)
        for found in body.enclosing(block)
        if found.kind in ("with", "async-with")
        for expression, _ in found.detail
        for call in _made(body, expression)
    )


def _made(body: Body, expression: facts.Expression) -> Iterator[int]:
    """The call that is entered, also where a name holds it: `limit = timeout(5)`, `async with limit:`."""
    if type(expression) is int:
        yield expression
    elif isinstance(expression, str):
        values = (
            part.value for part in body.statements if part.kind == "assign" and expression in part.target
        )
        yield from (value for value in values if type(value) is int)


def _is_awaited_for_a_time(body: Body, line: int) -> bool:
    """Within the arguments of `wait_for(…)`, or of what a `wait_for(name, …)` waits for."""
    return any(first <= line <= last for first, last in _awaited_lines(body))


def _awaited_lines(body: Body) -> Iterator[tuple[int, int]]:
    for call in body.calls:
        if not (_limits(body, call, _AWAITING) or _is_result(call)):
            continue
        yield call.line, call.end_line
        waited = (call.callee.rpartition(".")[0],) if _is_result(call) else call.arguments[:1]
        names = {part for argument in waited for part in facts.walk(argument)}
        for statement in body.statements:
            if statement.kind == "assign" and names.intersection(
                target for target in statement.target if isinstance(target, str)
            ):
                yield statement.line, statement.end_line


def _is_result(call: Call) -> bool:
    """`future.result(timeout=60)`: whoever handed the work over goes on after a minute."""
    limit = call.keyword("timeout") or next(iter(call.arguments), None)
    return (
        isinstance(call.callee, str)
        and call.callee.endswith(".result")
        and limit is not None
        and not facts.is_none(limit)
    )


def _limits(body: Body, call: Call, names: set[str]) -> bool:
    name = last_name(body, call)
    if name not in names:
        return False
    if name in _AWAITING:
        limit = call.keyword("timeout")
        if limit is None and name == "wait_for" and len(call.arguments) > 1:
            limit = call.arguments[1]
    else:
        limit = next((value for _, value in call.keywords), None) or next(iter(call.arguments), None)
    return limit is not None and not facts.is_none(limit)
