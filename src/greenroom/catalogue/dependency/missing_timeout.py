"""DEP001: a client that waits for ever when the other side does not answer."""

import re
from collections import defaultdict
from collections.abc import Iterator

from greenroom.catalogue.dependency.asked_in_time import is_asked_in_time
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.certain_use import is_certainly_asked
from greenroom.catalogue.dependency.changed_timeout import DEADLINE_RESET, TIMEOUT_UNITS
from greenroom.catalogue.dependency.construction import Origins, Site
from greenroom.catalogue.dependency.crossing import Crossing, read_crossing
from greenroom.catalogue.dependency.deadline import Deadlines
from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.catalogue.dependency.dropped_timeout import DROP_TIMEOUT, UNWRAP_WAIT_FOR
from greenroom.catalogue.dependency.for_streams import is_for_streams
from greenroom.catalogue.dependency.handed_over import is_decided_elsewhere
from greenroom.catalogue.dependency.lent_to_tests import LentToTests
from greenroom.catalogue.dependency.loop_bounds import is_bounded
from greenroom.catalogue.dependency.named import Named
from greenroom.catalogue.dependency.only_here import asks_this_machine, is_forgotten, is_only_here
from greenroom.catalogue.dependency.prepares import prepares
from greenroom.catalogue.dependency.read_already import has_read_all, is_finished, is_in_the_address
from greenroom.catalogue.dependency.server_limits import ServerLimits
from greenroom.catalogue.dependency.stream_loops import stream_loops
from greenroom.catalogue.dependency.table_maker import makes_tables_only
from greenroom.catalogue.dependency.tamed_session import TamedSessions
from greenroom.catalogue.dependency.undeclared_setting import waits_for_undeclared_setting
from greenroom.catalogue.dependency.unlimited_words import consequence, message, remedy
from greenroom.catalogue.dependency.who_asks import WhoAsks
from greenroom.detect.never_chosen import is_never_called, is_never_chosen
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code.facts import constant, walk
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.limits import Given
from greenroom.project.project import Project

LONG = 600
"""Seconds from which a library's own limit is worth a word: nobody waits ten minutes for an answer."""

_CONFIDENCE = (Confidence.POSSIBLE, Confidence.PROBABLE, Confidence.DEFINITE)
_LOWER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.LOW}
_UNKNOWN = (Reach.PROJECT, Reach.UNREACHED)
_UNSEEN = (Reach.TASK, Reach.WORKER, Reach.UNREACHED)
# Waiting for work is what a consumer is for; how long a stream may be silent is STR001's question.
_RECEIVES = frozenset(
    {
        "poll", "consume", "recv", "receive", "receive_str", "receive_bytes", "receive_json", "drain_events",
        "start_consuming", "getone", "getmany", "iterator", "listen", "notifies", "run", "messages",
    }
)  # fmt: skip
_RECEIVING_CLASSES = ("SimpleQueue.get", "AbstractQueue.get")
# How long one waits for a free connection or a lock is not the network's doing.
_WAITS_FOR_US = (".lock.", "Pool.acquire", "Pool.close", "Pool.release")
_OF_SOCKETS = re.compile(r"\.ws_connect$|\bClientWebSocketResponse\.")


def detect_missing_timeouts(project: Project) -> Iterator[Sighting]:
    """Constructions and calls without a time limit; one for each cause."""
    search = _Search(project)
    for crossings in search.calls():
        worst = crossings[0]
        if all(search.lacks(each) for each in crossings):
            yield search.sighting(worst)


