"""The clock of a suspended case stands still: when it goes on, open deadlines move by the working days lost.

Printed dates do not move, nor does what a timer of the diagram decides.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from webapp.deadlines.calendar import day_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.models import DeadlineSpan
from webapp.deadlines.rules import Deadline, compute, with_added
from webapp.tasks.models import Task

_MOVE = text("""
    WITH moved AS (
        UPDATE tasks SET due_at = :due, due_provisional = :provisional, due_rule = CAST(:rule AS jsonb),
            next_notice_at = opened_at, acts_at = CASE WHEN acts_at IS NOT NULL THEN CAST(:due AS timestamptz) END,
            version = version + :bump
        WHERE id = :task AND status IN ('open', 'suspended') AND (:version < 0 OR version = :version) RETURNING id
    ), told AS (
        UPDATE task_candidates SET due_at = :due WHERE task_id IN (SELECT id FROM moved) AND is_open
    ) SELECT count(*) FROM moved
""")


def move_task(session: Session, task_id: UUID, to: Deadline, *, version: int | None = None) -> bool:
    """Give an open task another deadline, in its row and in those of its candidates; whether it was still there.

    The next sweep plans its reminders again.

    Args:
        version: the lock of the task as a person saw it; it is then counted up.
    """
    values = {"due": to.at, "provisional": to.is_provisional, "rule": _as_json(to.rule), "task": task_id}
    lock = {"version": -1 if version is None else version, "bump": 0 if version is None else 1}
    return bool(session.execute(_MOVE, values | lock).scalar_one())


def _as_json(rule: dict[str, Any] | None) -> str | None:
    return None if rule is None else json.dumps(rule, ensure_ascii=False)


def begin_pause(session: Session, now: datetime, instance_id: int, reason: str) -> None:
    """Let the clock of a case stand still from now on."""
    values = {"instance_id": instance_id, "kind": "paused", "from_at": now, "reason": reason}
    session.execute(insert(DeadlineSpan).values(values))


def end_pause(session: Session, now: datetime, instance_id: int) -> int:
    """Let the clock of a case go on and move its open deadlines; returns the most working days that were lost."""
    query = select(DeadlineSpan).where(DeadlineSpan.instance_id == instance_id, DeadlineSpan.until_at.is_(None))
    span = session.scalars(query).one_or_none()
    if span is None:
        return 0
    span.until_at = max(now, span.from_at)
    session.flush()
    is_open = Task.status.in_(("open", "suspended"))
    query_open = select(Task).where(Task.instance_id == instance_id, is_open, Task.due_rule.is_not(None))
    tasks = session.scalars(query_open, execution_options={"populate_existing": True}).all()
    return max((give_back_days(session, task, span.from_at, now) for task in tasks), default=0)


def give_back_days(session: Session, task: Task, since: datetime, now: datetime) -> int:
    """Move the deadline of an open task by the working days on which nobody could do it; returns how many."""
    calendar, rule = calendar_in_force(), task.due_rule or {}
    region = rule.get("region")
    lost = calendar.working_days_between(day_of(max(since, task.opened_at)), day_of(now), region)
    if lost > 0 and task.due_at is not None:
        moved = with_added(rule, task.due_at, lost, region)
        due = compute(moved, task.opened_at, calendar)
        move_task(session, task.id, Deadline(due.at, due.is_provisional, moved))
    return max(lost, 0)
