"""When somebody is told next about the deadline of an open task, and who is an organisation's superior."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("next_notice_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True))
    # What is open already is planned by the first sweep; what its past stages missed is told once.
    op.execute("UPDATE tasks SET next_notice_at = opened_at WHERE due_at IS NOT NULL AND closed_at IS NULL")
    waiting = sa.text("status = 'open' AND next_notice_at IS NOT NULL")
    op.create_index("ix_tasks_notice", "tasks", ["next_notice_at", "id"], postgresql_where=waiting)
    op.create_index("ix_tasks_due", "tasks", ["due_at"], postgresql_where=sa.text("status = 'open'"))
    op.add_column("organisations", sa.Column("superior_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_organisations_superior_id"), "organisations", "organisations", ["superior_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_organisations_superior_id"), "organisations", type_="foreignkey")
    op.drop_column("organisations", "superior_id")
    op.drop_index("ix_tasks_due", table_name="tasks")
    op.drop_index("ix_tasks_notice", table_name="tasks")
    op.drop_column("tasks", "noticed_at")
    op.drop_column("tasks", "next_notice_at")
