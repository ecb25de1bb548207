"""The machine acts of the declaration: reserve and release places, draw spot checks, grant awards.

Each may run again without harm: a case never holds two places, is never drawn twice, never awarded twice.
"""

import hashlib
from decimal import Decimal

from sqlalchemy import insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.batches.models import Batch, BatchQuota
from webapp.clock import SHANGHAI
from webapp.declaration.models import Draw, QuotaClaim
from webapp.instances.models import Submission
from webapp.instances.processes import Case
from webapp.registry.models import Award, Honour, Organisation


def reserve_quota(
    case: Case,
    unit: int,
    batch: int,
    honour: str,
    region: str | None,
    city_direct: bool,
) -> str:
    """Take a place in every quota that covers the case, or in none.

    Returns:
        ``reserved`` or ``full``.
    """
    session = case.session
    held = select(QuotaClaim.quota_id).where(
        QuotaClaim.instance_id == case.instance_id, QuotaClaim.status != "released"
    )
    if session.scalars(held).first() is not None:
        return "reserved"
    quotas = _quotas(session, batch, honour, case.data.get("city_region") if city_direct else region)
    if not quotas:
        case.note("reserve_quota", "本批次对这项荣誉没有名额限制。")
        return "reserved"
    attempt = session.begin_nested()
    for quota in quotas:
        if not _take(session, quota):
            attempt.rollback()
            case.note("reserve_quota", "名额已满，未占用名额。")
            return "full"
    attempt.commit()
    for quota in quotas:
        claim = upsert(QuotaClaim).values(instance_id=case.instance_id, quota_id=quota, status="reserved")
        session.execute(
            claim.on_conflict_do_update(index_elements=["instance_id", "quota_id"], set_={"status": "reserved"})
        )
    case.note("reserve_quota", "已占用 1 个名额。")
    return "reserved"


def _quotas(session: Session, batch: int, honour: str, region: str | None) -> list[int]:
    query = select(BatchQuota.id).where(
        BatchQuota.batch_id == batch,
        BatchQuota.honour_code == honour,
        or_(BatchQuota.region_code.is_(None), BatchQuota.region_code == region),
    )
    return list(session.scalars(query.order_by(BatchQuota.id)))


def _take(session: Session, quota: int) -> bool:
    taken = session.execute(
        update(BatchQuota)
        .where(BatchQuota.id == quota, BatchQuota.reserved + BatchQuota.used < BatchQuota.cap)
        .values(reserved=BatchQuota.reserved + 1)
        .returning(BatchQuota.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def release_quota(case: Case, unit: int, batch: int, honour: str) -> bool:
    """Give back the places that the case has reserved; returns whether it had any."""
    return _settle_claims(case, "released", {"reserved": BatchQuota.reserved - 1})


def _settle_claims(case: Case, status: str, change: dict[str, object]) -> bool:
    quotas = (
        case.session.execute(
            update(QuotaClaim)
            .where(QuotaClaim.instance_id == case.instance_id, QuotaClaim.status == "reserved")
            .values(status=status)
            .returning(QuotaClaim.quota_id)
            .execution_options(synchronize_session=False)
        )
        .scalars()
        .all()
    )
    for quota in sorted(quotas):  # in the order in which places are taken: nobody waits in a ring
        moved = update(BatchQuota).where(BatchQuota.id == quota).values(change)
        case.session.execute(moved.execution_options(synchronize_session=False))
    return bool(quotas)


def draw_value(seed: str, number: str) -> Decimal:
    """The recorded draw of a case: a number in [0, 1) that anybody can recompute from the batch's seed."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return (Decimal(int.from_bytes(digest[:8])) / Decimal(2**64)).quantize(Decimal("0.0000000001"))


def draw_spot_check(case: Case, unit: int, batch: int, honour: str, region: str | None) -> bool:
    """Draw the case for a city spot check with the batch's ratio (★ office setting); once and for all.

    A case that was drawn before is not drawn again after a new assessment.
    """
    session = case.session
    if session.get(Draw, case.instance_id) is not None:
        case.note("draw_spot_check", "此前已抽取过，不再重复抽取。")
        return False
    seed, ratio = session.execute(select(Batch.draw_seed, Batch.sampling_ratio).where(Batch.id == batch)).one()
    value = draw_value(seed, case.number)
    drawn = value < ratio
    session.execute(
        insert(Draw).values(instance_id=case.instance_id, seed=seed, value=value, ratio=ratio, drawn=drawn, at=case.now)
    )
    case.note("draw_spot_check", f"{'抽中' if drawn else '未抽中'}（抽签值 {value:.4f}，抽查比例 {ratio:.0%}）。")
    return drawn


def grant_award(case: Case, unit: int, batch: int, honour: str) -> int:
    """Record the award under the unit's present name and turn the reserved place into a used one; returns its id."""
    session = case.session
    found = session.scalar(select(Award.id).where(Award.instance_id == case.instance_id))
    if found is not None:
        return found
    term = session.scalar(select(Batch.term).where(Batch.id == batch))
    name = session.scalar(select(Organisation.name).where(Organisation.id == unit))
    held = _find_held(case, unit, honour, term, name)
    if held is not None:
        _settle_claims(case, "released", {"reserved": BatchQuota.reserved - 1})
        case.note("grant_award", f"该单位在{term}已获得这项荣誉，不重复授予，名额已退回。")
        return held
    number = _document_number(case)
    award_id: int = session.execute(
        insert(Award)
        .values(
            organisation_id=unit,
            honour_code=honour,
            term=term,
            granted_name=name,
            document_number=number,
            granted_on=case.now.astimezone(SHANGHAI).date(),
            instance_id=case.instance_id,
            status="valid",
            source=None,
        )
        .returning(Award.id)
    ).scalar_one()
    _settle_claims(case, "used", {"reserved": BatchQuota.reserved - 1, "used": BatchQuota.used + 1})
    label = session.scalar(select(Honour.name).where(Honour.code == honour))
    case.note("grant_award", f"授予“{label}”（{term}，{number or '文号待补'}）。")
    return award_id


def _find_held(case: Case, unit: int, honour: str, term: str | None, name: str | None) -> int | None:
    """The same award, granted meanwhile by a case of another batch."""
    same = {"organisation_id": unit, "honour_code": honour, "term": term, "granted_name": name, "status": "valid"}
    return case.session.scalar(select(Award.id).filter_by(**same))


def _document_number(case: Case) -> str | None:
    """The number of the document that grants: that of the deciding step, which comes last."""
    if case.answers:
        return case.answers.get("document_number") or None
    number = Submission.answers["document_number"].astext
    steps = ("decide_award", "accept_report", "record_national_outcome")
    query = select(number).where(Submission.instance_id == case.instance_id, Submission.element.in_(steps))
    return case.session.scalars(query.order_by(Submission.id.desc()).limit(1)).first() or None
