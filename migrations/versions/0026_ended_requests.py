"""Nobody is asked any more once a task is closed or its case is over."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STATUS = "ck_task_requests_status"
_BEFORE = "'waiting', 'open', 'answered', 'withdrawn', 'void'"


def upgrade() -> None:
    op.drop_constraint(op.f(_STATUS), "task_requests", type_="check")
    op.create_check_constraint(op.f(_STATUS), "task_requests", f"status in ({_BEFORE}, 'ended')")
    op.create_index(
        "ix_task_requests_instance",
        "task_requests",
        ["instance_id"],
        postgresql_where="status in ('waiting', 'open')",
    )
    op.execute(
        """
        UPDATE task_requests q SET status = 'ended' FROM tasks t, instances i
        WHERE t.id = q.task_id AND i.id = q.instance_id AND q.status IN ('waiting', 'open')
            AND (i.ended_at IS NOT NULL OR (q.kind <> 'co_sign' AND t.status IN ('done', 'cancelled')))
        """
    )


def downgrade() -> None:
    op.drop_index("ix_task_requests_instance", table_name="task_requests")
    op.execute("UPDATE task_requests SET status = 'void' WHERE status = 'ended'")
    op.drop_constraint(op.f(_STATUS), "task_requests", type_="check")
    op.create_check_constraint(op.f(_STATUS), "task_requests", f"status in ({_BEFORE})")
