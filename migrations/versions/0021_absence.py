"""Until when a deputy's right lasts, to the second."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM deputy_rights")  # the next look at the deputies finds them again
    op.add_column("deputy_rights", sa.Column("until_at", sa.DateTime(timezone=True), nullable=False))


def downgrade() -> None:
    op.drop_column("deputy_rights", "until_at")
