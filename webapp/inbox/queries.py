"""Lists of tasks for one person, by narrow columns alone: first the ids of a page, then what its rows show.

The rows of a view come from an index that knows the person and the order; what narrows them are columns of the task.
Sorted otherwise, the :data:`MOST_SORTED` most urgent rows are sorted, so that no list grows with the installation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor
from webapp.acts.models import CarbonCopy, Nudge, TaskReturn
from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import day_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import SERIOUS_DAYS, SEVERITIES, SOON_DAYS
from webapp.inbox.belonging import IS_OPEN, Query, copies_of, of_view
from webapp.inbox.rules import ListState
from webapp.instances.models import Instance
from webapp.paging import COUNT_CAP, Page
from webapp.problems import InputError, Invalid
from webapp.registry.models import Honour, Organisation, Region
from webapp.search.models import SearchEntry
from webapp.search.queries import matches, people_called
from webapp.search.rules import words_of
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.queries import described

MOST_SORTED = 10_000
_Own = aliased(TaskCandidate)
_BY_CANDIDATE = frozenset({"inbox", "available", "delegated", "snoozed"})
_NEWEST_FIRST: Mapping[str, Any] = {"done": Task.closed_at, "cc": Task.opened_at}

_KEYS: Mapping[str, Any] = {
    "due": Task.due_at,
    "unit": Organisation.name,
    "honour": Honour.rank,
    "step": Task.name,
    "region": Region.path,
    "round": Task.round,
    "opened": Task.opened_at,
    "number": Instance.number,
}
"""What a list can be sorted by."""


@dataclass(frozen=True)
class Key:
    """One step of an order; rows without a value come last, whichever way it runs."""

    column: Any
    is_down: bool = False
    may_lack: bool = True

    @property
    def order(self) -> ColumnElement[Any]:
        ordered: ColumnElement[Any] = self.column.desc() if self.is_down else self.column.asc()
        return ordered.nulls_last() if self.may_lack and self.is_down else ordered

    @property
    def backwards(self) -> ColumnElement[Any]:
        ordered: ColumnElement[Any] = self.column.asc() if self.is_down else self.column.desc()
        return ordered.nulls_first() if self.may_lack and self.is_down else ordered


def list_tasks(
    session: Session, actor: Actor, now: datetime, view: str, filters: Mapping[str, str], page: int, per_page: int
) -> Page:
    """One page of a view with its total, most urgent first.

    Args:
        filters: names of ``rules.FILTERS``, each optional; others are not looked at.

    Raises:
        Invalid: an unknown view or filter value.
    """
    found = listed(session, actor, now, view, filters)
    total = session.scalar(capped(found, COUNT_CAP)) or 0
    rows = list(session.execute(shown(actor, found, view, (), per_page, (page - 1) * per_page)))
    return Page(rows, min(total, COUNT_CAP), page, per_page, total > COUNT_CAP)


def rows_of(
    session: Session,
    actor: Actor,
    now: datetime,
    state: ListState,
    limit: int,
    offset: int = 0,
    people: Sequence[int] | None = None,
) -> list[Any]:
    """The rows of a list in its order, in one statement.

    Args:
        people: ids of those whose name the list's question says, where they are known.
    """
    if people is None:
        people = people_called(session, state.filters.get("q", ""))
    found = narrowed(actor, now, state.view, state.filters, people)
    return list(session.execute(shown(actor, found, state.view, state.sort, limit, offset)))


def listed(session: Session, actor: Actor, now: datetime, view: str, filters: Mapping[str, str]) -> Query:
    """The ids of the tasks of a narrowed view, in no order yet.

    Raises:
        Invalid: an unknown view or filter value.
    """
    return narrowed(actor, now, view, filters, people_called(session, filters.get("q", "")))


def narrowed(actor: Actor, now: datetime, view: str, filters: Mapping[str, str], people: Sequence[int] = ()) -> Query:
    """The same without asking anything.

    Args:
        people: ids of those whose name the question says.
    """
    found = of_view(view, actor.user_id, now)
    if question := filters.get("q", "").strip():
        found = _searched(found, question, people)
    if filters.get("unread") and view == "cc":
        found = found.where(Task.id.in_(copies_of(actor.user_id).where(CarbonCopy.read_at.is_(None))))
    elif filters.get("unread"):
        unread = exists().where(_Own.task_id == Task.id, _Own.user_id == actor.user_id, _Own.read_at.is_(None))
        found = found.where(unread)
    return found.where(*_conditions(filters, now, due_in(view)))


def due_in(view: str) -> Any:
    """The column that says when a task of a view is due: the index of the person has its own."""
    return TaskCandidate.due_at if view in _BY_CANDIDATE else Task.due_at


def keys_of(view: str, sort: Sequence[str] = ()) -> list[Key]:
    """The order of a view, complete: no two tasks are equal."""
    if sort:
        return [*(Key(_KEYS[key.lstrip("-")], key.startswith("-")) for key in sort), Key(Task.id)]
    if view in _BY_CANDIDATE:
        return [Key(TaskCandidate.due_at), Key(TaskCandidate.task_id)]
    if view in _NEWEST_FIRST:
        return [Key(_NEWEST_FIRST[view], is_down=True, may_lack=False), Key(Task.id)]
    return [Key(Task.due_at), Key(Task.id)]


def shown(actor: Actor, found: Query, view: str, sort: Sequence[str], limit: int, offset: int) -> Query:
    """The rows of one page with everything that lists show: only these are looked up."""
    natural = keys_of(view)
    if not sort:
        place = func.row_number().over(order_by=[key.order for key in natural]).label("place")
        page = found.add_columns(place).order_by(*(key.order for key in natural)).limit(limit).offset(offset).subquery()
    else:
        few = urgent(found, view).subquery()
        keys = [key.order for key in keys_of(view, sort)]
        place = func.row_number().over(order_by=keys).label("place")
        joined = with_keys(select(Task.id, place).join(few, few.c.id == Task.id), sort)
        page = joined.order_by(place).limit(limit).offset(offset).subquery()
    is_own = and_(_Own.task_id == Task.id, _Own.user_id == actor.user_id)
    rows = described().join(page, page.c.id == Task.id).outerjoin(_Own, is_own)
    return rows.add_columns(*_marks(actor, view)).order_by(page.c.place)


def _marks(actor: Actor, view: str) -> list[ColumnElement[Any]]:
    """What marks a row: whether it is new to the person, why it is theirs, whether it came back or is urged."""
    copies = exists().where(
        CarbonCopy.instance_id == Task.instance_id,
        CarbonCopy.task_id == Task.id,
        CarbonCopy.user_id == actor.user_id,
        CarbonCopy.read_at.is_(None),
    )
    came_back = exists().where(
        TaskReturn.instance_id == Task.instance_id,
        TaskReturn.to_element == Task.element,
        TaskReturn.at >= Task.opened_at,
    )
    urged = exists().where(Nudge.instance_id == Task.instance_id, Nudge.at >= Task.opened_at)
    return [
        (copies if view == "cc" else and_(_Own.read_at.is_(None), IS_OPEN)).label("is_unread"),
        _Own.reason.label("reason"),
        and_(IS_OPEN, came_back).label("came_back"),
        and_(IS_OPEN, urged).label("is_urged"),
    ]


def urgent(found: Query, view: str) -> Query:
    """The first tasks of a view, as many as are sorted."""
    return found.order_by(*(key.order for key in keys_of(view))).limit(MOST_SORTED)


def with_keys(query: Query, sort: Sequence[str]) -> Query:
    """Join what the keys of an order need."""
    names = {key.lstrip("-") for key in sort}
    if names & {"unit", "region", "number"}:
        query = query.join(Instance, Instance.id == Task.instance_id)
    if names & {"unit", "region"}:
        query = query.outerjoin(Organisation, Organisation.id == Instance.subject_id)
    if "region" in names:
        query = query.outerjoin(Region, Region.code == Organisation.region_code)
    if "honour" in names:
        query = query.outerjoin(Honour, Honour.code == Task.honour_code)
    return query


def capped(found: Query, cap: int) -> Query:
    """How many there are, counted no further than ``cap`` + 1."""
    return select(func.count()).select_from(found.limit(cap + 1).subquery())


def _searched(found: Query, question: str, people: Sequence[int]) -> Query:
    asked = and_(*(matches(word) for word in words_of(question)))
    if people:
        asked = or_(asked, Task.came_from.in_(people), Task.claimed_by.in_(people))
    entry = select(SearchEntry.instance_id).where(SearchEntry.instance_id == Task.instance_id, asked).correlate(Task)
    return found.where(entry.offset(0).exists())  # the offset keeps it behind the person's own rows


def _conditions(filters: Mapping[str, str], now: datetime, due: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, column in (("process", Task.process), ("element", Task.element), ("honour", Task.honour_code)):
        if value := filters.get(name):
            found.append(column == value)
    if value := filters.get("instance"):
        found.append(Task.instance_id == _number("instance", value))
    if value := filters.get("batch"):
        of_batch = select(Instance.id).where(Instance.batch_id == _number("batch", value))
        found.append(Task.instance_id.in_(of_batch))
    if value := filters.get("region"):
        found.append(_in_region(value))
    if filters.get("returned"):
        found.append(Task.was_returned.is_(True))
    if value := filters.get("severity"):
        found.append(severity_condition(value, now, due))
    return found + _dates(filters, due)


def _in_region(code: str) -> ColumnElement[bool]:
    path = select(Region.path).where(Region.code == code).scalar_subquery()
    return or_(Task.region_path == path, func.starts_with(Task.region_path, path + "/"))


def _dates(filters: Mapping[str, str], due: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, column in (("due", due), ("opened", Task.opened_at)):
        if value := filters.get(f"{name}_from"):
            found.append(column >= _beginning_of(_day(f"{name}_from", value)))
        if value := filters.get(f"{name}_to"):
            found.append(column < _beginning_of(_day(f"{name}_to", value) + timedelta(days=1)))
    return found


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Invalid([InputError(name, "type", f"{name} 须为数字编号。")])
    return int(text)


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day.year >= 9999:
        raise Invalid([InputError(name, "date", f"{name} 须为 YYYY-MM-DD 的日期。")])
    return day


def severity_condition(chosen: str, now: datetime, due: Any) -> ColumnElement[bool]:
    """SQL: the task is that severe.

    Raises:
        Invalid: there is no such severity.
    """
    if chosen not in SEVERITIES:
        raise Invalid([InputError("severity", "unknown", f"severity 只能是 {'、'.join(SEVERITIES)} 之一。")])
    return severity_conditions(now, due)[chosen]


def severity_conditions(now: datetime, due: Any) -> dict[str, ColumnElement[bool]]:
    """SQL: the task is that severe, as ``webapp.deadlines.rules.severity`` counts."""
    calendar = calendar_in_force()
    later = _beginning_of(day_of(calendar.after_working_days(now, SOON_DAYS + 1).at))
    serious = _beginning_of(calendar.working_day_before(day_of(now), SERIOUS_DAYS))
    return {
        "serious": due < serious,
        "overdue": and_(due < now, due >= serious),
        "soon": and_(due >= now, due < later),
        "normal": or_(due >= later, due.is_(None)),
    }


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
