"""INT004: the fields, types or headers that one side sends are not what the other reads."""

from collections.abc import Iterator

from greenroom.catalogue.interface.changed_fields import CHANGE_TYPE, RENAME_FIELD
from greenroom.catalogue.interface.indexed_body import detect_indexed_bodies
from greenroom.catalogue.interface.lost_header import LOSE_HEADER
from greenroom.catalogue.interface.shifted_page import SHIFT_PAGE
from greenroom.catalogue.interface.unmatched_fields import detect_unmatched_fields
from greenroom.model.finding import Confidence, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.project.project import Project


def detect_mismatches(project: Project) -> Iterator[Sighting]:
    """What the front end sends and reads otherwise than it is declared, and what a handler itself does."""
    yield from detect_unmatched_fields(project)
    yield from detect_indexed_bodies(project)


MODE = FailureMode(
    code="INT004",
    name="contract-mismatch",
    family=Family.INTERFACE,
    summary="the fields, types or headers that one side sends are not what the other reads",
    consequence="pages show nothing or break, and so do the programs of customers",
    remedy="publish the schema, and hold answers against it in a test that makes the request",
    source="Google SRE Book, Release Engineering; OpenAPI Specification 3.1; RFC 9111, HTTP Caching",
    detector=detect_mismatches,
    surest=Confidence.PROBABLE,
    operators=(RENAME_FIELD, CHANGE_TYPE, LOSE_HEADER, SHIFT_PAGE),
)
