"""Who may declare, for what and when; what a new declaration is about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.access import UNIT, Actor, lies_in
from webapp.batches.models import Batch, BatchDepartment, BatchHonour
from webapp.clock import SHANGHAI
from webapp.instances.models import Instance
from webapp.instances.processes import Beginning, Case, Json
from webapp.problems import InputError, Invalid, invalid
from webapp.registry.models import Award, Honour, Organisation, Region

START_VARIABLES = {
    "unit_id": "申报单位",
    "batch_id": "批次",
    "honour": "申报的荣誉",
    "level": "荣誉的层级",
    "city_direct": "是否市直单位",
    "county_region": "单位所在的县（市、区）",
    "city_region": "单位所在的市",
    "province_region": "省",
    "deciding_region": "作出决定的地区",
    "departments": "征求意见的部门",
    "consultation_days": "征求意见的工作日数",
}


def may_start(actor: Actor) -> bool:
    """Clerks and leaders of units declare for their own unit, nobody for another."""
    return actor.is_unit and bool(actor.roles & UNIT)


def begin(session: Session, actor: Actor, now: datetime, answers: Json) -> Beginning:
    """What the declaration is about, after every rule about who, what and when.

    Raises:
        Invalid: the batch is not open to the unit, the honour not part of it, or the unit not eligible.
    """
    unit, region = _unit_and_region(session, actor)
    batch = _open_batch(session, region, now.astimezone(SHANGHAI).date(), answers["batch"])
    honour = _honour(session, batch, answers["honour"])
    city_direct = unit.city_direct or region.level == "city"
    _refuse_ineligible(session, unit, batch, honour, city_direct=city_direct)
    return Beginning(
        title=f"{unit.name} · {honour.name}",
        subject_id=unit.id,
        batch_id=batch.id,
        honour_code=honour.code,
        region_path=region.path,
        data=_facts(session, unit, region, batch, honour, city_direct=city_direct),
    )


def _unit_and_region(session: Session, actor: Actor) -> tuple[Organisation, Region]:
    unit = session.get_one(Organisation, actor.organisation_id)
    if unit.status == "dissolved":
        raise invalid("batch", "dissolved", f"“{unit.name}”已撤并，不能申报。请由承接单位申报，或联系文明办核实。")
    region = session.get(Region, unit.region_code) if unit.region_code else None
    if region is None or region.level == "province":
        raise invalid(
            "batch", "unplaced", f"“{unit.name}”还没有确定管辖地区，暂不能申报。请联系所在县（市、区）文明办。"
        )
    return unit, region


def _open_batch(session: Session, region: Region, today: date, chosen: Any) -> Batch:
    batch = session.get(Batch, int(chosen)) if str(chosen).isdecimal() else None
    if batch is None or not lies_in(region.path, _path_of(session, batch.region_code)):
        raise invalid("batch", "unknown", "没有这个批次，或它不面向贵单位所在地区。")
    if batch.status != "open" or not batch.opens_on <= today <= batch.closes_on:
        window = f"{batch.opens_on:%Y-%m-%d} 至 {batch.closes_on:%Y-%m-%d}"
        raise invalid("batch", "closed", f"批次“{batch.title}”的申报期为 {window}，今天不能发起申报。")
    return batch


def _path_of(session: Session, code: str) -> str:
    return session.scalar(select(Region.path).where(Region.code == code)) or ""


def _honour(session: Session, batch: Batch, code: Any) -> Honour:
    query = select(Honour).join(BatchHonour, BatchHonour.honour_code == Honour.code)
    honour = session.scalar(query.where(BatchHonour.batch_id == batch.id, Honour.code == str(code)))
    if honour is None:
        raise invalid("honour", "not_in_batch", f"批次“{batch.title}”不包括这项荣誉，请另选荣誉或批次。")
    return honour


def _refuse_ineligible(
    session: Session, unit: Organisation, batch: Batch, honour: Honour, *, city_direct: bool
) -> None:
    errors = []
    if honour.level == "county" and city_direct:
        errors.append(InputError("honour", "city_direct", "市直单位不属于县（市、区），不能申报县级荣誉。"))
    twin = exists().where(
        Instance.subject_id == unit.id,
        Instance.batch_id == batch.id,
        Instance.honour_code == honour.code,
        Instance.ended_at.is_(None),
    )
    if session.scalar(select(twin)):
        errors.append(InputError("honour", "duplicate", f"贵单位在本批次已有“{honour.name}”的申报正在办理。"))
    held = exists().where(
        Award.organisation_id == unit.id,
        Award.honour_code == honour.code,
        Award.term == batch.term,
        Award.status == "valid",
    )
    if session.scalar(select(held)):
        errors.append(InputError("honour", "already_held", f"贵单位在{batch.term}已获得“{honour.name}”。"))
    if errors:
        raise Invalid(errors)


def _facts(
    session: Session, unit: Organisation, region: Region, batch: Batch, honour: Honour, *, city_direct: bool
) -> Json:
    places = region.path.split("/")
    county = places[2] if len(places) > 2 and not city_direct else None
    departments = list(
        session.scalars(
            select(BatchDepartment.organisation_id)
            .where(BatchDepartment.batch_id == batch.id, BatchDepartment.organisation_id != unit.id)
            .order_by(BatchDepartment.organisation_id)
        )
    )
    return {
        "unit_id": unit.id,
        "batch_id": batch.id,
        "honour": honour.code,
        "level": honour.level,
        "city_direct": city_direct,
        "county_region": county,
        "city_region": places[1],
        "province_region": places[0],
        "deciding_region": county if honour.level == "county" else places[1],
        "departments": departments,
        "consultation_days": batch.consultation_days,
    }


_knowing: list[Callable[[Case], Json]] = []


def also_known(by: Callable[[Case], Json]) -> None:
    """Let another area fill in what it knows about a unit that declares."""
    if by not in _knowing:
        _knowing.append(by)


def unit_facts(case: Case) -> Json:
    """What is already known, so that nobody copies it by hand: name and USCC, and what other areas add."""
    unit = case.session.get(Organisation, case.subject_id)
    if unit is None:
        return {}
    known: Json = {}
    for by in _knowing:
        known |= by(case)
    return known | {"unit_name": unit.name, "uscc": unit.uscc or ""}


def open_batches(session: Session, actor: Actor, now: datetime) -> Sequence[Mapping[str, Any]]:
    """The batches that the actor's unit may declare in today."""
    today = now.astimezone(SHANGHAI).date()
    query = (
        select(Batch.id, Batch.title, Batch.closes_on)
        .where(Batch.status == "open", Batch.opens_on <= today, Batch.closes_on >= today)
        .where(Batch.region_code.in_(actor.region_path.split("/")))
        .order_by(Batch.closes_on, Batch.id)
    )
    return [{"value": str(b.id), "label": f"{b.title}（{b.closes_on:%Y-%m-%d} 截止）"} for b in session.execute(query)]


def offered_honours(session: Session, actor: Actor, now: datetime) -> Sequence[Mapping[str, Any]]:
    """The honours of those batches, lowest first."""
    batches = [int(choice["value"]) for choice in open_batches(session, actor, now)]
    query = (
        select(Honour.code, Honour.name)
        .where(Honour.code.in_(select(BatchHonour.honour_code).where(BatchHonour.batch_id.in_(batches))))
        .order_by(Honour.rank)
    )
    return [{"value": honour.code, "label": honour.name} for honour in session.execute(query)]
