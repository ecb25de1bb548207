"""The machine acts of a nomination: lists for the counties, the merged list, approval and release of places.

Each may run again without harm.
"""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.instances.processes import Case
from webapp.nominations.models import LIVE, NominationCall, NominationList, Nominee
from webapp.quotas import claims
from webapp.quotas.models import QuotaPlan
from webapp.registry.models import Region


def open_call(case: Case, call: int, counties: list[str]) -> int:
    """Name the instance of the call and give every county that is asked its waiting list; returns how many."""
    case.session.get_one(NominationCall, call).instance_id = case.instance_id
    rows = [{"call_id": call, "county_code": code, "status": "waiting", "late_days": 0} for code in counties]
    if rows:
        case.session.execute(upsert(NominationList).values(rows).on_conflict_do_nothing())
    case.session.flush()
    case.note("open_call", f"向 {len(rows)} 个县（市、区）征集。")
    return len(rows)


def close_collection(case: Case, call: int) -> int:
    """End the collection: who has not submitted is missing, a list that was sent back does not count.

    Returns:
        How many nominees are merged.
    """
    session = case.session
    returned = select(NominationList.county_code).where(
        NominationList.call_id == call, NominationList.status == "returned"
    )
    query = select(Nominee).where(Nominee.call_id == call, Nominee.status.in_(LIVE))
    dropped = list(session.scalars(query.where(Nominee.county_code.in_(returned))))
    if dropped:
        claims.release(session, case.instance_id, [nominee.organisation_id for nominee in dropped])
        for nominee in dropped:
            nominee.status = "withdrawn"
        session.flush()
    missing = session.execute(
        update(NominationList)
        .where(NominationList.call_id == call, NominationList.status.in_(("waiting", "returned")))
        .values(status="missing")
        .returning(NominationList.county_code)
    ).scalars()
    number, absent = len(list(session.scalars(query))), len(list(missing))
    session.get_one(NominationCall, call).status = "closed"
    session.flush()
    case.note("close_collection", f"汇总 {number} 个对象" + (f"，{absent} 个县（市、区）未报。" if absent else "。"))
    return number


def approve_nominees(case: Case, call: int) -> int:
    """Those on the city's list are approved and use their places; the others give them back. Returns how many."""
    session, actor = case.session, case.actor.user_id if case.actor else None
    query = select(Nominee).where(Nominee.call_id == call, Nominee.status.in_(("submitted", "waitlisted")))
    nominees = list(session.scalars(query.order_by(Nominee.rank.nulls_last(), Nominee.id)))
    taken = [n for n in nominees if n.rank is not None]
    left = [n for n in nominees if n.rank is None]
    if left:
        claims.release(session, case.instance_id, [n.organisation_id for n in left])
    plan = session.get_one(NominationCall, call).plan_id
    waiting = [n for n in taken if n.status == "waitlisted" and not _promoted(case, plan, n)]
    taken = [n for n in taken if n not in waiting]
    for nominee in left + taken:
        nominee.status = "approved" if nominee.rank is not None else "rejected"
        nominee.decided_by, nominee.decided_at = actor, case.now
    if taken:
        claims.consume(session, case.instance_id, [n.organisation_id for n in taken])
    session.get_one(NominationCall, call).status = "approved"
    session.flush()
    rest = f"，候补 {len(waiting)} 个" if waiting else ""
    case.note("approve_nominees", f"确定培育对象 {len(taken)} 个，未列入 {len(left)} 个{rest}。")
    return len(taken)


def _promoted(case: Case, plan: int | None, nominee: Nominee) -> bool:
    """Whether a place has become free for somebody who waits, in the order of the ranking."""
    county = case.session.get_one(Region, nominee.county_code)
    unit = nominee.organisation_id
    regions = county.path.split("/")
    places = claims.find_places(case.session, QuotaPlan.id == plan, nominee.honour_code, regions, unit)
    return not claims.take(case.session, case.instance_id, unit, places).full


def release_nominees(case: Case, call: int) -> bool:
    """Call the whole thing off: nobody stands on a list any more, all places are free. Returns whether any was held."""
    live = (Nominee.call_id == call, Nominee.status.in_(LIVE))
    case.session.execute(update(Nominee).where(*live).values(status="withdrawn", rank=None))
    case.session.get_one(NominationCall, call).status = "cancelled"
    case.session.flush()
    return claims.release(case.session, case.instance_id)


def call_off(case: Case) -> None:
    """An administrator ends the case: the call is off with it."""
    release_nominees(case, int(case.data["call_id"]))
