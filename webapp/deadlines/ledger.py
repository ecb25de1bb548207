"""Read the clock of a case for the people on both sides of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.deadlines.campaigns import find_campaign
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.extending import is_extendable, may_extend
from webapp.deadlines.models import DeadlineSpan
from webapp.deadlines.rules import before_words, rest_day_words, used_words
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
    """What is to be said about it; see :func:`note_on`."""
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
            note_on(session, published, instance, task),
            is_extendable(published, instance, task) and may_extend(session, actor, instance, task),
        )
        for task in tasks
    ]


def note_on(session: Session, published: Published, instance: Instance, task: Task) -> str | None:
    """What is to be said beside the due time of a task.

    Whether “X日前” includes X, that a printed date falls on a rest day and is not moved, or that a step that came back
    goes on counting.
    """
    if task.due_at is None:
        return None
    if task.due_rule is not None:
        return used_words(task.due_rule)
    return "".join(filter(None, (_before_words(session, published, instance, task), _rest_day(task)))) or None


def _rest_day(task: Task) -> str | None:
    return rest_day_words(task.due_at, task.due_region) if task.due_at else None


def _before_words(session: Session, published: Published, instance: Instance, task: Task) -> str | None:
    if task.due_at is None or not (published.deadlines.get(task.element) or {}).get("before"):
        return None
    campaign = find_campaign(session, instance.batch_id)
    customs = calendar_in_force().customs
    return before_words(task.due_at, includes_day=(campaign or customs).before_includes_day)
