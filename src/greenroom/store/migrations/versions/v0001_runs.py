"""Runs, and the evidence of their tests."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "greenroom_run",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcomes", sa.JSON, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_greenroom_run"),
        sa.UniqueConstraint("project", "id", name="uq_greenroom_run_project"),
    )
    op.create_table(
        "greenroom_test",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_greenroom_test"),
        sa.UniqueConstraint("project", "name", name="uq_greenroom_test_project"),
    )
    op.create_table(
        "greenroom_evidence",
        sa.Column("run_key", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("test_key", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_key", "position", name="pk_greenroom_evidence"),
        sa.ForeignKeyConstraint(["run_key"], ["greenroom_run.key"], name="fk_greenroom_evidence_run_key"),
        sa.ForeignKeyConstraint(["test_key"], ["greenroom_test.key"], name="fk_greenroom_evidence_test_key"),
    )
