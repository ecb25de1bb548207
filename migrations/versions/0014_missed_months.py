"""A month of a pair that nobody logged is closed by the machine, in nobody's name."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("pairing_logs", "written_by", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM pairing_logs WHERE written_by IS NULL")
    op.alter_column("pairing_logs", "written_by", existing_type=sa.Integer(), nullable=False)
