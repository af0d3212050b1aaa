"""Suites that were run again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table; nobody has repeated anything so far."""
    op.create_table(
        "greenroom_repetition",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_greenroom_repetition"),
        sa.UniqueConstraint("project", "id", name="uq_greenroom_repetition_project"),
    )
