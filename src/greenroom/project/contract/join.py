"""Every request of the front end with the routes that serve it.

Whose server an address is on is seldom written: `${API}/users` may be ours or somebody else's, and a proxy may take
a prefix away or put one in front. What the code does not say the requests say together: those with the same base
are ours where most of them fit our routes, and the prefix that makes most of them fit is the one that is there.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.model.route import Route
from greenroom.project.contract.pattern import (
    HOLE,
    NUMBER,
    REST,
    Segments,
    fit,
    is_same,
    of_request,
    of_route,
)
from greenroom.project.contract.tree import Tree
from greenroom.project.front.address import Address
from greenroom.project.front.front import Front
from greenroom.project.front.front_call import FrontCall

_LONGEST_PREFIX = 3
_LONGEST_STRIPPED = 2
_FEW = 3
_MOST_PREFIXES = 12
_MOST = 0.5
"""Of the requests with a base, where it is ours."""
_NEARLY_ALL = 0.9
_FILE = re.compile(
    r"\.(?:js|css|json|svg|png|jpe?g|gif|ico|txt|md|csv|wasm|html?|xml|webmanifest|data|wav|mp3)$"
)

_FOREIGN = re.compile(r"(?:https?:)?//(?!(?:[\w-]*\.)*(?:localhost|local|test|example\.\w+)(?:[:/]|$))[a-z][\w-]*(?:\.[\w-]+)+(?::\d+)?$",
                      re.IGNORECASE)  # fmt: skip
"""A host in the open internet, written out."""


class Shift(NamedTuple):
    """What happens to a path on its way: so many segments are taken away, and these put in front."""

    stripped: int = 0
    prefix: Segments = ()
    head: Segments = ()
    """Of the paths that it happens to; empty: to all."""

    def apply(self, segments: Segments) -> Segments:
        """The path as it arrives."""
        if segments[: len(self.head)] != self.head:
            return segments
        return (*self.prefix, *segments[self.stripped :])


class Answer(NamedTuple):
    """What becomes of a request."""

    call: FrontCall
    status: str
    """served · method (the path is served, by other methods) · missing · elsewhere (not on our servers)"""
    routes: tuple[Route, ...]
    """Those that serve it; for a wrong method those of the path."""
    arriving: Segments
    """Its path as it arrives at our server."""
    share: float
    """How many of the requests with this base are served."""
    served: int
    """How many these are."""


class RouteIndex:
    """Routes by their segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[int, list[tuple[Segments, Route]]] = defaultdict(list)
        self._trees: dict[int, Tree] = defaultdict(Tree)
        """By length: the places in the list of that length."""
        self._open: list[tuple[Segments, Route]] = []
        self.prefixes: Counter[Segments] = Counter()
        self.known_prefixes: set[Segments] = set()
        """All beginnings of all routes; a number counts as any parameter."""
        for route in routes:
            segments = of_route(route.path)
            if segments[-1:] == (REST,):
                self._open.append((segments, route))
            else:
                self._trees[len(segments)].add(segments, len(self._by_length[len(segments)]))
                self._by_length[len(segments)].append((segments, route))
            plain = tuple(HOLE if part == NUMBER else part for part in segments)
            self.known_prefixes.update(plain[:length] for length in range(1, len(plain) + 1))
            for length in range(1, min(len(segments), _LONGEST_PREFIX + 1)):
                self.prefixes[segments[:length]] += 1

    def same(self, segments: Segments) -> list[Route]:
        """The routes of this very path: what is written in the one is written in the other."""
        return [
            route
            for pattern, route in self._by_length[len(segments)]
            if tuple(HOLE if part == NUMBER else part for part in pattern) == segments
        ]

    def taking(self, segments: Segments) -> list[Route]:
        """The routes whose path takes the request, whatever its method."""
        return [route for pattern, route in self._candidates(segments) if fit(segments, pattern)]

    def serving(self, segments: Segments, call: FrontCall) -> tuple[int, list[Route]]:
        """How well the routes fit that serve a request, and these; a method may stand on another route of the path."""
        listed = [
            (score, route)
            for pattern, route in self._candidates(segments)
            if (score := fit(segments, pattern))
        ]
        fitting = [(score, route) for score, route in listed if serves(route, call)]
        best = max((score for score, _ in fitting), default=0)
        return best, [route for score, route in fitting if score == best]

    def telling(
        self, segments: Segments, words: frozenset[str], call: FrontCall, *, is_guessed: bool = False
    ) -> int:
        """How well the best route fits that has one of these words; where there are none, any route.

        Where the way there is a guess, a word of the request that is a parameter of the route speaks against it.
        """
        fitting = (
            fit(segments, pattern)
            for pattern, route in self._candidates(segments)
            if not (words and words.isdisjoint(pattern))
            and serves(route, call)
            and not (is_guessed and _takes_a_word(segments, pattern))
        )
        return max(fitting, default=0)

    def _candidates(self, segments: Segments) -> list[tuple[Segments, Route]]:
        """All that may fit, in the order in which the routes were given."""
        if segments[-1:] == (REST,):
            return [pair for pairs in self._by_length.values() for pair in pairs] + self._open
        listed = self._by_length.get(len(segments), ())
        places = self._trees[len(segments)].find(segments) if listed else ()
        return [listed[place] for place in places] + self._open


