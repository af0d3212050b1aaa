"""STR004: a stream that has begun brings nothing more for a while."""

from greenroom.catalogue.stream.buffered_stream import BUFFER_STREAM
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="STR004",
    name="stall-mid-stream",
    family=Family.STREAM,
    summary="nothing comes for a long time before the first or between two chunks of a stream",
    consequence="users look at an empty page or half an answer, and proxies cut the connection after their idle limit",
    remedy="send each chunk when it is there, keep the connection alive in between, and give the reader an idle limit",
    source="nginx documentation, proxy_read_timeout and proxy_buffering; WHATWG HTML, Server-sent events: authoring notes",
    operators=(BUFFER_STREAM,),
)
