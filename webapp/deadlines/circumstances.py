"""What a deadline depends on beside its declaration: the dates of the batch, and the time used in earlier rounds.

Read only where a declaration asks for it, for all tasks that a step opens by one statement each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.deadlines.calendar import Calendar, day_of
from webapp.deadlines.campaigns import find_campaign
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import DAYS, Campaign, Circumstances, Declared
from webapp.definitions.library import Published
from webapp.instances.models import Instance
from webapp.tasks.models import Task

ON_RETURN = "on_return"
RESTART = "restart"


@dataclass(frozen=True)
class Opened:
    """A task whose deadline is wanted."""

    id: str
    element: str
    item: Mapping[str, Any]
    """What distinguishes it among its multi-instance siblings."""


def read_circumstances(
    session: Session,
    instance: Instance,
    published: Published,
    tasks: Iterable[Opened],
    campaign: Campaign | None = None,
) -> dict[str, Circumstances]:
    """Task id → what its deadline depends on.

    Args:
        campaign: the dates of the batch, where they are known.
    """
    opened = list(tasks)
    ask_batch = [t for t in opened if _asks_batch(published.deadlines.get(t.element))]
    again = [t for t in opened if _goes_on(instance, published, t.element)]
    if ask_batch and campaign is None:
        campaign = find_campaign(session, instance.batch_id)
    rounds = _earlier(session, instance.id, {t.element for t in again}) if again else []
    calendar, asking, returning = calendar_in_force(), {t.id for t in ask_batch}, {t.id for t in again}
    home = instance.region_path.rpartition("/")[2] or None
    return {
        task.id: Circumstances(
            campaign if task.id in asking else None,
            *(_used(calendar, rounds, task, home) if task.id in returning else (0, 0, 0)),
        )
        for task in opened
    }


def _asks_batch(declared: Declared) -> bool:
    return bool(declared and (declared.get("before") or declared.get("phase_end")))


def _goes_on(instance: Instance, published: Published, element: str) -> bool:
    """Whether a step that is opened again has only what it left of its period; not where a timer decides."""
    declared = published.deadlines.get(element) or {}
    is_again = instance.way.get(element, 0) > 0 and any(declared.get(name) for name in DAYS)
    return is_again and element not in published.timed and declared.get(ON_RETURN) != RESTART


def _earlier(session: Session, instance_id: int, elements: Iterable[str]) -> list[Any]:
    query = select(Task.element, Task.item, Task.opened_at, Task.closed_at, Task.due_rule, Task.assigned_region).where(
        Task.instance_id == instance_id, Task.element.in_(elements), Task.closed_at.is_not(None)
    )
    return list(session.execute(query))


def _used(calendar: Calendar, rounds: Iterable[Any], task: Opened, home: str | None) -> tuple[int, int, int]:
    """Working and calendar days that earlier rounds of a task took, and the working days that were added to them."""
    working = natural = added = 0
    for row in rounds:
        if row.element == task.element and row.item == dict(task.item):
            first, last = day_of(row.opened_at), day_of(row.closed_at)
            working += calendar.working_days_between(first, last, row.assigned_region or home)
            natural += (last - first).days
            added += (row.due_rule or {}).get("added", 0) - (row.due_rule or {}).get("carried", 0)
    return working, natural, added
