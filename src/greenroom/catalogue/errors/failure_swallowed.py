"""ERR001: an `except` around a dependency that lets its failure look like success."""

import re
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.errors import circumstances
from greenroom.catalogue.errors.borne_out import is_borne_out
from greenroom.catalogue.errors.broadened_except import BROADEN_EXCEPT
from greenroom.catalogue.errors.case import Case, read_cases
from greenroom.catalogue.errors.crossings import Crossing, Crossings, needs
from greenroom.catalogue.errors.dropped_raise import DROP_RAISE
from greenroom.catalogue.errors.emptied_handler import ERROR_AS_EMPTY, SWALLOW_HANDLER
from greenroom.catalogue.errors.emptied_result import RETURN_EMPTY
from greenroom.catalogue.errors.gathered_failures import SWALLOW_IN_GATHER
from greenroom.catalogue.errors.handlers import Logged, deep_parts, emptiness
from greenroom.catalogue.errors.lost_status import find_lost_statuses
from greenroom.catalogue.errors.made_up_for import is_made_up_for, is_told
from greenroom.catalogue.errors.purpose import is_all_it_does
from greenroom.catalogue.errors.results import may_look_like, success_results
from greenroom.catalogue.errors.told_by_callers import is_told_by_callers
from greenroom.catalogue.errors.wiring import Wiring
from greenroom.catalogue.errors.wrong_status import WRONG_STATUS
from greenroom.detect.search import mentioning, whole, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.project import Project

# What the name of a function promises: an answer about health, a clean-up, or an attempt.
_HEALTH = re.compile(
    r"health|alive|ready|readiness|ping|status|availab|reachable|heartbeat|probe|diagnos", re.IGNORECASE
)
_CLEAN_UP = re.compile(
    r"(^|_)(close|aclose|shutdown|stop|clean|cleanup|teardown|tear_down|dispose|terminate|disconnect|exit|del|finalize"
    r"|finish|abort|cancel|rollback|release|logout|quit|unlink|remove_temp|purge|evict|invalidate)(_|$)",
    re.IGNORECASE,
)
_ATTEMPT = re.compile(r"(^|_)(try|maybe|safe|safely|best_effort|quiet|quietly|silent|silently|ignore|optional|prefetch"
                      r"|warm|preload)(_|$)|or_none|or_default|if_possible", re.IGNORECASE)  # fmt: skip
_QUESTION = re.compile(
    r"^_*(is|has|can|check|exists?|supports?|should|verify|validate|detect|test|wait|poll)(_|$)",
    re.IGNORECASE,
)
_TELEMETRY = re.compile(r"telemetr|analytic|metric|posthog|track|tracing|segment|scarf|usage|version_check"
                        r"|latest_version|new_version|update_check|sentry|statsd|mixpanel|audit_?log|log_|(^|_)logs?$", re.IGNORECASE)  # fmt: skip
_CLEANING_CALLS = frozenset(
    {
        "close", "aclose", "rollback", "unlink", "disconnect", "quit", "cancel", "shutdown", "stop", "terminate",
        "kill", "release", "remove", "cleanup", "logout", "unsubscribe", "leave", "delete", "delete_one", "expunge",
        "dispose", "wait_closed", "unlock", "deregister", "drain", "abort",
    }
)  # fmt: skip
_HANDLERS = whole("except") + words("suppress")
_STORES = frozenset({"database", "object-store", "search", "vector-store"})
_LINES = frozenset({"socket", "dns", "process"})
"""Who reads from the line hears of its end; whether it is there may be the question."""


def detect_swallowed_failures(project: Project) -> Iterator[Sighting]:
    """Every `try` around a dependency whose handler lets the caller go on as if nothing were."""
    crossings, wiring = Crossings(project), Wiring(project)
    for scope in mentioning(project.production(), _HANDLERS):
        if scope.kind != "function" or not project.graph.edges(scope):
            continue
        for case in read_cases(scope, crossings):
            sighting = _judge(project, case)
            if sighting is not None:
                yield _as_wired(sighting, case, wiring)
    yield from find_lost_statuses(project)


def _as_wired(sighting: Sighting, case: Case, wiring: Wiring) -> Sighting:
    """Only possible where what fails is made by nothing that serves anybody."""
    if sighting.confidence is Confidence.POSSIBLE or not all(map(wiring.leaves_out, case.crossings)):
        return sighting
    return replace(sighting, confidence=Confidence.POSSIBLE)


