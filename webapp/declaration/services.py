"""The machine acts of the declaration beside taking places: give them back, draw spot checks, grant awards.

Each may run again without harm: a case is never drawn twice, never awarded twice.
"""

import hashlib
from decimal import Decimal

from sqlalchemy import insert, select

from webapp.batches.models import Batch
from webapp.clock import SHANGHAI
from webapp.declaration.models import Draw
from webapp.instances.models import Submission
from webapp.instances.processes import Case
from webapp.quotas import claims
from webapp.registry.models import Award, Honour, Organisation


def release_quota(case: Case, unit: int, batch: int, honour: str) -> bool:
    """Give back the places that the case has reserved; returns whether it had any."""
    return claims.release(case.session, case.instance_id)


def give_back(case: Case) -> None:
    """Give back the places of a case that an administrator ends."""
    claims.release(case.session, case.instance_id)


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
        claims.release(session, case.instance_id)
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
    claims.consume(session, case.instance_id)
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
