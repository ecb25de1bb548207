"""A month of a pair that nobody logged is closed by the machine, in nobody's name; logs have photos of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("pairing_logs", "written_by", existing_type=sa.Integer(), nullable=True)
    empty = sa.text("'[]'::jsonb")
    op.add_column("pairing_logs", sa.Column("photos", postgresql.JSONB(), server_default=empty, nullable=False))


def downgrade() -> None:
    op.drop_column("pairing_logs", "photos")
    op.execute("DELETE FROM pairing_logs WHERE written_by IS NULL")
    op.alter_column("pairing_logs", "written_by", existing_type=sa.Integer(), nullable=False)
