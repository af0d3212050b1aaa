"""The tables of the store; `migrations` brings a database to this form, and a test holds the two together.

Columns are what is asked for in SQL. All else is in `document`, as `record.encoding` writes it: words that are added
to the vocabulary need no migration, and older documents are read with the defaults of today.
"""

from typing import Any, Final

from sqlalchemy import JSON, Double, ForeignKey, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION_TABLE: Final = "greenroom_version"


class Table(DeclarativeBase):
    """All of our tables: they share a prefix, as a team's database may hold others."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {str: Text, float: Double, dict[str, Any]: JSON}  # noqa: RUF012  - SQLAlchemy's way


class RunRow(Table):
    """A run whose evidence is kept."""

    __tablename__ = "greenroom_run"
    __table_args__ = (UniqueConstraint("project", "id"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str]
    id: Mapped[str]
    state: Mapped[str]
    """Of the code: runs of one state should end alike."""
    outcomes: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]


class TestRow(Table):
    """The name of a test; what is known of it refers to its key."""

    __test__ = False
    __tablename__ = "greenroom_test"
    __table_args__ = (UniqueConstraint("project", "name"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str]
    name: Mapped[str]


class EvidenceRow(Table):
    """What one run observed of one test; the position keeps the order."""

    __tablename__ = "greenroom_evidence"

    run_key: Mapped[int] = mapped_column(ForeignKey("greenroom_run.key"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    test_key: Mapped[int] = mapped_column(ForeignKey("greenroom_test.key"))
    outcome: Mapped[str]
    seconds: Mapped[float]
    started: Mapped[float]
    document: Mapped[dict[str, Any]]


class TallyRow(Table):
    """How often a test ended so in runs whose evidence is no longer kept."""

    __tablename__ = "greenroom_tally"

    test_key: Mapped[int] = mapped_column(ForeignKey("greenroom_test.key"), primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    seconds: Mapped[float]
    first: Mapped[float]
    last: Mapped[float]


class FlakeRow(Table):
    """A state of the code on which a test both passed and failed, in runs that are no longer kept."""

    __tablename__ = "greenroom_flake"

    test_key: Mapped[int] = mapped_column(ForeignKey("greenroom_test.key"), primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)


class FoldedRow(Table):
    """A run that is in the tally: it is not taken in again."""

    __tablename__ = "greenroom_folded"

    project: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)


class RepetitionRow(Table):
    """A suite that was run again and again, and what came of it."""

    __tablename__ = "greenroom_repetition"
    __table_args__ = (UniqueConstraint("project", "id"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str]
    id: Mapped[str]
    document: Mapped[dict[str, Any]]


class AuditRow(Table):
    """An audit."""

    __tablename__ = "greenroom_audit"

    key: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str]
    at: Mapped[float]
    document: Mapped[dict[str, Any]]


class FindingRow(Table):
    """A finding over time; the newest audit that saw it has written the document."""

    __tablename__ = "greenroom_finding"

    project: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[float]
    last: Mapped[float]
    document: Mapped[dict[str, Any]]
