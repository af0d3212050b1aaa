"""Repetitions of a suite, each as a whole."""

from sqlalchemy import Connection, delete, insert, select

from greenroom.model.flakiness import Repetition
from greenroom.record.encoding import decode, encode
from greenroom.store.tables import RepetitionRow


def write_repetition(connection: Connection, project: str, repetition: Repetition, keep: int) -> None:
    """Add one, which takes the place of what is known of the same runs; forget the oldest beyond `keep`."""
    mine = RepetitionRow.project == project
    connection.execute(delete(RepetitionRow).where(mine, RepetitionRow.id == repetition.id))
    values = {"project": project, "id": repetition.id, "document": encode(repetition)}
    connection.execute(insert(RepetitionRow), [values])
    query = select(RepetitionRow.key).where(mine).order_by(RepetitionRow.id.desc()).offset(keep)
    old = list(connection.scalars(query))
    if old:
        connection.execute(delete(RepetitionRow).where(RepetitionRow.key.in_(old)))


def read_repetitions(connection: Connection, project: str) -> tuple[Repetition, ...]:
    """All that are kept, newest first."""
    query = select(RepetitionRow.document).where(RepetitionRow.project == project)
    documents = connection.scalars(query.order_by(RepetitionRow.id.desc()))
    return tuple(decode(Repetition, document) for document in documents)
