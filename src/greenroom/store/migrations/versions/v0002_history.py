"""What stays when evidence goes: tallies of tests; audits, and findings over time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables; no run has been dropped so far, so there is nothing to fill in."""
    op.create_table(
        "greenroom_tally",
        sa.Column("test_key", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("first", sa.Double, nullable=False),
        sa.Column("last", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("test_key", "outcome", name="pk_greenroom_tally"),
        sa.ForeignKeyConstraint(["test_key"], ["greenroom_test.key"], name="fk_greenroom_tally_test_key"),
    )
    op.create_table(
        "greenroom_flake",
        sa.Column("test_key", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("test_key", "state", name="pk_greenroom_flake"),
        sa.ForeignKeyConstraint(["test_key"], ["greenroom_test.key"], name="fk_greenroom_flake_test_key"),
    )
    op.create_table(
        "greenroom_folded",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_greenroom_folded"),
    )
    op.create_table(
        "greenroom_audit",
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_greenroom_audit"),
    )
    op.create_table(
        "greenroom_finding",
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("first", sa.Double, nullable=False),
        sa.Column("last", sa.Double, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project", "id", name="pk_greenroom_finding"),
    )
