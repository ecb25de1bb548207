"""Where a case stands: what happened and how long it took, with whom it lies now, what can come next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.deadlines.rules import days_left_text, severity
from webapp.definitions.library import Published
from webapp.instances.models import HistoryEntry, Instance
from webapp.instances.queries import act_label, comment_for, history_of
from webapp.instances.recording import MACHINE_ACTS
from webapp.instances.tones import tone_of
from webapp.instances.turns import Turns
from webapp.migration.former import Versions
from webapp.registry.models import Organisation
from webapp.tasks.models import Task
from workflows.ahead import Ahead, ahead

_FEW = 2
"""Conditions that a reader takes in at a glance."""
_MOST_AHEAD = 4
_SAID_BY_NAME = frozenset(MACHINE_ACTS.values())
"""What the machine does as drawn: the name of the element says it."""
_UNSAID = frozenset({"withdrawal"})
"""What every case waits for all the time and nobody needs to be told."""


@dataclass(frozen=True)
class Happened:
    """One line of the timeline, as ``macros/timeline.html`` reads it."""

    at: datetime
    text: str
    actor: str | None
    organisation: str | None
    on_behalf_of: str | None
    machine: bool
    comment: str | None
    duration: timedelta | None
    tone: str
    task_id: UUID | None = None


@dataclass(frozen=True)
class Waiting:
    """Something that the case waits for now."""

    kind: str
    """``task``, ``timer`` or ``message``."""
    element: str
    name: str
    who: str
    due_at: datetime | None
    days_left: str
    severity: str
    task_id: UUID | None = None

    @property
    def as_step(self) -> dict[str, Any]:
        """The line of the timeline that says where the case lies."""
        return {"text": self.name, "who": self.who, "due_at": self.due_at, "current": True}


def tasks_of(session: Session, instance_id: int) -> Sequence[Any]:
    """Every task of an instance with the body that it is for and the person who holds it, oldest first."""
    holder = aliased(User)
    query = (
        select(
            Task.id,
            Task.element,
            Task.name,
            Task.round,
            Task.status,
            Task.opened_at,
            Task.closed_at,
            Task.due_at,
            Task.due_region.label("due_region"),
            Organisation.name.label("organisation"),
            holder.name.label("holder"),
        )
        .outerjoin(Organisation, Organisation.id == Task.assigned_organisation_id)
        .outerjoin(holder, holder.id == Task.claimed_by)
        .where(Task.instance_id == instance_id)
        .order_by(Task.opened_at, Task.id)
    )
    return session.execute(query).all()


def waiting_for(published: Published, instance: Instance, tasks: Sequence[Any], now: datetime) -> list[Waiting]:
    """What the case waits for: people first, then times and messages."""
    found = [
        Waiting(
            "task",
            task.element,
            task.name,
            "，".join(filter(None, (task.organisation, task.holder))),
            task.due_at,
            days_left_text(task.due_at, now, task.due_region) if task.due_at else "",
            severity(task.due_at, now),
            task.id,
        )
        for task in tasks
        if task.status in {"open", "suspended"}
    ]
    return found + [
        _wait(published, wait, now) for wait in instance.waits if wait["name"] not in _UNSAID and _is_said(found, wait)
    ]


def _is_said(tasks: Sequence[Waiting], wait: Mapping[str, Any]) -> bool:
    """A timer at the border of a task that is shown with its own due time says nothing new."""
    return wait["kind"] != "timer" or not tasks


def _wait(published: Published, wait: Mapping[str, Any], now: datetime) -> Waiting:
    due = datetime.fromisoformat(wait["due_at"]) if wait["due_at"] else None
    who = _("系统到时自动继续") if wait["kind"] == "timer" else _("如有发生，系统自动转办")
    return Waiting(
        wait["kind"],
        wait["element"],
        published.name_of(wait["element"]),
        who,
        due,
        days_left_text(due, now) if due else "",
        "normal",
    )


def what_happened(
    session: Session, actor: Actor, versions: Versions, instance: Instance, tasks: Sequence[Any]
) -> list[Happened]:
    """The timeline, oldest first. Comments of others are shown as far as the reader may read their answers."""
    by_task = {task.id: task for task in tasks}
    return [
        _happened(actor, versions.at(row.HistoryEntry.at), instance, row, by_task.get(row.HistoryEntry.task_id))
        for row in history_of(session, actor, instance.id)
        if not _is_inner_end(versions.at(row.HistoryEntry.at), row.HistoryEntry)
    ]


def _is_inner_end(published: Published, entry: HistoryEntry) -> bool:
    """The end of a stage alone: the acts before and after it say the same."""
    element = published.definition.catalogue.elements.get(entry.element or "")
    return entry.act == "end" and element is not None and element.parent != element.process


def _happened(actor: Actor, published: Published, instance: Instance, row: Any, task: Any) -> Happened:
    entry: HistoryEntry = row.HistoryEntry
    return Happened(
        at=entry.at,
        text=_text(published, entry, task.round if task else 1),
        actor=row.actor,
        organisation=row.organisation,
        on_behalf_of=row.on_behalf_of,
        machine=entry.machine,
        comment=comment_for(actor, instance, row),
        duration=task.closed_at - task.opened_at if task and task.closed_at else None,
        tone=tone_of(entry.act),
        task_id=entry.task_id if row.actor else None,
    )


def _text(published: Published, entry: HistoryEntry, times: int) -> str:
    name, label = published.name_of(entry.element), act_label(published, entry.element, entry.act)
    if not name or (entry.machine and entry.act in _SAID_BY_NAME):
        return name or label
    again = _("（第 %(times)s 次）", times=times) if times > 1 else ""
    return f"{name}{again}：{label}"


def what_comes_next(
    published: Published, waiting: Sequence[Waiting], turns: Turns = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Where it lies now, who signs later at the same step, then what can come after that, in words."""
    catalogue = published.definition.catalogue
    steps = [wait.as_step for wait in waiting]
    for element, later in turns.items():
        if later:
            who = _("签完依次轮到：%(names)s", names="、".join(one.name for one in later))
            steps.append({"text": published.name_of(element), "who": who})
    for item in _nearest(ahead(catalogue, [wait.element for wait in waiting])):
        step = {"text": item.name or item.kind, "who": _condition(item)}
        if step not in steps:
            steps.append(step)
    return steps


def _nearest(found: Iterable[Ahead]) -> list[Ahead]:
    """What can come next on few conditions; what hangs on many only where there is nothing else to say."""
    # withdrawal is possible all the time and offered by a button of its own
    possible = [item for item in found if not (item.interrupts and item.type == "endEvent")]
    near = [item for item in possible if len(item.words) <= _FEW]
    return near if len(near) > 1 else possible[:_MOST_AHEAD]


def _condition(item: Ahead) -> str:
    """Who would act, and on which condition it comes to that."""
    words = _("条件：%(words)s", words="，".join(item.words)) if item.words else ""
    return " · ".join(filter(None, (item.lane, words)))
