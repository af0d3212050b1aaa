"""Whether a test asks for a route, as far as that is known."""

from enum import Enum, auto
from typing import Final

from greenroom.detect.coverage.endpoints import spelled
from greenroom.model.audit import Audit
from greenroom.model.finding import Confidence
from greenroom.model.route import Route

ROUTE_BARS: Final = ("HTTP routes requested", "sockets connected")
_UNTOUCHED: Final = "INT002"


class Asked(Enum):
    """By a request of some test."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()
    """Addresses in the tests, or of the route, could not be read: none was seen, and none is missing for sure."""


class AskedRoutes:
    """What the bars and the finding of untouched routes say together.

    A bar counts a route as missing whenever no request for it was read. The finding knows whether reading was enough.
    """

    __slots__ = ("_covered", "_measured", "_untouched")

    def __init__(self, audit: Audit) -> None:
        """Collect what the audit says of all routes."""
        bars = [bar for bar in audit.score.bars if bar.name in ROUTE_BARS]
        self._covered = {name for bar in bars for name in bar.covered}
        self._measured = {name for bar in bars if bar.measured for name in (*bar.covered, *bar.missing)}
        self._untouched = {
            (place.path, place.line, place.symbol)
            for finding in audit.findings
            if finding.code == _UNTOUCHED and finding.confidence is not Confidence.POSSIBLE
            for place in (finding.place, *finding.sites)
        }

    def of(self, route: Route) -> Asked:
        """What is known of one route.

        The finding names handlers, and so tells routes of one name in two applications apart; a bar does not.
        """
        name = spelled(route)
        if name in self._measured:
            return Asked.YES if name in self._covered else Asked.NO
        if (route.file, route.line, route.symbol) in self._untouched:
            return Asked.NO
        return Asked.YES if name in self._covered else Asked.UNKNOWN
