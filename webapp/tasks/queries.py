"""Tasks as lists and the API show them, by columns alone: no state is read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, defer

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.clock import SHANGHAI
from webapp.deadlines.rules import days_left_text, severity
from webapp.instances.models import Instance
from webapp.registry.models import Honour, Organisation, Region
from webapp.tasks.models import Draft, Task, TaskCandidate

_Before = aliased(User)
_Office = aliased(Organisation)

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
    Honour.rank.label("honour_rank"),
    Region.name.label("region"),
    Region.path.label("place"),
    _Before.name.label("before"),
    _Office.name.label("before_office"),
)


def described() -> Select[*tuple[Any, ...]]:
    """Tasks with everything that lists show."""
    return (
        select(*COLUMNS)
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .outerjoin(Honour, Honour.code == Instance.honour_code)
        .outerjoin(_Before, _Before.id == Task.came_from)
        .outerjoin(_Office, _Office.id == _Before.organisation_id)
    )


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
        "region": row.region,
        "before": row.before,
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
        described()
        .where(Task.instance_id == instance_id, Task.status.in_(("open", "suspended")))
        .order_by(Task.opened_at, Task.id)
    )
    return list(session.execute(query))


def find_task_row(session: Session, task_id: UUID) -> Any | None:
    """One task with everything that lists show."""
    return session.execute(described().where(Task.id == task_id)).one_or_none()


def find_opened(session: Session, actor: Actor, task_id: UUID) -> Any | None:
    """One task as a person opens it, in one statement: what lists show, the rows ``Task`` and ``Instance``, the
    person's ``Draft`` (or none), whether it is ``mine`` to do now and the name of the ``absent`` person for whom."""
    mine = exists().where(
        TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open
    )
    absent = select(User.name).join(TaskCandidate, TaskCandidate.on_behalf_of == User.id)
    absent = absent.where(TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id)
    query = (
        described()
        .add_columns(Task, Instance, Draft, mine.label("mine"), absent.scalar_subquery().label("absent"))
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
