"""Everything that the page of a list shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.acts.models import CarbonCopy, Snooze, TaskRequest
from webapp.clock import SHANGHAI
from webapp.deadlines.rules import days_left_text, severity
from webapp.definitions.library import get_published
from webapp.inbox.counts import Counts, count_lists
from webapp.inbox.models import InboxHabit
from webapp.inbox.queries import rows_of
from webapp.inbox.rules import COLUMNS, ListState
from webapp.inbox.saved import Saved, list_saved
from webapp.instances.models import Instance, Submission
from webapp.registry.models import Organisation
from webapp.search.queries import people_called
from webapp.tasks.models import Task, TaskCandidate


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    task: Any
    severity: str
    days_left: str
    note: str = ""
    """What came of it, or with whom it lies, where the view is about that."""

    @property
    def marks(self) -> list[tuple[str, str, str]]:
        """Why it is this person's, and what has happened to it: words, tone and icon of each mark."""
        found = [_REASONS[self.task.reason]] if self.task.reason in _REASONS and self.task.status == "open" else []
        if self.task.came_back:
            found.append(("退回", "warn", "arrow-back-up"))
        return [*found, ("已催办", "warn", "speakerphone")] if self.task.is_urged else found

    @property
    def due_day(self) -> str:
        """The day on which it is due, with its year where that is not this one."""
        due = self.task.due_at.astimezone(SHANGHAI)
        year = f"{due.year}年" if due.year != clock.now().astimezone(SHANGHAI).year else ""
        return f"{year}{due.month}月{due.day}日"

    def text(self, column: str) -> str:
        """What stands in a column, as plain text."""
        return str(_TEXTS[column](self) or "")


def _round(row: Row) -> str:
    said: str = _("第 %(round)s 次提交", round=row.task.round) if row.task.round > 1 else _("首次提交")
    return said


def _before(row: Row) -> str:
    task = row.task
    office = _("申报单位") if task.before_office == task.unit else task.before_office
    return f"{task.before}（{office}）" if task.before else str(_("系统"))


_TEXTS: Mapping[str, Callable[[Row], Any]] = {
    "unit": lambda row: row.task.unit or row.task.title,
    "honour": lambda row: row.task.honour,
    "step": lambda row: row.task.name,
    "region": lambda row: row.task.region,
    "due": lambda row: row.days_left,
    "round": _round,
    "before": _before,
    "number": lambda row: row.task.number,
    "note": lambda row: row.note,
}


@dataclass(frozen=True)
class InboxPage:
    """One page of a list with the numbers and names around it."""

    state: ListState
    rows: Sequence[Row]
    counts: Counts
    saved: Sequence[Saved]
    habit: InboxHabit | None

    @property
    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The rows under their severity, in the order in which they come; else all under no name."""
        if not self.state.is_grouped:
            yield "", list(self.rows)
            return
        for name, group in groupby(self.rows, key=lambda row: row.severity):
            yield name, list(group)

    @cached_property
    def columns(self) -> list[tuple[str, str]]:
        """The chosen columns that have something to say on this page, each with what stands above it."""
        chosen = self.state.columns
        said = [name for name in chosen if name not in _TEXTS or any(row.text(name) for row in self.rows)]
        return [(name, column_name(name)) for name in said]

    @property
    def uses_keys(self) -> bool:
        return self.habit is None or self.habit.uses_keys


_FOR_THIS_PERSON = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A plan kept for whoever asks knows nobody's share of the tasks and reads those of all; a new one costs 2 ms."""


def read_page(session: Session, actor: Actor, now: datetime, state: ListState) -> InboxPage:
    """Read a page of a list: the same few statements however long the list is."""
    people = people_called(session, state.filters.get("q", ""))
    saved, habit = list_saved(session, actor)
    session.execute(_FOR_THIS_PERSON)
    counts = count_lists(session, actor, now, state, people, {one.id: one.state for one in saved})
    offset = (state.page - 1) * state.per_page
    found = rows_of(session, actor, now, state, state.per_page, offset, people)
    return InboxPage(state, describe_rows(session, actor, found, state.view, now), counts, saved, habit)