class _Search:
    """All crossings of a project, the uses of a client together with where it was built."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._origins = Origins(project.inference, project.graph)
        self._deadlines = project.once(Deadlines)
        self._server = project.once(ServerLimits)
        self._by_hand = project.once(ByHand)
        self._who = WhoAsks(project)
        self._named = Named(project)
        self._lent = project.once(LentToTests)
        self._by_call: dict[Site, list[Crossing]] = defaultdict(list)
        for edge in project.graph.all_effects():
            if edge.caller.module.kind in (FileKind.PRODUCTION, FileKind.SCRIPT):
                self._read(edge)
        self._sessions = TamedSessions(project, self._origins)
        for crossings in list(self._by_call.values()):
            for crossing in crossings:
                self._attach(crossing)

    def _read(self, edge: Edge) -> None:
        crossing = read_crossing(self._project, edge)
        if crossing is not None:
            self._by_call[edge.caller, edge.call].append(crossing)

    def _attach(self, crossing: Crossing) -> None:
        """A call that takes its limit from the client counts at the client's construction."""
        if crossing.made is not None or crossing.effect.limit_default:
            return
        limited = crossing.limit.given in (Given.LIMIT, Given.OPAQUE) or self._deadlines.holds(crossing.edge)
        for site in crossing.origins(self._origins):
            for built in self._by_call.get(site, ()):
                if limited:
                    built.limited_uses += 1
                else:
                    built.uses.append(crossing.edge)

    def calls(self) -> list[list[Crossing]]:
        """What one written call may be, in the order of the files."""
        return list(self._by_call.values())

    def lacks(self, crossing: Crossing) -> bool:
        """Whether a careful reader would say that this call, or client, has no (or a long) limit."""
        value = crossing.limit.value
        if value != "none" and not (isinstance(value, int | float) and value >= LONG):
            return False
        body, block = crossing.scope.body, crossing.call.block
        if is_for_developers(body, block) or is_in_the_address(crossing.effect.symbol, body, block):
            return False
        if is_finished(body, crossing.call):
            return False
        if crossing.made is not None:
            return self._client_lacks(crossing)
        effect = crossing.effect
        if not effect.limit_default and crossing.limit.given is not Given.NONE:
            return False
        if crossing.limit.given is Given.NONE and effect.kind not in ("http", "llm", "search", "rpc"):
            return False  # `timeout=None` of a database or queue call: "as the client says"
        if (
            effect.stream
            or _is_receiving(effect.symbol)
            or any(part in effect.symbol for part in _WAITS_FOR_US)
        ):
            return False
        return not (
            self._is_told_as_stream(crossing)
            or self._server.global_limit(effect)
            or self._sessions.is_tamed(crossing)
            or self._deadlines.holds(crossing.edge)
        )

    def _is_told_as_stream(self, crossing: Crossing) -> bool:
        """Whether it opens a stream that is read right here: how long that may be silent is STR001's question."""
        if not crossing.scope.is_function or has_read_all(crossing.edge):
            return False
        return any(
            edge.call == crossing.edge.call
            and (
                crossing.limit.given is Given.NONE
                or (loop.finite and not is_bounded(crossing.scope.body, loop.number))
            )
            for loop in stream_loops(self._project, crossing.scope)
            for edge in loop.opening
        )

    def _client_lacks(self, crossing: Crossing) -> bool:
        if any(part in crossing.effect.symbol for part in _WAITS_FOR_US):
            return False
        if crossing.is_limited_afterwards or (crossing.limited_uses and not crossing.uses):
            return False
        if is_for_streams(crossing) or is_decided_elsewhere(crossing):
            return False
        if self._server.global_limit(crossing.effect):
            return False
        if crossing.effect.kind == "database" and self._server.accepts(crossing):
            return False
        if crossing.limit.from_url and self._server.url_has_limit:
            return False
        return not (crossing.effect.touches == "network" and self._deadlines.holds(crossing.edge))

    # the sighting

    def sighting(self, crossing: Crossing) -> Sighting:
        reach = self._who.reach(crossing)
        call, sites = crossing.call, self._sites(crossing)
        return Sighting(
            place=_place(crossing.edge),
            end_line=call.end_line,
            message=message(crossing, len(sites)),
            severity=_severity(crossing, reach),
            confidence=self._confidence(crossing),
            consequence=consequence(
                crossing,
                reach,
                at_start=self._who.is_at_start(crossing),
                may_be_ended=self._may_be_ended(self._who.asking(crossing)),
            ),
            remedy=remedy(crossing),
            sites=sites,
            subject=crossing.effect.symbol,
            cause=self._cause(crossing),
            reach=reach,
        )

    def _sites(self, crossing: Crossing) -> tuple[Place, ...]:
        """The calls that depend on it; of these, where somebody is known to come to some, no others."""
        live = [edge for edge in crossing.uses if self._who.is_known(edge.caller)]
        return tuple(
            sorted(
                {_place(edge) for edge in live or crossing.uses}, key=lambda place: (place.path, place.line)
            )
        )

    def _confidence(self, crossing: Crossing) -> Confidence:
        scopes = self._who.asking(crossing)
        if prepares(crossing) or is_only_here(crossing) or self._may_be_nobodys(crossing, scopes):
            return Confidence.POSSIBLE
        if is_forgotten(self._project, crossing) or self._lent.holds(crossing.scope.path):
            return Confidence.POSSIBLE
        if makes_tables_only(self._project, crossing):
            return Confidence.POSSIBLE
        if waits_for_undeclared_setting(self._project, crossing):
            return Confidence.POSSIBLE
        if is_never_chosen(self._project, crossing.scope, crossing.call.block) or all(
            is_never_called(self._project, scope) for scope in scopes
        ):
            return Confidence.POSSIBLE
        if crossing.uses and all(_OF_SOCKETS.search(edge.symbol) for edge in crossing.uses):
            return Confidence.POSSIBLE  # one long connection: who watches its silence is another question
        certainty = self._certainty(crossing, scopes)
        if self._is_seen_or_unseen(crossing, certainty):
            return Confidence.POSSIBLE
        if self._who.reach(crossing) is Reach.SCRIPT:
            certainty = min(certainty, PROBABLE)  # somebody may sit before it after all
        return _CONFIDENCE[max(certainty, 0)]

    def _certainty(self, crossing: Crossing, scopes: set[Scope]) -> int:
        """Of the client's type, of the way there, and that no limit stands where nobody looked."""
        made, limit = crossing.made, crossing.limit
        if made is not None and made.connect_default and crossing.effect.kind == "database":
            return 0  # it finds out by itself that a server is gone; what remains is a slow query
        certainty = crossing.edge.certainty
        if (
            not any(map(self._who.is_known, scopes))  # who calls it may have a deadline
            or (made is not None and (limit.from_url or not is_certainly_asked(crossing)))
            or not limit.arguments
            or (limit.given is Given.NONE and limit.connecting)  # who limits the one has thought of the other
            or self._sessions.may_be_tamed(crossing)
            or self._may_be_ended(scopes)
        ):
            certainty = min(certainty, PROBABLE)
        unsure = limit.given is Given.ABSENT and not limit.default.certain
        return certainty - unsure

    def _may_be_ended(self, scopes: set[Scope]) -> bool:
        """Whether all who are known to ask are requests that the server may end."""
        known = list(filter(self._who.is_known, scopes))
        return bool(known) and all(map(self._deadlines.may_end_with_request, known))

    def _is_seen_or_unseen(self, crossing: Crossing, certainty: int) -> bool:
        """Whether somebody sits in front of it and sees that it hangs, or no user waits for what ends at last."""
        module = crossing.scope.module
        if self._by_hand.is_run_by_hand(module) or self._by_hand.is_probe(module):
            return True
        if asks_this_machine(crossing) and self._by_hand.is_loaded_by_nobody(module):
            return True
        if certainty < CERTAIN and self._who.reach(crossing) is Reach.SCRIPT:
            return True
        if self._is_for_show(crossing):
            return True
        if not isinstance(crossing.limit.value, int | float):
            return False
        asking = {edge.caller for edge in crossing.uses} | {crossing.scope}
        return all(self._who.known_reach(scope) in _UNSEEN for scope in asking if scope.is_function)

    def _is_for_show(self, crossing: Crossing) -> bool:
        """Under `__main__` of a file that others import and nothing starts: it shows how the file is used."""
        scope, module = crossing.scope, crossing.scope.module
        return (
            scope.kind == "module"
            and any(_asks_for_main(block.detail) for block in scope.body.enclosing(crossing.call.block))
            and self._by_hand.is_imported(module)
            and not self._by_hand.is_started(module)
        )

    def _may_be_nobodys(self, crossing: Crossing, scopes: set[Scope]) -> bool:
        """Whether something else may end it in time, or nobody is there to wait."""
        if all(self._deadlines.may_hold(scope) for scope in scopes) or is_asked_in_time(
            crossing, self._deadlines
        ):
            return True
        if crossing.scope.kind == "module" and crossing.made is not None and self._deadlines.end_everything:
            return True  # whoever asks through it
        if any(map(self._who.is_known, scopes)):
            return False
        if crossing.scope.kind == "module" and self._by_hand.is_left_out(crossing.scope.module):
            return True  # its names may be those of others
        return not any(
            self._named.is_named(scope) and not self._named.is_only_tested(scope.module) for scope in scopes
        )

    def _cause(self, crossing: Crossing) -> str:
        """Calls on one object, or of one library in one function, are one cause."""
        if crossing.made is None:
            origins = crossing.origins(self._origins) if crossing.effect.symbol.count(".") > 1 else ()
            if origins:
                return "|".join(sorted(_spot(scope, str(call)) for scope, call in origins))
            return _spot(crossing.scope, crossing.effect.distribution)
        if isinstance(crossing.limit.value, int | float):  # the same oversight, all over a file of providers
            return f"{crossing.scope.path}:{crossing.effect.distribution}"
        return _spot(crossing.scope, f"{crossing.effect.distribution}()")


