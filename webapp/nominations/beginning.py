"""Who may open a call and what it asks; what a new instance is about."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import CITY, Actor, in_subtree
from webapp.clock import SHANGHAI
from webapp.deadlines.current import calendar_in_force
from webapp.instances.processes import Beginning, Json
from webapp.nominations.models import NominationCall
from webapp.problems import InputError, Invalid
from webapp.quotas.queries import chosen_plan, plan_choices
from webapp.registry.models import Honour, Region

START_VARIABLES = {
    "call_id": "征集",
    "city_region": "征集的市",
    "province_region": "省",
    "counties": "参加征集的县（市、区）",
    "due_on": "报送截止日期",
    "wait_until": "等候报送到的时间",
}


def may_start(actor: Actor) -> bool:
    """The civilisation office of a city opens calls, nobody else."""
    return actor.is_office and actor.region_level == "city" and bool(actor.roles & CITY)


def begin(session: Session, actor: Actor, now: datetime, answers: Json) -> Beginning:
    """Write the call down; its instance is named by the first service of the diagram.

    Raises:
        Invalid: numbers or dates contradict each other, or a county lies elsewhere.
    """
    counties = _counties(session, actor, now, answers.get("counties") or [])
    due_on = date.fromisoformat(answers["due_on"])
    _refuse(answers, due_on, now, counties)
    call = _call(actor, now, answers, due_on)
    session.add(call)
    session.flush()
    return Beginning(
        title=f"{call.title} · {actor.region_name}",
        subject_id=None,
        batch_id=None,
        honour_code=None,
        region_path=actor.region_path,
        data=_facts(actor, call, counties),
    )


def _call(actor: Actor, now: datetime, answers: Json, due_on: date) -> NominationCall:
    return NominationCall(
        title=answers["title"],
        document_number=answers["document_number"],
        paragraph=answers["paragraph"],
        region_code=actor.region_code,
        minimum=int(answers["minimum"]),
        maximum=int(answers["maximum"]),
        kinds=list(answers["kinds"]),
        honour_codes=list(answers["honours"]),
        due_on=due_on,
        plan_id=chosen_plan(answers.get("plan")),
        status="open",
        created_by=actor.user_id,
        created_at=now,
    )


def _facts(actor: Actor, call: NominationCall, counties: Sequence[str]) -> Json:
    return {
        "call_id": call.id,
        "city_region": actor.region_code,
        "province_region": actor.region_path.split("/")[0],
        "counties": list(counties),
        "due_on": call.due_on.isoformat(),
        "wait_until": calendar_in_force().end_before(call.due_on, actor.region_code).isoformat(),
    }


def _counties(session: Session, actor: Actor, now: datetime, chosen: Sequence[str]) -> list[str]:
    """The counties that are asked: the chosen ones, or all that the city has."""
    codes = [choice["value"] for choice in county_choices(session, actor, now)]
    return [code for code in codes if code in chosen] if chosen else codes


def _refuse(answers: Json, due_on: date, now: datetime, counties: Sequence[str]) -> None:
    errors = []
    if answers["minimum"] > answers["maximum"]:
        errors.append(InputError("maximum", "order", "每县至多不能小于每县至少，请核对数量。"))
    if due_on < now.astimezone(SHANGHAI).date():
        errors.append(InputError("due_on", "past", f"报送期限 {due_on:%Y-%m-%d} 已过，请核对日期。"))
    if not counties:
        errors.append(InputError("counties", "none", "本市没有登记县（市、区），无法征集。请先在登记中补充地区。"))
    if errors:
        raise Invalid(errors)


def county_choices(session: Session, actor: Actor, _now: datetime) -> Sequence[Mapping[str, Any]]:
    """The counties and zones of the actor's city."""
    query = select(Region.code, Region.name).where(
        in_subtree(Region.path, actor.region_path), Region.level == "county", Region.kind != "line"
    )
    return [{"value": code, "label": name} for code, name in session.execute(query.order_by(Region.code))]


def target_honours(session: Session, _actor: Actor, _now: datetime) -> Sequence[Mapping[str, Any]]:
    """What units can be brought up to."""
    rows = session.execute(select(Honour.code, Honour.name).where(Honour.level != "county").order_by(Honour.rank))
    return [{"value": code, "label": name} for code, name in rows]


def plans(session: Session, actor: Actor, _now: datetime) -> Sequence[Mapping[str, Any]]:
    """The plans that nominees may count against."""
    return plan_choices(session, actor)


def end_of_wait(until: str, region: str | None) -> str:
    """The moment to which the city goes on waiting."""
    return calendar_in_force().end_of(date.fromisoformat(until), region).isoformat()