def describe_rows(session: Session, actor: Actor, tasks: Sequence[Any], view: str, now: datetime) -> list[Row]:
    """The lines of a page; at most one statement more than the page itself."""
    notes = _notes(session, actor, [task.id for task in tasks], view)
    return [
        Row(
            task,
            severity(task.due_at, now),
            days_left_text(task.due_at, now, task.due_region),
            notes.get(task.id, ""),
        )
        for task in tasks
    ]


_REASONS = {
    "delegate": ("委派", "accent", "user-check"),
    "signer": ("加签", "accent", "user-plus"),
    "transfer": ("转办", "accent", "arrow-right"),
    "deputy": ("代办", "accent", "users"),
    "leader": ("代办", "accent", "users"),
}
"""How a row is marked that came to the person by somebody's act."""

LAST_COLUMN = {
    "done": "办理结果",
    "started": "在谁手里",
    "delegated": "来自",
    "snoozed": "暂缓到",
    "cc": "抄送",
}
"""What the last column of a view says, where it has one of its own."""
_Asker = aliased(User)


def _notes(session: Session, actor: Actor, ids: Sequence[UUID], view: str) -> Mapping[UUID, str]:
    find = _NOTES.get(view)
    return find(session, actor, ids) if find and ids else {}


def _holders(session: Session, _actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    query = select(Task.id, Organisation.name).join(Organisation, Organisation.id == Task.assigned_organisation_id)
    return {task_id: name for task_id, name in session.execute(query.where(Task.id.in_(ids)))}


def _results(session: Session, _actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    done = (
        select(Submission.task_id, Submission.element, Submission.outcome, Instance.process_version_id)
        .join(Instance, Instance.id == Submission.instance_id)
        .where(Submission.task_id.in_(ids))
    )
    return {
        row.task_id: get_published(session, row.process_version_id).outcome_label(row.element, row.outcome)
        for row in session.execute(done)
    }


def _entrusters(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    query = (
        select(TaskCandidate.task_id, TaskCandidate.reason, User.name.label("absent"), _Asker.name.label("asker"))
        .join(Task, Task.id == TaskCandidate.task_id)
        .outerjoin(User, User.id == TaskCandidate.on_behalf_of)
        .outerjoin(TaskRequest, TaskRequest.id == Task.request_id)
        .outerjoin(_Asker, _Asker.id == TaskRequest.asker_id)
        .where(TaskCandidate.task_id.in_(ids), TaskCandidate.user_id == actor.user_id)
    )
    return {row.task_id: _entrusted(row) for row in session.execute(query)}


def _entrusted(row: Any) -> str:
    if row.absent:
        return str(_("代 %(name)s", name=row.absent))
    name = row.asker or ""
    return str(_("%(name)s委派", name=name) if row.reason == "delegate" else _("%(name)s请您会签", name=name))


def _returns(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    query = select(Snooze.task_id, Snooze.until).where(Snooze.task_id.in_(ids), Snooze.user_id == actor.user_id)
    return {task_id: f"{until.astimezone(SHANGHAI):%Y-%m-%d}" for task_id, until in session.execute(query)}


def _senders(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    query = (
        select(CarbonCopy.task_id, CarbonCopy.words, User.name)
        .outerjoin(User, User.id == CarbonCopy.sent_by)
        .where(CarbonCopy.task_id.in_(ids), CarbonCopy.user_id == actor.user_id)
        .order_by(CarbonCopy.id)
    )
    found = session.execute(query)
    return {task_id: "：".join(filter(None, (name or _("系统"), words))) for task_id, words, name in found}


_NOTES: Mapping[str, Callable[[Session, Actor, Sequence[UUID]], Mapping[UUID, str]]] = {
    "started": _holders,
    "done": _results,
    "delegated": _entrusters,
    "snoozed": _returns,
    "cc": _senders,
}


def column_name(name: str) -> str:
    """What stands above a column."""
    return str(_(COLUMNS[name]))