def _takes_a_word(segments: Segments, pattern: Segments) -> bool:
    return any(
        expected in (HOLE, NUMBER) and given not in (HOLE, REST) and not given.isdigit()
        for given, expected in zip(segments, pattern, strict=False)
    )


def serves(route: Route, call: FrontCall) -> bool:
    """Whether a route takes this kind and method of request."""
    if (route.method == "WEBSOCKET") != (call.kind == "socket"):
        return False
    if call.kind == "socket" or not call.method or call.method == "OPTIONS":
        return True
    return route.method in ("*", call.method) or (call.method == "HEAD" and route.method == "GET")


class Contract:
    """Both sides together."""

    def __init__(
        self,
        front: Front,
        routes: Iterable[Route],
        mounts: Iterable[Route],
    ) -> None:
        """Take the requests and what is between, what serves them, and what was mounted unread."""
        calls = front.calls
        self.index = RouteIndex(routes)
        self._mounts = [of_route(mount.path) for mount in mounts if mount.path.strip("/")]
        self._others = [of_route(path) for path in front.served]
        heads = dict.fromkeys(of_route(part.path) for part in front.proxies)
        self._taken_off = [
            Shift(len(head), of_route(part.instead) if part.instead else (), head)
            for part in front.proxies
            if part.is_taken_off and (head := of_route(part.path))
        ]
        self._shifts: dict[str, list[Shift]] = {}
        self._shares: dict[str, tuple[float, int]] = {}
        groups: dict[str, list[tuple[FrontCall, Address]]] = defaultdict(list)
        for call in calls:
            for address in call.addresses:
                groups[address.base].append((call, address))
        for base, asked in groups.items():
            self._settle(base, asked)
        ours = {
            shift.head for shifts in self._shifts.values() for shift in shifts
        } | self.index.known_prefixes
        for head in heads.keys() - ours:  # handed to another server
            self._others += [head, (*head, REST)]
        self.answers = tuple(self._answer(call) for call in calls)

    @property
    def reached(self) -> frozenset[Route]:
        """The routes that the front end asks for."""
        return frozenset(
            route for answer in self.answers if answer.status == "served" for route in answer.routes
        )

    def _settle(self, base: str, asked: list[tuple[FrontCall, Address]]) -> None:
        """Find out by which shift the requests of a base arrive, and how many do."""
        distinct = {
            (call.method, call.kind, of_request(address.path)[0]): (call, address) for call, address in asked
        }
        pairs = list(distinct.values())
        shifts = [Shift()] if _FOREIGN.match(base) else self._candidates(pairs)  # no proxy of ours in between
        left = {shift: self._arriving(pairs, shift) for shift in shifts}
        chosen: list[Shift] = []
        served: set[int] = set()
        while left:
            shift = max(
                left,
                key=lambda one: (len(left[one].keys() - served), sum(left[one].values()), one == Shift()),
            )
            gained = left.pop(shift).keys() - served
            is_told = shift in self._taken_off or (shift == Shift() and not chosen)
            if len(gained) < (1 if is_told else _FEW):
                break
            chosen.append(shift)
            served |= gained
        if Shift() not in chosen:
            chosen.append(Shift())
            served |= self._arriving(pairs, Shift()).keys()
        self._shifts[base] = chosen
        self._shares[base] = (len(served) / len(pairs), len(served))

    def _candidates(self, pairs: list[tuple[FrontCall, Address]]) -> list[Shift]:
        paths = [of_request(address.path)[0] for _, address in pairs]
        common = [
            prefix for prefix, count in self.index.prefixes.most_common(_MOST_PREFIXES) if count >= _FEW
        ]
        found = [Shift(), *self._taken_off, *(Shift(0, prefix) for prefix in common)]
        for length in range(1, _LONGEST_STRIPPED + 1):
            heads = Counter(path[:length] for path in paths if len(path) > length)
            if heads and heads.most_common(1)[0][1] * 2 > len(paths):
                found += [Shift(length), *(Shift(length, prefix) for prefix in common)]
            found += [
                Shift(length, (), head) for head, count in heads.items() if self._is_taken_away(head, count)
            ]
        return found

    def _is_taken_away(self, head: Segments, count: int) -> bool:
        """Whether a proxy may take these segments away: several ask for them, and no route begins like this."""
        return count >= _FEW and HOLE not in head and head not in self.index.known_prefixes

    def _arriving(self, pairs: list[tuple[FrontCall, Address]], shift: Shift) -> dict[int, float]:
        """Which of the requests arrive, and how well they fit."""
        found = {}
        for number, (call, address) in enumerate(pairs):
            ways = of_request(address.path)
            best = max(self._telling_fit(call, way, shift) for way in ways)
            if best:
                found[number] = best
        return found

    def _telling_fit(self, call: FrontCall, way: Segments, shift: Shift) -> float:
        """How well it fits; not at all where no word that is written in the request is one of the route's."""
        arriving = shift.apply(way)
        words = frozenset(part for part in way if part not in (HOLE, REST))
        is_guessed = shift != Shift() and shift not in self._taken_off
        fit_of_best = self.index.telling(arriving, words, call, is_guessed=is_guessed)
        return fit_of_best / max(len(arriving), 1)

    def _served(self, call: FrontCall, address: Address) -> Iterator[tuple[Segments, list[Route]]]:
        for shift in self._shifts[address.base]:
            for way in of_request(address.path):
                arriving = shift.apply(way)
                found = self.index.serving(arriving, call)[1]
                if found:
                    yield arriving, found

    def _answer(self, call: FrontCall) -> Answer:
        for address in call.addresses:
            for arriving, routes in self._served(call, address):
                return Answer(call, "served", tuple(routes), arriving, *self._shares[address.base])
        address = max(call.addresses, key=lambda one: self._shares[one.base])
        share, served = self._shares[address.base]
        arriving = self._shifts[address.base][0].apply(of_request(address.path)[0])
        if self._may_be_elsewhere(call):
            return Answer(call, "elsewhere", (), arriving, share, served)
        for shift in self._shifts[address.base]:
            for way in of_request(address.path):
                others = self.index.same(shift.apply(way))
                if others and call.kind != "socket":
                    return Answer(call, "method", tuple(others), shift.apply(way), share, served)
        if served < _FEW or share < _MOST:
            return Answer(call, "elsewhere", (), arriving, share, served)
        return Answer(call, "missing", (), arriving, share, served)

    def _may_be_elsewhere(self, call: FrontCall) -> bool:
        """One of its addresses is another server's, a file that comes with the pages, or below what was not read."""
        return any(
            (
                "//" in address.base
                and ("{" in address.base or self._shares[address.base][0] < _share_of_ours(address.base))
            )
            or _FILE.search(address.path)
            or address.path.startswith("/.")  # `/.auth/me`, `/.well-known/…`: the platform's
            or any(fit(way, other) for way in of_request(address.path) for other in self._others)
            or any(
                _is_below(shift.apply(way), mount)
                for shift in self._shifts[address.base]
                for way in of_request(address.path)
                for mount in self._mounts
            )
            for address in call.addresses
        )


def _share_of_ours(base: str) -> float:
    """How many of the requests to a host must fit our routes, before it is taken for ours."""
    return _NEARLY_ALL if _FOREIGN.match(base) else _MOST


def _is_below(segments: Segments, mount: Segments) -> bool:
    return len(segments) >= len(mount) and is_same(segments[: len(mount)], mount)
