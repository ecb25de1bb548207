"""The rules of the steps of a nomination beyond their forms, and the rows that a person's act writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy import case as when
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.clock import SHANGHAI
from webapp.instances.processes import Case, Json
from webapp.nominations import rules
from webapp.nominations.beginning import end_of_wait
from webapp.nominations.models import LIVE, NominationCall, NominationList, Nominee
from webapp.nominations.offers import call_of
from webapp.nominations.rules import Demand, Finding
from webapp.nominations.units import find_known, register
from webapp.problems import Invalid, invalid
from webapp.quotas import claims
from webapp.quotas.models import QuotaPlan
from webapp.quotas.queries import say_full
from webapp.registry.models import Honour, Region

_OVER_TARGET = "over_target"
_FACTS = ("sector", "staff_count", "contact", "contact_mobile", "reason")


def source_of(call: NominationCall) -> str:
    """Document and paragraph of a call, as a refusal cites them."""
    return f"{call.document_number} {call.paragraph}"


def submit(case: Case, answers: Json) -> Json:
    """A county's list replaces the one before; what is no longer on it gives its places back."""
    call, county = call_of(case), case.session.get_one(Region, case.item["county"])
    rows = list(answers.get("nominees") or ()) if answers["outcome"] == "submit" else []
    explanation = str(answers.get("explanation") or "")
    findings = _checked(case, call, county, rows, explanation)
    _write_nominees(case, call, county, rows, findings)
    _write_list(case, call, county, explanation)
    return {}


def _checked(
    case: Case, call: NominationCall, county: Region, rows: Sequence[Mapping[str, Any]], explanation: str
) -> list[Finding]:
    demand = _demand(case, call, county)
    errors = rules.number_errors(len(rows), explanation, demand)
    found, findings = rules.check_rows(rows, find_known(case.session, call, county, rows), demand)
    if errors + found:
        raise Invalid(errors + found)
    return findings


def _demand(case: Case, call: NominationCall, county: Region) -> Demand:
    honours = case.session.scalars(select(Honour).where(Honour.code.in_(call.honour_codes)))
    return Demand(
        source=source_of(call),
        minimum=call.minimum,
        maximum=call.maximum,
        kinds=frozenset(call.kinds),
        honours={honour.code: (honour.name, honour.rank) for honour in honours},
        county=county.name,
    )


def _write_nominees(
    case: Case,
    call: NominationCall,
    county: Region,
    rows: Sequence[Mapping[str, Any]],
    findings: Sequence[Finding],
) -> None:
    listed = select(Nominee).where(Nominee.call_id == call.id, Nominee.county_code == county.code)
    before = {n.organisation_id: n for n in case.session.scalars(listed.where(Nominee.status.in_(LIVE)))}
    units = [
        finding.known.organisation_id if finding.known else register(case.session, case.actor, call, county, row)
        for row, finding in zip(rows, findings, strict=True)
    ]
    stays = {unit for unit, row in zip(units, rows, strict=True) if _is_same(before.get(unit), row)}
    gone = [unit for unit in before if unit not in stays]
    if gone:
        claims.release(case.session, case.instance_id, gone)
        for unit in gone:
            before.pop(unit).status = "withdrawn"
        case.session.flush()
    for position, (unit, row, finding) in enumerate(zip(units, rows, findings, strict=True), start=1):
        nominee = before.get(unit) or _new(case, call, county, unit, row)
        nominee.position, nominee.kind = position, row["kind"]
        kept = [flag for flag in nominee.flags or () if flag["code"] == _OVER_TARGET]
        nominee.flags = [*finding.flags, *kept]
        nominee.facts = {name: row[name] for name in _FACTS if row.get(name)}
        _reserve(case, call, county, nominee, position - 1)
        case.session.add(nominee)
    case.session.flush()


def _is_same(nominee: Nominee | None, row: Mapping[str, Any]) -> bool:
    """A nominee for another honour counts against other places: it is a new one."""
    return nominee is not None and nominee.honour_code == row["honour"]


def _new(case: Case, call: NominationCall, county: Region, unit: int, row: Mapping[str, Any]) -> Nominee:
    return Nominee(
        call_id=call.id,
        county_code=county.code,
        organisation_id=unit,
        honour_code=row["honour"],
        status="submitted",
        submitted_at=case.now,
    )