def _judge(project: Project, case: Case) -> Sighting | None:
    if _is_best_effort(case) or _is_fallback(case) or _is_retried(case) or _is_told_apart(case):
        return None
    confidence = _confidence(project, case)
    return None if confidence is None else _sighting(project, case, confidence)


def _is_best_effort(case: Case) -> bool:
    """Clean-up, health checks and telemetry: a failure there is not the caller's business, or is the answer."""
    scope, body = case.scope, case.scope.body
    names = scope.qualname
    if (
        _HEALTH.search(scope.name)
        or _CLEAN_UP.search(scope.name)
        or _TELEMETRY.search(names)
        or _TELEMETRY.search(scope.path.rsplit("/", 1)[-1])
    ):
        return True
    if scope.name in ("__exit__", "__aexit__", "__del__"):
        return True
    kinds = {part.kind for part in body.enclosing(case.guard)}
    if kinds & {"finally", "except"}:
        return True
    called = [_called_name(part) for part in case.crossings]
    return all(
        name in _CLEANING_CALLS or _TELEMETRY.search(name) or _CLEAN_UP.search(name) for name in called
    )


def _called_name(crossing: Crossing) -> str:
    edge = crossing.edge
    return edge.target.name if edge.target is not None else edge.symbol.rsplit(".", 1)[-1]


def _is_fallback(case: Case) -> bool:
    """What is tried first returns; what stands behind the handler is the other way."""
    body, flow = case.scope.body, Flow(case.scope.body)
    if case.handling.gives != "nothing":
        return False
    leaves = any(
        (part.kind in ("return", "break", "continue") and flow.inside(part.block, case.guard))
        or (part.kind in ("return", "break") and body.blocks[part.block].kind == "try-else"
            and body.blocks[part.block].owner == case.guard)
        for part in body.statements
    )  # fmt: skip
    after = [part for part in body.statements if part.line > case.handling.end_line]
    return leaves and any(part.kind in ("return", "raise", "expression", "assign") and not _is_empty(body, part)
                          for part in after)  # fmt: skip


def _is_empty(body: Body, statement: Statement) -> bool:
    return statement.kind == "return" and emptiness(body, statement.value) in ("none", "empty", "false")


def _is_retried(case: Case) -> bool:
    """A loop of attempts, or one which runs for ever, comes back to it."""
    body = case.scope.body
    for number, loop in Flow(body).loops(case.guard):
        if loop.kind == "while":
            again = not circumstances.took_before(body, number, case.guard)
            return again and case.handling.gives in ("nothing", "next")
        iterated = loop.detail[1]
        if isinstance(iterated, int) and str(body.calls[iterated].callee).rsplit(".", 1)[-1] in (
            "range",
            "count",
        ):
            leaves = any(part.kind in ("return", "break") and Flow(body).inside(part.block, number)
                         for part in body.statements)  # fmt: skip
            return leaves and case.handling.gives in ("nothing", "next")
    return False


def _is_told_apart(case: Case) -> bool:
    """What the `try` sets is asked for afterwards: `if result is None: …`."""
    body, flow = case.scope.body, Flow(case.scope.body)
    names = set(case.handling.sets)
    for part in body.statements:
        if part.kind == "assign" and (
            flow.inside(part.block, case.guard) or body.blocks[part.block].owner == case.guard
        ):
            names.update(name for name in part.target if isinstance(name, str))
    tests = [block.detail for block in body.blocks
             if block.kind in ("if", "while") and block.line > case.handling.end_line]  # fmt: skip
    values = [part.value for part in body.statements if part.line > case.handling.end_line]
    tests += [part[3] for value in values for part in facts.walk(value)
              if isinstance(part, tuple) and part[0] == facts.EITHER and part[1] == "if"]  # fmt: skip
    asked = {part for test in tests for part in deep_parts(body, test) if isinstance(part, str)}
    return bool(names & asked)


def _confidence(project: Project, case: Case) -> Confidence | None:
    """How sure it is that a careful reader would call it hidden; None where the caller is told."""
    handling = case.handling
    if handling.gives == "false" and _is_signal(case):
        return None
    if handling.gives in ("false", "default") or handling.branches or handling.expected:
        return Confidence.POSSIBLE
    if _QUESTION.search(case.scope.name) or _ATTEMPT.search(case.scope.name):
        return Confidence.POSSIBLE
    if all(map(circumstances.may_not_matter, case.crossings)) or not _misleads_users(project, case):
        return Confidence.POSSIBLE
    if not _is_hidden(case) or _is_meant(project, case) or not is_borne_out(project, case):
        return Confidence.POSSIBLE
    slight = _severity(project, case) is Severity.LOW and not _is_job_lost(case)
    if _runs_on(case) and slight and project.entries.path(case.scope):
        # it is logged as an error, and what goes on behind a request is mostly meant to
        return Confidence.POSSIBLE
    return Confidence.PROBABLE


