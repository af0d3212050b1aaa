"""What a missing time limit means at a place, and what to do there."""

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.model.finding import Reach
from greenroom.project.code import facts


def consequence(crossing: Crossing, reach: Reach, *, at_start: bool) -> str:
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
    return ""


def told(crossing: Crossing) -> str:
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
