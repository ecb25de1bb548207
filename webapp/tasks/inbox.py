"""The inbox: views with counts, filters, and the next task; the whole state of the list lives in its address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.deadlines.rules import SEVERITIES, days_left_text, severity
from webapp.definitions.library import Published, get_published
from webapp.instances.models import Instance, Submission
from webapp.registry.models import Organisation
from webapp.tasks import queries
from webapp.tasks.models import Task, TaskCandidate

TABS = {"inbox": "待办", "mine": "我已领取", "available": "可认领", "done": "已办", "started": "我发起的"}
OPEN_VIEWS = frozenset({"inbox", "mine", "available"})
"""Views of what the person may do now."""
COUNT_CAP = 999
_FILTERS = ("process", "element", "batch", "severity", "q")


@dataclass(frozen=True)
class ListState:
    """Which list a person looks at; travels with a task so that "next" and "back" mean that list."""

    view: str = "inbox"
    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> "ListState":
        """From the arguments of a list's address; what is not known is left out."""
        view = arguments.get("view", "inbox")
        typed = {name: arguments.get(name, "").replace("\x00", "").strip()[:100] for name in _FILTERS}
        filters = {name: value for name, value in typed.items() if value}
        page = arguments.get("page", "1")
        is_number = page.isascii() and page.isdecimal() and len(page) < 6
        return cls(view if view in TABS else "inbox", filters, max(1, int(page)) if is_number else 1)

    @classmethod
    def parse(cls, text: str) -> "ListState":
        """From :attr:`text`."""
        return cls.read(dict(parse_qsl(text[:1000])))

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the list's address."""
        page = {"page": str(self.page)} if self.page > 1 else {}
        return {"view": self.view, **self.filters, **page}

    @property
    def text(self) -> str:
        """The same in one value."""
        return urlencode(self.arguments)


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    task: Any
    severity: str
    days_left: str
    note: str = ""
    """What came of it, or with whom it lies, where the view is about that."""


def count_views(session: Session, actor: Actor) -> dict[str, int]:
    """How many tasks each view holds, up to :data:`COUNT_CAP` + 1; one statement that reads no rows."""
    counts = [_capped(query).label(view) for view, query in _bare(actor).items()]
    return dict(session.execute(select(*counts)).one()._mapping)


def _capped(query: Select[*tuple[Any, ...]]) -> Any:
    inner = query.limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


def _bare(actor: Actor) -> dict[str, Select[*tuple[Any, ...]]]:
    """The views without anything that is only shown."""
    free, held = Task.claimed_by.is_(None), Task.claimed_by == actor.user_id
    offered = (
        select(Task.id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .where(TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open, Task.status == "open")
    )
    started = select(Task.id).join(Instance, Instance.id == Task.instance_id)
    return {
        "inbox": offered.where(or_(free, held)),
        "mine": select(Task.id).where(Task.status == "open", held),
        "available": offered.where(free),
        "done": select(Task.id).where(Task.closed_by == actor.user_id),
        "started": started.where(Task.status == "open", Instance.started_by == actor.user_id),
    }


def list_rows(session: Session, tasks: Sequence[Any], view: str, now: datetime) -> list[Row]:
    """The lines of a page; at most one statement more than the page itself."""
    notes = _notes(session, [task.id for task in tasks], view)
    return [
        Row(
            task,
            severity(task.due_at, now),
            days_left_text(task.due_at, now, task.due_region),
            notes.get(task.id, ""),
        )
        for task in tasks
    ]


def _notes(session: Session, ids: Sequence[UUID], view: str) -> dict[UUID, str]:
    if not ids or view in OPEN_VIEWS:
        return {}
    if view == "started":
        holder = select(Task.id, Organisation.name).join(Organisation, Organisation.id == Task.assigned_organisation_id)
        return {task_id: name for task_id, name in session.execute(holder.where(Task.id.in_(ids)))}
    done = (
        select(Submission.task_id, Submission.element, Submission.outcome, Instance.process_version_id)
        .join(Instance, Instance.id == Submission.instance_id)
        .where(Submission.task_id.in_(ids))
    )
    return {
        row.task_id: get_published(session, row.process_version_id).outcome_label(row.element, row.outcome)
        for row in session.execute(done)
    }


def by_severity(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows under the names of their severity, in the order in which they come."""
    for name, group in groupby(rows, key=lambda row: row.severity):
        yield SEVERITIES[name], list(group)


def steps_for(actor: Actor, published: Sequence[Published]) -> list[tuple[str, str]]:
    """The steps that a person's roles meet, to narrow a list to one of them."""
    found = {}
    for version in published:
        for element, rule in version.assignments.items():
            if not rule.roles or actor.roles.intersection(rule.roles):
                found[element] = version.name_of(element)
    return list(found.items())


def find_next(session: Session, actor: Actor, now: datetime, state: ListState, after: UUID | None) -> UUID | None:
    """The task that follows ``after`` in a list, else the first one; ``None`` where the list is empty."""
    if state.view not in OPEN_VIEWS:
        return None
    done = session.get(Task, after) if after else None
    query = queries.task_query(actor, now, state.view, dict(state.filters))
    if done is not None:
        following = session.execute(query.where(_later(done)).limit(1)).first()
        if following is not None:
            return UUID(str(following.id))
    first = session.execute(query.limit(1)).first()
    return UUID(str(first.id)) if first else None


def _later(done: Task) -> Any:
    """SQL: comes after a task in the order of the lists, where tasks without a due time come last."""
    same = and_(Task.due_at.is_not_distinct_from(done.due_at), Task.id > done.id)
    if done.due_at is None:
        return same
    return or_(Task.due_at > done.due_at, Task.due_at.is_(None), same)