def _asks_for_main(test: object) -> bool:
    """`__name__ == "__main__"`."""
    return isinstance(test, tuple) and any(constant(part) == "__main__" for part in walk(test))


def _spot(scope: Scope, what: str) -> str:
    return f"{scope.path}:{scope.index}:{what}"


def _is_receiving(symbol: str) -> bool:
    return symbol.endswith(_RECEIVING_CLASSES) or symbol.rsplit(".", 1)[-1] in _RECEIVES


def _place(edge: Edge) -> Place:
    return Place(path=edge.caller.path, line=edge.line, symbol=edge.caller.qualname, column=edge.column)


def _severity(crossing: Crossing, reach: Reach) -> Severity:
    limit = crossing.limit
    at_import = crossing.made is None and crossing.scope.kind == "module"
    if isinstance(limit.value, int | float) or reach is Reach.SCRIPT or at_import:
        return Severity.LOW
    severity = Severity.HIGH
    if crossing.effect.kind == "database" or limit.connecting:
        severity = (
            Severity.LOW if crossing.effect.kind == "database" and limit.connecting else Severity.MEDIUM
        )
    if severity is Severity.MEDIUM and reach in _UNKNOWN and not crossing.uses:
        return severity  # an engine is handed to a session factory: nobody sees who asks
    # Background work that no request starts stands still alone: it takes nobody else's worker.
    return _LOWER[severity] if reach in (Reach.LIFESPAN, Reach.TASK, *_UNKNOWN) else severity


MODE = FailureMode(
    code="DEP001",
    name="missing-timeout",
    family=Family.DEPENDENCY,
    summary="a network client is built or called with no time limit",
    consequence="when the other side hangs, this waits with it, and one by one all workers do, until somebody restarts them",
    remedy="give the call or its client a time limit that is shorter than its callers' patience",
    source="Michael Nygard, Release It!: Timeouts; Google SRE Book, Addressing Cascading Failures: Deadlines",
    detector=detect_missing_timeouts,
    operators=(DROP_TIMEOUT, UNWRAP_WAIT_FOR, TIMEOUT_UNITS, DEADLINE_RESET),
)
