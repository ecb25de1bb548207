"""One running case of a kind per unit, batch and honour, whoever starts it at the same moment."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "uq_instances_running",
        "instances",
        ["process", "subject_id", "batch_id", "honour_code"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_instances_running", table_name="instances")
