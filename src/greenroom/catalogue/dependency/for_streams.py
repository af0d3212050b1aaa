"""Is a client made for streams alone, whose author says that reading has no limit?"""

from typing import Final

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.project.code import facts
from greenroom.project.libraries.limits import Given

_STREAMS: Final = (
    ".stream",
    ".aiter_bytes",
    ".iter_bytes",
    ".aiter_lines",
    ".iter_lines",
    ".aiter_text",
    ".iter_text",
)


def is_for_streams(crossing: Crossing) -> bool:
    """`Timeout(connect=10, read=None)` and `client.stream(…)`: how long that may be silent is STR001's question."""
    return (
        crossing.limit.given is Given.NONE
        and not any(
            facts.is_none(value) for _, value in crossing.call.keywords
        )  # not even connecting has one
        and bool(crossing.uses)
        and all(edge.symbol.endswith(_STREAMS) for edge in crossing.uses)
    )
