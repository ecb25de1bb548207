"""Lists of tasks for one person, by columns alone: no state is read to build a list."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, defer

from webapp.access import Actor
from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import day_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import SERIOUS_DAYS, SOON_DAYS, days_left_text, severity
from webapp.instances.models import Instance
from webapp.paging import Page, fetch_page
from webapp.problems import InputError, Invalid
from webapp.registry.models import Honour, Organisation, Region
from webapp.tasks.models import Draft, Task, TaskCandidate

VIEWS = {"mine": "我的待办", "available": "可认领", "done": "已办", "started": "我发起的"}
LATER_VIEWS = {"cc", "snoozed", "delegated"}

COLUMNS = (
    Task.id,
    Task.name,
    Task.element,
    Task.process,
    Task.round,
    Task.due_at,
    Task.due_provisional,
    Task.due_region.label("due_region"),
    Task.claimed_by,
    Task.version,
    Task.status,
    Task.opened_at,
    Task.closed_at,
    Task.instance_id,
    Instance.number,
    Instance.title,
    Instance.batch_id,
    Organisation.name.label("unit"),
    Honour.name.label("honour"),
    Region.name.label("region"),
)


def list_tasks(
    session: Session, actor: Actor, now: datetime, view: str, filters: dict[str, str], page: int, per_page: int
) -> Page:
    """One page of a view, most urgent first.

    Args:
        view: ``mine``, ``available``, ``done`` or ``started``.
        filters: ``process``, ``instance``, ``element``, ``batch``, ``q`` and ``severity``, each optional.

    Raises:
        Invalid: an unknown view or filter value.
    """
    if view in LATER_VIEWS:
        return Page([], 0, page, per_page)
    return fetch_page(session, task_query(actor, now, view, filters), page, per_page)


def task_query(actor: Actor, now: datetime, view: str, filters: dict[str, str]) -> Select[*tuple[Any, ...]]:
    """The same list as an ordered query, for exports and for what comes next."""
    return _of_view(view, actor).where(*_conditions(filters, now))


def _joined() -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS)
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(Honour, Honour.code == Instance.honour_code)
    )


def _of_view(view: str, actor: Actor) -> Select[*tuple[Any, ...]]:
    joined: Select[*tuple[Any, ...]] = _joined()
    if view == "mine":
        mine = and_(Task.status == "open", Task.claimed_by == actor.user_id)
        return joined.where(mine).order_by(Task.due_at, Task.id)
    if view in {"available", "inbox"}:
        inbox = joined.join(TaskCandidate, TaskCandidate.task_id == Task.id).where(
            TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open, Task.status == "open"
        )
        free = Task.claimed_by.is_(None)
        inbox = inbox.where(free if view == "available" else or_(free, Task.claimed_by == actor.user_id))
        return inbox.order_by(TaskCandidate.due_at, TaskCandidate.task_id)
    if view == "done":
        return joined.where(Task.closed_by == actor.user_id).order_by(Task.closed_at.desc(), Task.id)
    if view == "started":
        mine = and_(Task.status == "open", Instance.started_by == actor.user_id)
        return joined.where(mine).order_by(Task.due_at, Task.id)
    raise Invalid([InputError("view", "unknown", "view 只能是 mine、available、done、started 等。")])


def _conditions(filters: dict[str, str], now: datetime) -> list[Any]:
    found: list[Any] = []
    if process := filters.get("process"):
        found.append(Task.process == process)
    if element := filters.get("element"):
        found.append(Task.element == element)
    for name, column in (("instance", Task.instance_id), ("batch", Instance.batch_id)):
        if value := filters.get(name):
            if not (value.isascii() and value.isdecimal() and len(value) < 18):
                raise Invalid([InputError(name, "type", f"{name} 须为数字编号。")])
            found.append(column == int(value))
    if text := filters.get("q", "").strip():
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found.append(or_(Instance.title.ilike(like), Instance.number.ilike(like)))
    if chosen := filters.get("severity"):
        found.append(_severity_condition(chosen, now))
    return found


def _severity_condition(chosen: str, now: datetime) -> Any:
    calendar = calendar_in_force()
    later = _beginning_of(day_of(calendar.after_working_days(now, SOON_DAYS + 1).at))
    serious = _beginning_of(calendar.working_day_before(day_of(now), SERIOUS_DAYS))
    conditions = {
        "serious": Task.due_at < serious,
        "overdue": and_(Task.due_at < now, Task.due_at >= serious),
        "soon": and_(Task.due_at >= now, Task.due_at < later),
        "normal": or_(Task.due_at >= later, Task.due_at.is_(None)),
    }
    if chosen not in conditions:
        raise Invalid([InputError("severity", "unknown", "severity 只能是 serious、overdue、soon 或 normal。")])
    return conditions[chosen]


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def task_json(row: Any, now: datetime) -> dict[str, Any]:
    """A task as the API shows it."""
    return {
        "id": str(row.id),
        "name": row.name,
        "element": row.element,
        "instance": row.instance_id,
        "process": row.process,
        "number": row.number,
        "title": row.title,
        "unit": row.unit,
        "honour": row.honour,
        "round": row.round,
        "status": row.status,
        "due_at": row.due_at.astimezone(SHANGHAI).isoformat() if row.due_at else None,
        "due_provisional": row.due_provisional,
        "days_left": days_left_text(row.due_at, now, row.due_region),
        "severity": severity(row.due_at, now),
        "claimed_by": row.claimed_by,
        "version": row.version,
    }


def open_tasks_of(session: Session, instance_id: int) -> list[Any]:
    """The open tasks of an instance with everything that lists show."""
    query = (
        _joined()
        .where(Task.instance_id == instance_id, Task.status.in_(("open", "suspended")))
        .order_by(Task.opened_at, Task.id)
    )
    return list(session.execute(query))


def find_opened(session: Session, actor: Actor, task_id: UUID) -> Any | None:
    """One task as a person opens it, in one statement: what lists show, the rows ``Task`` and ``Instance``, the
    person's ``Draft`` (or none) and whether it is ``mine`` to do now."""
    mine = exists().where(
        TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open
    )
    query = (
        _joined()
        .add_columns(Task, Instance, Draft, mine.label("mine"))
        .outerjoin(Draft, and_(Draft.task_id == Task.id, Draft.user_id == actor.user_id))
        .where(Task.id == task_id)
        .options(defer(Instance.state))
        .execution_options(populate_existing=True)
    )
    return session.execute(query).one_or_none()


def doable_tasks(session: Session, actor: Actor, instance_id: int) -> list[UUID]:
    """The open tasks of an instance that ``actor`` may do now, oldest first."""
    query = (
        select(Task.id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .where(Task.instance_id == instance_id, Task.status == "open")
        .where(TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open)
        .where(or_(Task.claimed_by.is_(None), Task.claimed_by == actor.user_id))
        .order_by(Task.opened_at, Task.id)
    )
    return list(session.scalars(query))
