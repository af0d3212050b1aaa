"""DEP002: a retry that never gives up, does not wait, or repeats what must not happen twice."""

from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.construction import given_limits
from greenroom.catalogue.dependency.deadline import Deadlines
from greenroom.catalogue.dependency.mounted import is_only_read
from greenroom.catalogue.dependency.repeated_order import (
    Repeated,
    is_sure,
    may_order,
    only_unsent,
    orders,
    repeated_orders,
)
from greenroom.catalogue.dependency.retry_loop import RetryLoop, RetryLoops
from greenroom.catalogue.dependency.retry_policy import POLICIES, WITHOUT_ARGUMENTS, Policy, PolicyReader
from greenroom.catalogue.dependency.worse_retry import NO_BACKOFF, RETRY_FOREVER, RETRY_NON_IDEMPOTENT
from greenroom.detect.search import mentioning, mentions, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.classes import decorator_name
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.libraries.limits import Given
from greenroom.project.project import Project

_TASKS = {"task", "shared_task", "periodic_task", "actor"}
_TASK_WORDS = words(*_TASKS)
_FOR_EVER = words("max_retries")
_WAITING_FOR_USERS = (Reach.ROUTE, Reach.SOCKET)
# A process of its own may ask for ever, as long as it waits in between: that is how it comes back.
_PATIENT = (Reach.WORKER, Reach.TASK, Reach.LIFESPAN, Reach.SCRIPT)


def detect_unbounded_retries(project: Project) -> Iterator[Sighting]:
    """Retry libraries, task queues and hand-written loops."""
    search = _Search(project)
    for module in project.production():
        for scope in module.scopes:
            yield from search.policies(scope)
            if scope.decorators:
                yield from search.bare_decorators(scope)
                yield from search.tasks(scope)
            loops = list(search.loops(scope))
            yield from loops
            yield from search.orders(scope, {loop.place.line for loop in loops})


