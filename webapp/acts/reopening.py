"""Tasks that were closed are open again: after a return that comes straight back, or a decision that was taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from webapp.deadlines.pauses import give_back_days
from webapp.instances.incidents import report_nobody
from webapp.instances.running import Run
from webapp.tasks import candidates
from webapp.tasks.models import Task
from workflows import Step

_REOPEN = text("""
    UPDATE tasks SET status = 'open', closed_at = NULL, closed_by = NULL, version = version + 1,
        claimed_by = CASE WHEN id = CAST(:mine AS uuid) THEN CAST(:holder AS integer) ELSE claimed_by END,
        claimed_at = CASE WHEN id = CAST(:mine AS uuid) THEN CAST(:now AS timestamptz) ELSE claimed_at END
    WHERE id = ANY(:tasks) AND status IN ('done', 'cancelled')
""")

_ASK_AGAIN = text("""
    UPDATE task_requests q
    SET status = CASE WHEN q.kind = 'co_sign' OR t.request_id = q.id THEN 'open' ELSE 'waiting' END
    FROM tasks t
    WHERE t.id = q.task_id AND q.instance_id = :instance AND q.status = 'ended'
        AND (q.kind = 'co_sign' OR t.id = ANY(:tasks))
""")


def reopen(
    run: Run,
    tasks: Sequence[UUID],
    *,
    mine: UUID | None = None,
    holder: int | None = None,
    away: datetime | None = None,
) -> None:
    """Open tasks again with their people, and with those whom they were asked about and who had not answered.

    Args:
        mine: the task that ``holder`` has in hand then.
        away: since when they lay elsewhere; their deadlines move by the working days since.
    """
    if not tasks:
        return
    run.session.execute(_REOPEN, {"tasks": list(tasks), "mine": mine, "holder": holder, "now": run.now})
    run.session.execute(_ASK_AGAIN, {"tasks": list(tasks), "instance": run.instance.id})
    short = candidates.refill(run.session, tasks)
    if short:
        report_nobody(run.session, run.now, short)
    if away is not None:
        query = select(Task).where(Task.id.in_(tasks), Task.due_rule.is_not(None))
        for task in run.session.scalars(query, execution_options={"populate_existing": True}).all():
            give_back_days(run.session, task, away, run.now)


def without_known(run: Run, step: Step) -> tuple[Step, list[UUID]]:
    """A step without the opened tasks that the database has already, and these."""
    opened = [UUID(task.id) for task in step.opened]
    known = set(run.session.scalars(select(Task.id).where(Task.id.in_(opened)))) if opened else set()
    new = [task for task in step.opened if UUID(task.id) not in known]
    return replace(step, opened=new), [task for task in opened if task in known]
