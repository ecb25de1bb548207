"""Read batches: what a person may see, the choices of the form, how far the cases of a batch have come."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.access import CITY, Actor, in_subtree
from webapp.batches.models import Batch
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.notices.models import Document, DocumentCase
from webapp.paging import Page, fetch_page
from webapp.problems import Forbidden, NotFound
from webapp.quotas.models import Quota, QuotaPlan
from webapp.quotas.queries import plan_choices
from webapp.quotas.rules import CEILINGS
from webapp.registry.models import Honour, Organisation, Region
from webapp.tasks.models import Task, TaskCandidate


def _visible(actor: Actor) -> Any:
    """Offices see batches of their subtree and of the offices above; others those of their own region."""
    line = Batch.region_code.in_(actor.region_path.split("/"))
    return line | in_subtree(Region.path, actor.region_path) if actor.sees_subtree else line


def list_batches(session: Session, actor: Actor, page: int, per_page: int) -> Page:
    """One page of the batches that the actor may see, newest first, with their numbers of cases."""
    cases = select(func.count()).where(Instance.batch_id == Batch.id).correlate(Batch).scalar_subquery()
    running = (
        select(func.count()).where(Instance.batch_id == Batch.id, Instance.ended_at.is_(None)).correlate(Batch)
    ).scalar_subquery()
    query = (
        select(Batch, Region.name.label("region"), cases.label("cases"), running.label("running"))
        .join(Region, Region.code == Batch.region_code)
        .where(_visible(actor))
        .order_by(Batch.id.desc())
    )
    return fetch_page(session, query, page, per_page)


def get_visible(session: Session, actor: Actor, batch_id: int) -> Batch:
    """The batch, if the actor may see it; else raises ``NotFound``."""
    query = select(Batch).join(Region, Region.code == Batch.region_code).where(Batch.id == batch_id, _visible(actor))
    batch = session.scalar(query)
    if batch is None:
        raise NotFound
    return batch


def get_editable(session: Session, actor: Actor, batch_id: int, *, lock: bool = False) -> Batch:
    """The batch for changing: only the city that opened it.

    Raises:
        NotFound: it may not be seen.
        Forbidden: it belongs to another office.
    """
    batch = get_visible(session, actor, batch_id)
    if batch.region_code != actor.region_code or not actor.roles & CITY:
        raise Forbidden("只有开启这个批次的市级文明办可以修改它。")
    if lock:
        session.refresh(batch, with_for_update=True)
    return batch


def is_editable(actor: Actor, batch: Batch) -> bool:
    """Whether the actor may change the batch."""
    return batch.region_code == actor.region_code and bool(actor.roles & CITY)


def has_cases(session: Session, batch_id: int) -> bool:
    """Whether any unit has declared in the batch."""
    return bool(session.scalar(select(exists().where(Instance.batch_id == batch_id))))


def form_choices(session: Session, actor: Actor) -> Mapping[str, list[dict[str, Any]]]:
    """The choices of the batch form for the actor's city."""
    honours = session.execute(select(Honour.code, Honour.name).order_by(Honour.rank))
    places = in_subtree(Region.path, actor.region_path)
    departments = _organisations(session, "department", places)
    line = Region.code.in_(actor.region_path.split("/"))
    offices = _organisations(session, "office", places | line)
    counties = session.execute(
        select(Region.code, Region.name).where(places, Region.level == "county").order_by(Region.code)
    )
    return {
        "all_honours": [{"value": code, "label": name} for code, name in honours],
        "all_departments": departments,
        "offices": offices,
        "allotments": plan_choices(session, actor, ("cap",)),
        "counties": [{"value": code, "label": name} for code, name in counties],
    }


def _organisations(session: Session, kind: str, places: Any) -> list[dict[str, Any]]:
    query = (
        select(Organisation.id, Organisation.name)
        .join(Region, Region.code == Organisation.region_code)
        .where(Organisation.kind == kind, places)
        .order_by(Region.code, Organisation.name)
    )
    return [{"value": str(id_), "label": name} for id_, name in session.execute(query)]