class _Search:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._deadlines = project.once(Deadlines)
        self._loops = RetryLoops(project)
        self._knows_retries = _imports_retries(project)
        self._ordering = may_order(project.production())
        self._endless_tasks = {scope.module for scope in mentioning(project.production(), _FOR_EVER)}

    # retry libraries

    def policies(self, scope: Scope) -> Iterator[Sighting]:
        """Calls such as `tenacity.retry(…)`, `Retry(…)`, as decorators or not."""
        made = [
            edge
            for edge in self._project.graph.edges(scope)
            if edge.symbol in POLICIES
            and edge.call >= 0
            and edge.target is None
            and edge.certainty >= PROBABLE
        ]
        decorated = {
            part: child for child in scope.children for part in child.decorators if made and type(part) is int
        }
        for edge in made:
            call = scope.body.calls[edge.call]
            if not call.keywords and not call.arguments and edge.symbol.startswith("redis."):
                continue
            policy = PolicyReader(scope.body, call, given_limits(self._project.inference, scope)).read(
                edge.symbol
            )
            if policy is not None and not policy.is_fine:
                around = decorated.get(edge.call)
                if around is None or not self._deadlines.holds_in(around):
                    yield self._policy_sighting(scope, edge.symbol, call, policy, around)

    def bare_decorators(self, scope: Scope) -> Iterator[Sighting]:
        """`@retry` without a call."""
        outer = scope.parent
        for decorator in scope.decorators if self._knows_retries else ():
            if not isinstance(decorator, str) or outer is None:
                continue
            for value in self._project.inference.name(outer, decorator):
                policy = WITHOUT_ARGUMENTS.get(value.ref) if value.kind == "library" else None
                if policy is not None and not self._deadlines.holds_in(scope):
                    place = Place(path=scope.path, line=scope.line, symbol=scope.qualname)
                    yield self._judged(place, value.ref, policy, scope, scope)

    def _policy_sighting(
        self, scope: Scope, symbol: str, call: Call, policy: Policy, around: Scope | None
    ) -> Sighting:
        owner = around or scope
        place = Place(path=scope.path, line=call.line, symbol=owner.qualname, column=call.column)
        found = self._judged(place, symbol, policy, owner, around)
        if policy.limited and policy.unsafe and is_only_read(self._project, scope, call):
            return replace(found, confidence=Confidence.POSSIBLE)
        return found

    def _judged(
        self, place: Place, symbol: str, policy: Policy, owner: Scope, around: Scope | None
    ) -> Sighting:
        reach = self._project.entries.reach(owner)
        return Sighting(
            place=place,
            message=_message(symbol, policy, around),
            severity=_severity(policy, reach),
            confidence=_confidence(policy, reach),
            consequence=_REPEATED if policy.limited and policy.unsafe else "",
            remedy=policy.remedy,
            subject=symbol,
            reach=reach,
        )

    # task queues

    def tasks(self, scope: Scope) -> Iterator[Sighting]:
        """`@app.task(autoretry_for=(…), max_retries=None)`."""
        outer = scope.parent
        for decorator in scope.decorators if scope.module in self._endless_tasks else ():
            if type(decorator) is not int or outer is None or not mentions(outer, _TASK_WORDS):
                continue
            call = outer.body.calls[decorator]
            name = decorator_name(scope, decorator).rsplit(".", 1)[-1]
            if name not in _TASKS:
                continue
            given = given_limits(self._project.inference, outer)
            never = (
                given.read(call, ("max_retries", "retry_kwargs.max_retries"), positional=False) is Given.NONE
            )
            if never and (
                name == "actor" or call.keyword("autoretry_for") is not None or _retries_for_ever(scope)
            ):
                place = Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column)
                yield Sighting(
                    place=place,
                    message=f"the task `{scope.name}` is retried for ever: `max_retries=None`",
                    severity=Severity.MEDIUM,
                    # Its author wrote `None`, and with back-off the queue can bear it.
                    confidence=Confidence.POSSIBLE if _backs_off(call) else Confidence.PROBABLE,
                    consequence="a task that cannot succeed comes back for ever, and with each such task the queue is fuller",
                    remedy="give it a number: `max_retries=5`",
                    subject="max_retries",
                )

    # loops

    def loops(self, scope: Scope) -> Iterator[Sighting]:
        """`while True: try: … except: continue`."""
        for found in self._loops.find(scope):
            if not self._deadlines.holds_in(scope):
                sighting = self._loop_sighting(found)
                if sighting is not None:
                    yield sighting

    def _loop_sighting(self, found: RetryLoop) -> Sighting | None:
        reach = self._project.entries.reach(found.scope)
        confidence = (
            Confidence.DEFINITE if found.direct and found.asked.certainty > PROBABLE else Confidence.PROBABLE
        )
        if found.waits:
            if not found.ends:
                return None  # a service that waits and goes on
            confidence = Confidence.PROBABLE if reach in _WAITING_FOR_USERS else Confidence.POSSIBLE
        asked = found.asked.symbol or (found.asked.target.qualname if found.asked.target is not None else "")
        return Sighting(
            place=Place(path=found.scope.path, line=found.loop.line, symbol=found.scope.qualname),
            end_line=found.loop.end_line,
            message=_loop_message(found, asked),
            severity=Severity.HIGH if found.ends and not found.waits else Severity.MEDIUM,
            confidence=confidence,
            remedy="count the attempts, wait longer before each, and give up: `for attempt in range(5)`, or a retry library",
            subject=asked,
            reach=reach,
            sites=(
                Place(
                    path=found.scope.path, line=found.asked.line, symbol=found.scope.qualname,
                    column=found.asked.column, note=f"calls {asked}",
                ),
            ),
        )  # fmt: skip

    # what must not happen twice

    def orders(self, scope: Scope, told: set[int]) -> Iterator[Sighting]:
        """A payment or a message in a loop of attempts, or in a function that is retried."""
        if scope.kind != "function" or scope not in self._ordering:
            return
        for found in repeated_orders(self._project, scope):
            if found.loop.line not in told:
                yield _order_sighting(scope, found)
        if scope.decorators and self._is_retried(scope):
            for edge, what in orders(self._project, scope):
                if not any(
                    block.kind == "try" for block in scope.body.enclosing(scope.body.calls[edge.call].block)
                ):
                    yield _order_sighting(scope, Repeated(scope.body.blocks[0], edge, what))
                    return

    def _is_retried(self, scope: Scope) -> bool:
        """By a decorator that does not ask what went wrong, or asks for too little."""
        outer = scope.parent
        if outer is None:
            return False
        if any(isinstance(part, str) and any(value.ref in WITHOUT_ARGUMENTS for value in self._project.inference.name(outer, part)
                                             if value.kind == "library") for part in scope.decorators):  # fmt: skip
            return True
        made = {edge.call for edge in self._project.graph.edges(outer) if edge.symbol in POLICIES}
        return any(
            type(part) is int and part in made and not _asks_what_failed(outer, part)
            for part in scope.decorators
        )


