"""Read the clock of a case for the people on both sides of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.extending import is_extendable, may_extend
from webapp.deadlines.models import DeadlineSpan
from webapp.deadlines.rules import rest_day_words
from webapp.deadlines.spans import Elapsed, Stop, TimedTask, elapsed
from webapp.definitions.library import Published
from webapp.instances.models import Instance
from webapp.tasks.models import Task


def read_clock(
    session: Session, now: datetime, published: Published, instance: Instance, tasks: Sequence[TimedTask]
) -> Elapsed:
    """How the time of a case ran, one statement.

    Args:
        tasks: every task that the case ever had.
    """
    query = select(DeadlineSpan).where(DeadlineSpan.instance_id == instance.id, DeadlineSpan.kind == "paused")
    stops = [Stop(row.from_at, row.until_at, row.reason) for row in session.scalars(query.order_by(DeadlineSpan.id))]
    region = instance.region_path.rpartition("/")[2] or None
    clock = published.clock
    return elapsed(
        calendar_in_force(),
        region,
        instance.started_at,
        instance.ended_at,
        now,
        tasks,
        stops,
        clock.pauses,
        clock.working_days,
    )


@dataclass(frozen=True)
class OpenDeadline:
    """The deadline of an open task, with what is to be said about it."""

    task_id: UUID
    name: str
    due_at: datetime | None
    is_provisional: bool
    note: str | None
    """Where a printed date falls on a rest day."""
    may_extend: bool


def open_deadlines(session: Session, actor: Actor, published: Published, instance: Instance) -> list[OpenDeadline]:
    """What the case waits for people to do by when, and where ``actor`` may give more time."""
    is_open = Task.status.in_(("open", "suspended"))
    tasks = session.scalars(select(Task).where(Task.instance_id == instance.id, is_open).order_by(Task.due_at, Task.id))
    return [
        OpenDeadline(
            task.id,
            task.name,
            task.due_at,
            task.due_provisional,
            note_on(task),
            is_extendable(published, instance, task) and may_extend(session, actor, instance, task),
        )
        for task in tasks
    ]


def note_on(task: Task) -> str | None:
    """What is to be said beside the due time of a task: that it falls on a rest day and is not moved."""
    return rest_day_words(task.due_at, task.due_region) if task.due_at and task.due_rule is None else None
