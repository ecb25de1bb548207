"""The state of a running case stays in its row, and the next one finds room beside it.

A row grew beyond 2,000 bytes by its state, which PostgreSQL then moved to another table, and pages were filled to the
brim: every decision wrote the state in three places and the row into every index anew.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE instances SET (fillfactor = 60, toast_tuple_target = 2600)")
    op.execute("ALTER TABLE kept_states SET (toast_tuple_target = 2600)")


def downgrade() -> None:
    op.execute("ALTER TABLE kept_states RESET (toast_tuple_target)")
    op.execute("ALTER TABLE instances RESET (fillfactor, toast_tuple_target)")
