"""DAT002: what users were told is saved is not there."""

from greenroom.catalogue.datastore.dropped_commit import DROP_COMMIT
from greenroom.catalogue.datastore.not_flushed import LOSE_FLUSH
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="DAT002",
    name="lost-write",
    family=Family.DATASTORE,
    summary="a write is acknowledged and does not stay",
    consequence="users are told that their data was saved, and with the next request, restart or crash it is gone",
    remedy="commit before the answer, and test by reading through another connection than the one that wrote",
    source="SQLAlchemy documentation, Session Basics: Committing; Martin Kleppmann, Designing Data-Intensive Applications, 7",
    operators=(DROP_COMMIT, LOSE_FLUSH),
)
