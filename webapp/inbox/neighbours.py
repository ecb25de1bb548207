"""What lies before and after a task in a list, asked by its place in the order, whether or not it still is in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, null, or_, select, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.inbox.belonging import Query
from webapp.inbox.models import InboxHabit
from webapp.inbox.queries import Key, keys_of, listed, urgent, with_keys
from webapp.inbox.rules import OPEN_VIEWS, ListState
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.queries import find_task_row

_VALUES: dict[str, Callable[[Any], Any]] = {
    "due": lambda row: row.due_at,
    "unit": lambda row: row.unit,
    "honour": lambda row: row.honour_rank,
    "step": lambda row: row.name,
    "region": lambda row: row.place,
    "round": lambda row: row.round,
    "opened": lambda row: row.opened_at,
    "number": lambda row: row.number,
}


@dataclass(frozen=True)
class Place:
    """Where a task lies in a list: what comes before and after it."""

    previous: UUID | None
    next: UUID | None
    uses_keys: bool = True
    """Whether single keys act for this person."""


def open_in_list(session: Session, actor: Actor, now: datetime, state: ListState, row: Any) -> Place:
    """Say what lies beside the task that ``row`` shows, and note that the person has seen it; one statement."""
    seen = (
        update(TaskCandidate)
        .where(TaskCandidate.task_id == row.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.read_at.is_(None))
        .values(read_at=now)
        .returning(TaskCandidate.task_id)
        .cte("seen")
    )
    before, after = _beside(session, actor, now, state, row)
    habit = select(InboxHabit.uses_keys).where(InboxHabit.user_id == actor.user_id).scalar_subquery()
    previous, following, uses_keys = session.execute(select(before, after, habit).add_cte(seen)).one()
    return Place(previous, following, uses_keys is not False)


def find_next(session: Session, actor: Actor, now: datetime, state: ListState, after: UUID | None) -> UUID | None:
    """The task that follows ``after`` in a list, else the first one; ``None`` where the list is empty."""
    if state.view not in OPEN_VIEWS:
        return None
    row = find_task_row(session, after) if after else None
    if row is not None:
        following: UUID | None = session.scalar(select(_beside(session, actor, now, state, row)[1]))
        if following is not None:
            return following
    found, keys, _values = _ordered(session, actor, now, state, None)
    return session.scalars(found.order_by(*(key.order for key in keys)).limit(1)).first()


def _beside(session: Session, actor: Actor, now: datetime, state: ListState, row: Any) -> tuple[Any, Any]:
    """SQL: the ids before and after a row."""
    if state.view not in OPEN_VIEWS:
        return null(), null()
    found, keys, values = _ordered(session, actor, now, state, row)
    after = found.where(_beyond(keys, values)).order_by(*(key.order for key in keys)).limit(1)
    before = found.where(_beyond(keys, values, backwards=True)).order_by(*(key.backwards for key in keys)).limit(1)
    return before.scalar_subquery(), after.scalar_subquery()


def _ordered(
    session: Session, actor: Actor, now: datetime, state: ListState, row: Any
) -> tuple[Query, Sequence[Key], list[Any]]:
    """The list's ids ready to be put in order, its order, and the place of a row in it."""
    found: Query = listed(session, actor, now, state.view, state.filters)
    keys = keys_of(state.view, state.sort)
    if state.sort:
        few = urgent(found, state.view).subquery()
        found = with_keys(select(Task.id).join(few, few.c.id == Task.id), state.sort)
    names = [key.lstrip("-") for key in state.sort] or ["due"]
    values = [] if row is None else [*(_VALUES[name](row) for name in names), row.id]
    return found, keys, values


def _beyond(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool = False) -> ColumnElement[bool]:
    """SQL: comes after (or before) these values in the order of the keys, where nothing comes last."""
    chances: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        chances.append(and_(*same, _past(key, value, backwards=backwards)))
        same.append(key.column.is_not_distinct_from(value))
    return or_(*chances)


def _past(key: Key, value: Any, *, backwards: bool) -> ColumnElement[bool]:
    if value is None:
        return key.column.is_not(None) if backwards else false()
    further: ColumnElement[bool] = key.column < value if key.is_down != backwards else key.column > value
    return further if backwards or not key.may_lack else or_(further, key.column.is_(None))
