"""Who is late: overdue tasks by county and process, and one by one, within the subtree of whoever asks.

The county is that of the office, department or unit that has to act. Only what is late is read, by its own index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import day_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import SERIOUS_DAYS
from webapp.definitions.models import ProcessVersion
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.paging import Page, fetch_page
from webapp.registry.models import Organisation, Region
from webapp.tasks.models import Task

NOWHERE = "-"
"""The county of tasks whose holder has no region."""


@dataclass(frozen=True)
class LateFilter:
    """What the list is narrowed to; empty texts ask for everything."""

    region: str = ""
    process: str = ""

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> "LateFilter":
        """The filter that an address asks for."""
        return cls(*(arguments.get(name, "").replace("\x00", "").strip()[:60] for name in ("region", "process")))


def _late(actor: Actor, now: datetime, wanted: LateFilter) -> list[ColumnElement[bool]]:
    found = [Task.status == "open", Task.due_at < now, Instance.status == "running", scope.visible(actor)]
    if wanted.process:
        found.append(Task.process == wanted.process)
    if wanted.region == NOWHERE:
        found.append(_REGION.is_(None))
    elif wanted.region:
        found.append(Region.code == wanted.region)
    return found


_REGION = func.coalesce(Organisation.region_code, Task.assigned_region)


def _tables(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Organisation, Organisation.id == Task.assigned_organisation_id)
        .outerjoin(Region, Region.code == _REGION)
    )


def list_bodies(session: Session, actor: Actor, now: datetime) -> Sequence[Any]:
    """County and process with how many tasks are late there, how many seriously, and since when; the worst first."""
    name = (
        select(ProcessVersion.name)
        .where(ProcessVersion.process == Task.process, ProcessVersion.is_current)
        .correlate(Task)
        .scalar_subquery()
    )
    serious = func.count().filter(Task.due_at < _seriously_before(now))
    query = select(
        func.coalesce(Region.code, NOWHERE).label("region"),
        Region.name.label("region_name"),
        Region.level.label("region_level"),
        Task.process,
        func.coalesce(name, Task.process).label("process_name"),
        func.count().label("late"),
        serious.label("serious"),
        func.min(Task.due_at).label("oldest_due_at"),
    )
    columns = (Region.code, Region.name, Region.level, Task.process)
    late = _tables(query).where(*_late(actor, now, LateFilter())).group_by(*columns)
    return session.execute(late.order_by(serious.desc(), func.count().desc(), Region.code, Task.process)).all()


def _seriously_before(now: datetime) -> datetime:
    """What was due before this is over the limit of serious lateness."""
    day = calendar_in_force().working_day_before(day_of(now), SERIOUS_DAYS)
    return datetime.combine(day, time(), SHANGHAI)


def late_query(actor: Actor, now: datetime, wanted: LateFilter) -> Select[*tuple[Any, ...]]:
    """The late tasks, longest due first."""
    holder, unit = aliased(User), aliased(Organisation)
    query = select(
        Task.id,
        Task.name,
        Task.element,
        Task.process,
        Task.due_at,
        Task.due_region.label("due_region"),
        Instance.id.label("instance_id"),
        Instance.number,
        Instance.title,
        unit.name.label("unit"),
        Organisation.name.label("organisation"),
        holder.name.label("holder"),
        Region.name.label("region_name"),
    )
    joined = _tables(query).outerjoin(holder, holder.id == Task.claimed_by)
    joined = joined.outerjoin(unit, unit.id == Instance.subject_id)
    return joined.where(*_late(actor, now, wanted)).order_by(Task.due_at, Task.id)


def list_late(session: Session, actor: Actor, now: datetime, wanted: LateFilter, page: int, per_page: int) -> Page:
    """One page of the late tasks."""
    return fetch_page(session, late_query(actor, now, wanted), page, per_page)
