"""Figures of a version over all its cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heat_summaries",
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("process_versions.id"), primary_key=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("ways", JSONB(), nullable=False),
        sa.Column("steps", JSONB(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("heat_summaries")