def _is_meant(project: Project, case: Case) -> bool:
    """Whether what stands around it says so, or nobody would hear of the failure anyway."""
    scope = case.scope
    return (
        circumstances.is_migration(scope, case.crossings)
        or circumstances.commits_nothing(scope, case.crossings)
        or (_is_notice(case) and not _is_taken_for_sent(case))
        or (case.handling.gives == "nothing" and bool(case.handling.sets))  # `pushed = None`
        or (case.handling.gives in ("nothing", "none") and is_told(case))
        or is_made_up_for(project, case)
        or (case.handling.gives in ("none", "empty") and is_told_by_callers(project, scope))
        or (
            case.handling.logged is not Logged.SILENT
            and circumstances.is_each_by_itself(project, scope, case.guard)
        )
        or circumstances.waits_for_an_end([_called_name(part) for part in case.crossings])
        or circumstances.is_optional(scope, case.guard)
        or all(circumstances.is_made_once(project, part) for part in case.crossings)
        or circumstances.is_said(project, scope, case.handling.end_line)
        or circumstances.is_caught_by_all_callers(project, scope)
        or (case.handling.gives == "none" and circumstances.is_of_attempts(project, scope))
    )


def _is_notice(case: Case) -> bool:
    return circumstances.is_notice(case.scope, [_called_name(part) for part in case.crossings])


def _is_taken_for_sent(case: Case) -> bool:
    """Nobody hears that a notice was lost, and the code notes that it went out: nobody will send it again."""
    silent = case.handling.logged is Logged.SILENT and case.handling.gives == "nothing"
    return silent and circumstances.is_noted_as_sent(case.scope.body, case.guard, case.handling.end_line)


def _misleads_users(project: Project, case: Case) -> bool:
    """Whether somebody waits for the answer, and what failed is what it is about.

    A user waits on a request only; a note that something went out misleads whoever reads it later. Where the author logs
    an error, what others would have added may be missing from the answer on purpose; what the product itself stores may not.
    """
    if _is_taken_for_sent(case):
        return True
    reach = project.entries.reach(case.scope)
    if _is_job_lost(case) and (
        reach is Reach.WORKER or circumstances.is_job_of_loop(case.scope.body, case.guard)
    ):
        return True
    if reach not in (Reach.ROUTE, Reach.SOCKET) or circumstances.runs_afterwards(project, case.scope):
        return False
    kinds = {kind for part in case.crossings for kind in part.kinds}
    if case.handling.logged is Logged.DEBUG and _runs_on(case) and case.later:
        return False  # a step on the side: what is asked for comes after it
    if case.handling.logged is not Logged.LOGGED:
        return not kinds <= _LINES
    # What goes on and says so in the log is mostly meant to: of eleven at first sight, six were a fault.
    return bool(kinds & _STORES) and (not _runs_on(case) or is_all_it_does(project, case))


def _is_job_lost(case: Case) -> bool:
    """Nobody hears of it: the job counts as done, and nobody will do it again."""
    return (
        case.handling.logged is Logged.SILENT
        and case.handling.gives in ("nothing", "next", "ok")
        and _writes(case)
    )


def _is_hidden(case: Case) -> bool:
    """Whether whoever called goes on as after a success."""
    if case.handling.logged is Logged.WARNED:
        return False
    return _writes(case) if _runs_on(case) else _looks_alike(case)


def _looks_alike(case: Case) -> bool:
    """Whether a success can give the same; what is given before anybody was asked means something else."""
    body, asked = case.scope.body, case.scope.body.blocks[case.guard].line
    results = [part for part in success_results(case.scope) if part.line >= asked]
    if case.handling.gives == "same":
        return True
    if case.handling.gives == "ok":
        return all(emptiness(body, part.value) in ("ok", "false", "none") for part in results)
    gives = "none" if case.handling.gives == "nothing" else case.handling.gives
    return any(may_look_like(body, part, gives) for part in results)