def _asks_what_failed(outer: Scope, decorator: int) -> bool:
    """`retry=retry_if_exception_type(ConnectError)`, `backoff.on_exception(expo, ConnectError)`, or a function that decides."""
    call = outer.body.calls[decorator]
    asked = call.keyword("retry") or call.keyword("on") or call.keyword("exception")
    if asked is None and len(call.arguments) > 1:
        asked = call.arguments[1]
    if asked is None:
        return False
    if type(asked) is int:
        inner = outer.body.calls[asked]
        if not facts.spell(inner.callee, outer.body.calls).endswith("retry_if_exception_type"):
            return True
        return any(only_unsent(part) for part in inner.arguments)
    return only_unsent(asked)


def _order_sighting(scope: Scope, found: Repeated) -> Sighting:
    call = found.order
    return Sighting(
        place=Place(path=scope.path, line=found.loop.line or scope.line, symbol=scope.qualname),
        end_line=found.loop.end_line,
        message=f"`{scope.name}` repeats a request that cannot be taken back, `{found.what}`, without a key that tells "
        "the second from the first",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if is_sure(found) else Confidence.POSSIBLE,
        consequence=_REPEATED,
        remedy="send an idempotency key along that stays the same for all attempts, or ask what became of the first",
        subject=call.symbol,
        sites=(Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),),
    )


_REPEATED = (
    "a request that was carried out and whose answer got lost is carried out again: paid twice, sent twice"
)


def _message(symbol: str, policy: Policy, around: Scope | None) -> str:
    what = f"`{symbol}` around `{around.name}`" if around is not None else f"`{symbol}`"
    if not policy.limited:
        return f"{what} never gives up{'' if policy.waits else ', and does not wait between attempts'}"
    if policy.unsafe:
        return f"{what} repeats requests that are not idempotent"
    return f"{what} does not wait between its attempts"


def _severity(policy: Policy, reach: Reach) -> Severity:
    if not policy.limited:
        if not policy.waits:
            return Severity.HIGH
        return Severity.LOW if reach in _PATIENT else Severity.MEDIUM
    return Severity.MEDIUM if policy.unsafe else Severity.LOW


def _confidence(policy: Policy, reach: Reach) -> Confidence:
    if not policy.limited:
        return Confidence.POSSIBLE if policy.waits and reach in _PATIENT else Confidence.DEFINITE
    if policy.unsafe:
        return Confidence.POSSIBLE if policy.unsafe_by_choice else Confidence.PROBABLE
    return Confidence.POSSIBLE


def _loop_message(found: RetryLoop, asked: str) -> str:
    name = found.scope.name or found.scope.path
    if found.waits:
        return f"`{name}` asks `{asked}` again until it succeeds, however long that takes"
    if found.ends:
        return f"`{name}` asks `{asked}` again at once, for ever, when it fails"
    return f"`{name}` goes round without a pause when `{asked}` fails"


def _backs_off(task: Call) -> bool:
    given = task.keyword("retry_backoff")
    return given is not None and facts.constant(given) is not False


def _imports_retries(project: Project) -> bool:
    libraries = {symbol.split(".", 1)[0] for symbol in WITHOUT_ARGUMENTS}
    return any(
        part.module.split(".", 1)[0] in libraries
        for module in project.modules.values()
        for part in module.imports
    )


def _retries_for_ever(scope: Scope) -> bool:
    """Whether it calls `self.retry(…)`; a number that is given there overrules the decorator's."""
    return any(
        facts.spell(call.callee, scope.body.calls).endswith(".retry")
        and (call.keyword("max_retries") is None or facts.is_none(call.keyword("max_retries")))
        for call in scope.body.calls
    )


MODE = FailureMode(
    code="DEP002",
    name="unbounded-retry",
    family=Family.DEPENDENCY,
    summary="a retry has no limit or no back-off, or repeats what is not idempotent",
    consequence="when the other side is in trouble, every caller keeps asking and holds its worker, so that it never recovers",
    remedy="limit the attempts, wait longer before each with jitter, and repeat only what is idempotent",
    source="AWS Builders' Library, Timeouts, retries, and backoff with jitter; Google SRE Book, Handling Overload",
    detector=detect_unbounded_retries,
    operators=(RETRY_FOREVER, NO_BACKOFF, RETRY_NON_IDEMPOTENT),
    needs_deployment=True,
)