def _reserve(case: Case, call: NominationCall, county: Region, nominee: Nominee, number: int) -> None:
    """Take a place for the nominee; where none is left, it is refused or waits, as the plan says."""
    unit = nominee.organisation_id
    if call.plan_id is None or claims.has_claim(case.session, case.instance_id, unit):
        return
    regions, plan = county.path.split("/"), case.session.get_one(QuotaPlan, call.plan_id)
    places = claims.find_places(case.session, QuotaPlan.id == plan.id, nominee.honour_code, regions, unit)
    taking = claims.take(case.session, case.instance_id, unit, places)
    if not taking.full:
        nominee.status = "submitted"
        nominee.flags = [*nominee.flags, *(_over_target(case, row) for row in taking.exceeded[:1])]
        return
    words = say_full(case.session, taking.full[0].quota_id)
    if plan.over_cap == "block":
        raise invalid(f"nominees.{number}.honour", "quota_full", f"名额已满，不能再报。{words}")
    nominee.status = "waitlisted"
    nominee.flags = [*nominee.flags, {"code": "quota_full", "message": f"列为候补。{words}"}]


def _over_target(case: Case, quota: int) -> dict[str, str]:
    """More than a target wants is taken, and the city should look at it."""
    return {"code": _OVER_TARGET, "message": f"超出指标，不影响报送。{say_full(case.session, quota)}"}


def _write_list(case: Case, call: NominationCall, county: Region, explanation: str) -> None:
    late = rules.late_days(call.due_on, case.now.astimezone(SHANGHAI).date())
    actor = case.actor.user_id if case.actor else None
    values = {"status": "submitted", "explanation": explanation.strip() or None}
    first = {"submitted_at": case.now, "submitted_by": actor, "late_days": late}
    row = upsert(NominationList).values(call_id=call.id, county_code=county.code, **values, **first)
    kept = {
        name: _first_of(getattr(NominationList, name), getattr(row.excluded, name), NominationList.submitted_at)
        for name in first
    }
    case.session.execute(row.on_conflict_do_update(index_elements=["call_id", "county_code"], set_=values | kept))
    if late:
        case.note(case.element or "", f"迟报 {late} 天（期限 {call.due_on:%Y-%m-%d}，依据：{source_of(call)}）。")


def _first_of(stored: Any, fresh: Any, submitted_at: Any) -> Any:
    return when((submitted_at.is_(None), fresh), else_=stored)


def review(case: Case, answers: Json) -> Json:
    """A returned list keeps its places until the county submits again."""
    status = "accepted" if answers["outcome"] == "accept" else "returned"
    mine = and_(NominationList.call_id == case.data["call_id"], NominationList.county_code == case.item["county"])
    case.session.execute(update(NominationList).where(mine).values(status=status))
    return {}


def chase(case: Case, answers: Json) -> Json:
    """The city waits to the end of a day that is still to come."""
    if answers["outcome"] != "wait":
        return {}
    until = end_of_wait(answers["until"], case.data.get("city_region"))
    if answers["until"] < case.now.astimezone(SHANGHAI).date().isoformat():
        raise invalid("until", "past", "等待的日期已过，请选择今天或以后的日期。")
    return {"wait_until": until}


def rank(case: Case, answers: Json) -> Json:
    """The city takes or leaves each nominee, with a reason for leaving, and numbers those that it takes."""
    opinion = str(answers.get("opinion") or "").strip()
    if answers["outcome"] == "cancel":
        if not opinion:
            raise invalid("opinion", "required", "撤销征集须写明理由，各县（市、区）会看到。")
        return {}
    given = answers.get("ranking") or {}
    query = select(Nominee).where(Nominee.call_id == case.data["call_id"], Nominee.status.in_(LIVE))
    nominees = list(case.session.scalars(query.order_by(Nominee.county_code, Nominee.position, Nominee.id)))
    chosen = {nominee.id: given.get(f"n{nominee.id}") or {} for nominee in nominees}
    taken = [n for n in nominees if chosen[n.id].get("decision") != "exclude"]
    for nominee in nominees:
        said = chosen[nominee.id]
        if said.get("decision") == "exclude" and not str(said.get("reason") or "").strip():
            path = f"ranking.n{nominee.id}.reason"
            raise invalid(path, "required", "不列入的，请写明理由，县（市、区）会看到。")
        nominee.decision_reason = str(said.get("reason") or "").strip() or None
        nominee.rank = None
    order = rules.ranks((n.id, place, chosen[n.id].get("rank")) for place, n in enumerate(taken))
    for nominee in taken:
        nominee.rank = order[nominee.id]
    case.session.flush()
    return {}


def approve(case: Case, answers: Json) -> Json:
    """A list that goes back says why."""
    if answers["outcome"] == "return" and not str(answers.get("opinion") or "").strip():
        raise invalid("opinion", "required", "退回的，请写明理由和要求。")
    return {}


def report(case: Case, answers: Json) -> Json:
    """The list goes to the province under a number, which the call keeps."""
    call = call_of(case)
    call.report_number, call.reported_at = answers["document_number"], case.now
    case.session.flush()
    return {}


def receive(case: Case, answers: Json) -> Json:
    """The province has the list: the call is over."""
    if answers["outcome"] == "accept":
        call_of(case).status = "reported"
        case.session.flush()
    return {}