def _runs_on(case: Case) -> bool:
    """The handler gives no answer: it falls through, or returns from what returns nothing."""
    body, gives = case.scope.body, case.handling.gives
    answers = any(part.kind == "return" and emptiness(body, part.value) != "none" for part in body.statements)
    if gives == "nothing" and answers:  # falling off the end of a function that answers is an answer, too
        return any(part.line > case.handling.end_line for part in body.statements)
    return gives in ("nothing", "next") or (gives == "none" and not answers)


def _writes(case: Case) -> bool:
    """Whether what failed was to change something, or stood before what does."""
    return bool(_changes(case))


def _changes(case: Case) -> list[Edge]:
    lost = (*case.crossings, *case.later) if case.handling.gives == "none" else case.crossings
    return [
        part.changes
        for part in lost
        if part.changes is not None and not circumstances.asks_by_post(case.scope, part)
    ]


def _is_signal(case: Case) -> bool:
    """`return False` where success returns True: that is the answer."""
    others = success_results(case.scope)
    return bool(others) and all(emptiness(case.scope.body, part.value) in ("ok", "false") for part in others)


def _sighting(project: Project, case: Case, confidence: Confidence) -> Sighting:
    scope = case.scope
    first = min(case.crossings, key=lambda part: (part.edge is not part.leaf, part.edge.line))
    return Sighting(
        place=Place(path=scope.path, line=case.handling.line, symbol=scope.qualname),
        end_line=case.handling.end_line,
        message=_message(case, first),
        severity=_severity(project, case),
        confidence=confidence,
        chain=_chain(first),
        subject=first.leaf.symbol,
    )


def _chain(crossing: Crossing) -> tuple[Place, ...]:
    if crossing.edge is crossing.leaf:
        return ()
    return tuple(
        Place(path=edge.caller.path, line=edge.line, symbol=edge.caller.qualname, column=edge.column,
              note=f"calls {edge.target.qualname if edge.target is not None else edge.symbol}")
        for edge in (crossing.edge, crossing.leaf)
    )  # fmt: skip


def _message(case: Case, crossing: Crossing) -> str:
    seen = {
        Logged.SILENT: "is swallowed",
        Logged.DEBUG: "is logged for debugging only",
        Logged.WARNED: "is only logged",
        Logged.LOGGED: "is only logged",
    }[case.handling.logged]
    behind = f"`{_called_name(crossing)}`, which needs {needs(crossing)},"
    what = f"`{crossing.leaf.symbol}`" if crossing.edge is crossing.leaf else behind
    return f"the failure of {what} {seen}, {_outcome(case)}"


def _outcome(case: Case) -> str:
    name, gives = case.scope.name, case.handling.gives
    if gives == "next":
        return "and the loop goes on to the next one"
    if _runs_on(case):
        return f"and `{name}` goes on as if it had worked"
    alike = _looks_alike(case)
    return {
        "nothing": f"and `{name}` returns None",
        "none": f"and `{name}` returns None" + (", as it does when there is none" if alike else ""),
        "false": f"and `{name}` returns False",
        "empty": f"and `{name}` gives an empty result"
        + (", as it does when there is nothing" if alike else ""),
        "ok": f"and `{name}` reports success",
        "same": f"and `{name}` answers in the same words as after a success",
        "default": f"and `{name}` returns a default",
    }[gives]


def _severity(project: Project, case: Case) -> Severity:
    reach = project.entries.reach(case.scope)
    if case.handling.logged >= Logged.WARNED:
        return (
            Severity.MEDIUM
            if case.handling.gives in ("ok", "same") and reach is Reach.ROUTE
            else Severity.LOW
        )
    if reach in (Reach.SCRIPT, Reach.UNREACHED):
        return Severity.LOW
    lost = case.handling.gives in ("ok", "same") or _writes(case)
    return Severity.HIGH if lost and reach in (Reach.ROUTE, Reach.SOCKET) else Severity.MEDIUM


MODE = FailureMode(
    code="ERR001",
    name="failure-swallowed",
    family=Family.ERRORS,
    summary="an `except` around a dependency hides its failure from the caller",
    consequence="users are told that all is well, or that there is nothing, while the dependency is down",
    remedy="let the exception pass, or return something that says so and have the caller report it",
    source="Yuan et al., Simple Testing Can Prevent Most Critical Failures, OSDI 2014",
    detector=detect_swallowed_failures,
    operators=(
        SWALLOW_HANDLER,
        DROP_RAISE,
        ERROR_AS_EMPTY,
        RETURN_EMPTY,
        WRONG_STATUS,
        BROADEN_EXCEPT,
        SWALLOW_IN_GATHER,
    ),
    surest=Confidence.PROBABLE,
)