def stages(session: Session, actor: Actor, batch_id: int) -> list[Any]:
    """Open tasks of the batch by step: how many, how many are the actor's, the earliest due time."""
    mine = (
        exists()
        .where(TaskCandidate.task_id == Task.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open)
        .correlate(Task)
    )
    query = (
        select(
            Task.element,
            func.min(Task.name).label("name"),
            func.count().label("number"),
            func.count().filter(mine).label("mine"),
            func.min(Task.due_at).label("due_at"),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .where(Instance.batch_id == batch_id, Task.status == "open", scope.visible(actor))
        .group_by(Task.element)
        .order_by(func.min(Task.opened_at))
    )
    return list(session.execute(query))


def outcomes(session: Session, actor: Actor, batch_id: int) -> list[Any]:
    """Ended cases of the batch by outcome."""
    query = (
        select(Instance.outcome, func.min(Instance.outcome_name).label("name"), func.count().label("number"))
        .where(Instance.batch_id == batch_id, Instance.ended_at.is_not(None), scope.visible(actor))
        .group_by(Instance.outcome)
        .order_by(func.count().desc())
    )
    return list(session.execute(query))


def find_plan(session: Session, batch_id: int) -> QuotaPlan | None:
    """The batch's own plan of places, if it limits any."""
    return session.scalar(select(QuotaPlan).where(QuotaPlan.batch_id == batch_id))


def stated_quotas(session: Session, plan_id: int) -> list[Quota]:
    """The rows of a plan as the office stated them, without the ceilings that its shares come to."""
    query = select(Quota).where(Quota.plan_id == plan_id, Quota.line.not_in(CEILINGS))
    return list(session.scalars(query.order_by(Quota.position, Quota.id)))


def quotas(session: Session, batch: Batch) -> list[Any]:
    """The places of the batch, and of its allotment those of its city: planned, reserved, used and free."""
    plans = or_(QuotaPlan.batch_id == batch.id, QuotaPlan.id == batch.allotment_id)
    covers = or_(QuotaPlan.batch_id == batch.id, Quota.region_code == batch.region_code, Quota.region_code.is_(None))
    query = (
        select(Quota, Honour.name.label("honour"), Region.name.label("region"))
        .join(QuotaPlan, QuotaPlan.id == Quota.plan_id)
        .join(Honour, Honour.code == Quota.honour_code)
        .outerjoin(Region, Region.code == Quota.region_code)
        .where(plans, covers)
        .order_by(Honour.rank, Region.code.nulls_first(), Quota.line)
    )
    return list(session.execute(query))


def my_tasks(session: Session, actor: Actor, batch_id: int, element: str, limit: int) -> list[Any]:
    """The open tasks of one step of the batch that the actor may decide, oldest first."""
    query = (
        select(
            Task.id,
            Task.version,
            Task.due_at,
            Task.claimed_by,
            Instance.id.label("instance_id"),
            Instance.number,
            Organisation.name.label("unit"),
            Honour.name.label("honour"),
            Region.name.label("region"),
            Instance.data["score"].as_float().label("score"),
        )
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Organisation, Organisation.id == Instance.subject_id)
        .join(Honour, Honour.code == Instance.honour_code)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(
            Instance.batch_id == batch_id,
            Task.element == element,
            Task.status == "open",
            TaskCandidate.user_id == actor.user_id,
            TaskCandidate.is_open,
        )
        .order_by(Honour.rank.desc(), Region.code, Organisation.name)
        .limit(limit)
    )
    return list(session.execute(query))


def documents(session: Session, batch_id: int) -> list[Any]:
    """Notices, decisions and reports of the batch with their numbers of cases."""
    query = (
        select(Document, func.count(DocumentCase.instance_id).label("cases"), Organisation.name.label("office"))
        .join(DocumentCase, DocumentCase.document_id == Document.id)
        .join(Organisation, Organisation.id == Document.office_id)
        .where(Document.batch_id == batch_id)
        .group_by(Document.id, Organisation.name)
        .order_by(Document.id.desc())
    )
    return list(session.execute(query))


def is_open_on(batch: Batch, day: date) -> bool:
    """Whether units may declare on ``day``."""
    return batch.status == "open" and batch.opens_on <= day <= batch.closes_on


MOST_EXPORTED = 10_000
EXPORT_HEADER = ["批次", "发文字号", "地区", "届次", "申报开始", "申报截止", "合格线", "办件", "办理中"]


def export_row(row: Any) -> list[Any]:
    """A batch of :func:`list_batches` as a line of a file."""
    batch = row.Batch
    dates = [batch.opens_on.isoformat(), batch.closes_on.isoformat()]
    numbers = [float(batch.pass_mark), row.cases, row.running]
    return [batch.title, batch.document_number, row.region, batch.term, *dates, *numbers]
