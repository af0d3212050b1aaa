"""RES002: something is taken for a while, and stays behind."""

from greenroom.catalogue.resource.dropped_finally import DROP_FINALLY
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="RES002",
    name="resource-leaked",
    family=Family.RESOURCE,
    summary="a task, thread, descriptor, temporary file or flag stays behind when the work is over",
    consequence="the process works until the limit is reached, often days later, and then fails at places that are not to blame",
    remedy="tidy up in a `with` block or a `finally`, and test the way on which the work fails",
    source="Python documentation, The try statement: finally; Michael Nygard, Release It!: Resource Leaks",
    operators=(DROP_FINALLY,),
)
