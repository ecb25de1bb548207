"""What happens by itself when a deadline is over; a person's own leader; how a batch reads its printed dates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("acts_at", sa.DateTime(timezone=True), nullable=True))
    acting = sa.text("status = 'open' AND acts_at IS NOT NULL")
    op.create_index("ix_tasks_acts", "tasks", ["acts_at", "id"], postgresql_where=acting)
    op.alter_column("submissions", "actor_id", existing_type=sa.Integer(), nullable=True)
    op.add_column("users", sa.Column("leader_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_users_leader_id"), "users", "users", ["leader_id"], ["id"])
    op.add_column("batches", sa.Column("before_includes_day", sa.Boolean(), nullable=True))
    op.execute("UPDATE batches SET before_includes_day = (SELECT before_includes_day FROM deadline_settings)")
    op.execute("UPDATE batches SET before_includes_day = true WHERE before_includes_day IS NULL")
    op.alter_column("batches", "before_includes_day", existing_type=sa.Boolean(), nullable=False)
    no_ends = sa.text("'{}'::jsonb")
    op.add_column("batches", sa.Column("phase_ends", postgresql.JSONB(), server_default=no_ends, nullable=False))


def downgrade() -> None:
    op.drop_column("batches", "phase_ends")
    op.drop_column("batches", "before_includes_day")
    op.drop_constraint(op.f("fk_users_leader_id"), "users", type_="foreignkey")
    op.drop_column("users", "leader_id")
    op.execute("DELETE FROM submissions WHERE actor_id IS NULL")
    op.alter_column("submissions", "actor_id", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_tasks_acts", table_name="tasks")
    op.drop_column("tasks", "acts_at")
