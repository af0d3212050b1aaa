"""STR005: pieces of a stream are not what was written into it."""

from greenroom.catalogue.stream.dropped_rest import DROP_REST
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="STR005",
    name="chunk-split",
    family=Family.STREAM,
    summary="a chunk ends inside a character, a line or an event, and what is left over is lost or misread",
    consequence="single words and letters are missing or wrong, now and then, and only over a real network",
    remedy="decode incrementally, keep what is not whole yet, and hand on what is left when the stream ends",
    source="WHATWG HTML, Server-sent events: parsing; Python documentation, codecs: incremental decoders",
    operators=(DROP_REST,),
)
