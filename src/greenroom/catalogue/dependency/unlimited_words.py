"""What a missing time limit means at a place, and what to do there."""

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.model.finding import Reach
from greenroom.project.code import facts
from greenroom.project.libraries.limits import Given


def consequence(crossing: Crossing, reach: Reach, *, at_start: bool, may_be_ended: bool) -> str:
    """What users see; empty: what the failure mode itself says."""
    if reach is Reach.SCRIPT:
        return "when the other side hangs, the command never comes to its end, and neither does what waits for it"
    if isinstance(crossing.limit.value, int | float):
        return "when the other side hangs, a request hangs for minutes, long after its user has gone"
    if reach is Reach.TASK:
        return "when the other side hangs, this work in the background stops without a word until somebody restarts the process"
    if at_start and reach in (Reach.LIFESPAN, Reach.PROJECT):
        return "when the other side hangs, the process does not come up, and neither does one that is started in its place"
    if reach in (Reach.UNREACHED, Reach.PROJECT):
        return "when the other side hangs, whoever calls this waits with it, for as long as that lasts"
    if may_be_ended:
        return "when the other side hangs, this waits with it, and its worker serves nobody else until the server ends the request, if it ever does"
    return ""


def message(crossing: Crossing, sites: int) -> str:
    """What is without a limit, and how many calls are known to go through it."""
    symbol, limit = crossing.effect.symbol, crossing.limit
    if isinstance(limit.value, int | float):
        return f"`{symbol}` is given no time limit: it waits up to the {limit.value:g} seconds of its library"
    if limit.given is Given.NONE:
        start = f"`{symbol}` is {_told(crossing)}"
    elif crossing.made is None:
        start = f"`{symbol}` is called with no time limit"
    else:
        start = f"`{symbol}` is built with no time limit"
    if limit.connecting:
        return f"{start} but that on connecting: {_waits(crossing, sites)}"
    return f"{start}: {_waits(crossing, sites)}"


def _waits(crossing: Crossing, number: int) -> str:
    if crossing.made is None:
        return f"`{crossing.scope.name or crossing.scope.path}` waits for as long as the other side is silent"
    what = f"its {number} call{'s' if number > 1 else ''}" if number else "what is asked through it"
    return (
        f"{what} may wait for ever" if number != 1 else "the call that is made through it may wait for ever"
    )


def _told(crossing: Crossing) -> str:
    """What the call says that ends in no limit: `timeout=None`, or an object that limits connecting alone."""
    body, call = crossing.scope.body, crossing.call
    parts = [
        body.calls[value]
        for _, value in call.keywords
        if type(value) is int and facts.last_name(body.calls[value].callee).endswith("Timeout")
    ]
    if any(not facts.is_none(value) for part in parts for _, value in part.keywords):
        return "given a time limit that does not cover the wait for the answer"
    return "told to have no time limit"


def remedy(crossing: Crossing) -> str:
    """What to do at this very place."""
    names = [name.partition(":")[0] for name in crossing.limit.arguments if name != "url"]
    plain = [name for name in names if "*" not in name and "." not in name]
    if plain:
        return f"give it a limit, such as `{plain[0]}=`, that is shorter than its own callers' patience"
    if crossing.effect.kind == "database":
        return "limit connecting and statements: `connect_args={…}` with the driver's time limits, or a server-side `statement_timeout`"
    if names:
        return f"give it a limit through `{names[0].split('.')[0]}=`"
    return "it takes no limit itself: use the client of the library that does, or put a deadline around it"
