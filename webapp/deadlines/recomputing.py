"""A changed calendar moves the open deadlines that were counted in days; each move leaves a line that says why.

Found without locks, then locked, re-checked and moved case by case: one that fails or is busy stops no other.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.database import transaction
from webapp.deadlines.calendar import Calendar
from webapp.deadlines.circumstances import Opened, read_circumstances
from webapp.deadlines.pauses import move_task
from webapp.deadlines.rules import Circumstances, Deadline, compute, due_of
from webapp.instances.models import Instance
from webapp.instances.recording import write_history
from webapp.instances.running import Run, lock_instance
from webapp.tasks.models import Task

BATCH = 500
_OPEN = text("""
    SELECT id, instance_id, opened_at, due_at, due_provisional, due_rule FROM tasks
    WHERE status IN ('open', 'suspended') AND due_rule IS NOT NULL AND id > :after ORDER BY id LIMIT :batch
""")


def list_moved(calendar: Calendar) -> Iterator[int]:
    """The instances with an open deadline that the calendar gives otherwise, each once, read in batches."""
    after, seen = UUID(int=0), set()
    while True:
        with transaction() as session:
            rows = session.execute(_OPEN, {"after": after, "batch": BATCH}).all()
        for row in rows:
            if row.instance_id not in seen and _differs(row, calendar):
                seen.add(row.instance_id)
                yield row.instance_id
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def recompute(session: Session, now: datetime, instance_id: int, calendar: Calendar, reason: str) -> int:
    """Move the open deadlines of a case; returns how many changed.

    Args:
        reason: what changed in the calendar, in words for both sides.
    """
    run = lock_instance(session, None, now, instance_id)
    is_open = Task.status.in_(("open", "suspended"))
    query = select(Task).where(Task.instance_id == instance_id, is_open, Task.due_rule.is_not(None))
    tasks = session.scalars(query.order_by(Task.opened_at, Task.id), execution_options={"populate_existing": True})
    changed, lines = 0, []
    for task in tasks.all():
        if not _differs(task, calendar):
            continue
        before, after = task.due_at, compute(task.due_rule or {}, task.opened_at, calendar)
        changed += move_task(session, task.id, Deadline(after.at, after.is_provisional, task.due_rule))
        if before != after.at:
            comment = f"“{task.name}”的办理期限由 {in_words(before)} 改为 {in_words(after.at)}。原因：{reason}。"
            lines.append({"act": "recompute", "machine": True, "comment": comment})
            _audit(session, task, before, after.at)
    write_history(run, lines)
    return changed


def list_dated(batch_id: int) -> Iterator[int]:
    """The instances of a batch that are going on, read in batches."""
    after = 0
    while True:
        with transaction() as session:
            query = select(Instance.id).where(
                Instance.batch_id == batch_id, Instance.ended_at.is_(None), Instance.id > after
            )
            rows = list(session.scalars(query.order_by(Instance.id).limit(BATCH)))
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1]


def replan(session: Session, now: datetime, instance_id: int, reason: str) -> int:
    """Move the open deadlines of a case that hang on dates of its batch, unless a person has extended them."""
    run = lock_instance(session, None, now, instance_id)
    is_open = Task.status.in_(("open", "suspended"))
    query = select(Task).where(Task.instance_id == instance_id, is_open).order_by(Task.opened_at, Task.id)
    tasks = list(session.scalars(query, execution_options={"populate_existing": True}))
    wanted = [Opened(str(task.id), task.element, task.item) for task in tasks]
    given = read_circumstances(session, run.instance, run.published, wanted)
    moved = [_replanned(run, task, given[str(task.id)]) for task in tasks if given[str(task.id)].campaign]
    lines = [line for found in moved if found for line in _moved(session, *found, reason)]
    write_history(run, lines)
    return len(lines)


def _replanned(run: Run, task: Task, given: Circumstances) -> tuple[Task, Deadline] | None:
    """The deadline that a task has by the batch as it is now, where that is another than it has."""
    if (task.due_rule or {}).keys() & {"until", "added"}:
        return None
    declared, data = run.published.deadlines.get(task.element), run.instance.data | task.item
    due = due_of(declared, task.opened_at, data, task.assigned_region or run.region, given=given)
    return None if due is None or due.at == task.due_at else (task, due)


def _moved(session: Session, task: Task, due: Deadline, reason: str) -> Iterator[dict[str, Any]]:
    before = task.due_at
    if move_task(session, task.id, due):
        comment = f"“{task.name}”的办理期限由 {in_words(before)} 改为 {in_words(due.at)}。原因：{reason}。"
        _audit(session, task, before, due.at)
        yield {"act": "recompute", "machine": True, "comment": comment}


def _audit(session: Session, task: Task, before: datetime | None, after: datetime) -> None:
    record(
        session,
        None,
        "deadline.recompute",
        instance_id=task.instance_id,
        subject=f"task:{task.id}",
        before={"due_at": before.isoformat() if before else None},
        after={"due_at": after.isoformat()},
    )


def _differs(task: Any, calendar: Calendar) -> bool:
    due = compute(task.due_rule or {}, task.opened_at, calendar)
    return (due.at, due.is_provisional) != (task.due_at, task.due_provisional)


def in_words(instant: datetime | None) -> str:
    """An instant as a line of the timeline says it."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else "无"
