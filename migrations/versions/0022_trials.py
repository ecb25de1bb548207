"""Dry runs of processes, and test cases with drafts, publications and versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_HOLDERS = ("process_drafts", "publications", "process_versions")


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", JSONB(), nullable=False),
        sa.Column("seen", JSONB(), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=True),
        sa.Column("case_key", sa.String(), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "process", name=op.f("uq_trials_user_id_process")),
    )
    for table in _HOLDERS:
        op.add_column(table, sa.Column("cases", JSONB(), nullable=False, server_default="{}"))
    op.add_column("process_drafts", sa.Column("case_results", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("process_drafts", "case_results")
    for table in _HOLDERS:
        op.drop_column(table, "cases")
    op.drop_table("trials")
