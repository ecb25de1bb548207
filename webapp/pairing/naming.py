"""Which units a programme helps: named by the city, or taken over from the approved nominees."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.access import Actor, lies_in
from webapp.audit.operations import record
from webapp.nominations.queries import get_visible, list_approved_nominees
from webapp.pairing import parties
from webapp.pairing.models import HelpedUnit, Pairing, Programme
from webapp.pairing.programmes import own_programme
from webapp.pairing.rules import KINDS, Party, Refusal, refuse_helped
from webapp.problems import Conflict, InputError, Invalid

Wanted = Sequence[tuple[int, str]]
"""Units (organisation, code of the target honour)."""


def name_units(session: Session, actor: Actor, now: datetime, programme_id: int, units: Wanted) -> int:
    """Take units into a programme, all or none; returns how many were new.

    Raises:
        Invalid: for each unit that cannot be helped, with the rule and its source.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    known = parties.get_parties(session, [unit for unit, _target in units])
    standing = parties.ranks(session)
    refused = [_refuse(programme, actor, standing, known.get(unit), target) for unit, target in units]
    errors = [InputError(f"units.{n}", refusal.code, refusal.words) for n, refusal in enumerate(refused) if refusal]
    if errors:
        raise Invalid(errors)
    return _write(session, actor, now, programme, units, "city")


def _refuse(
    programme: Programme, actor: Actor, standing: Mapping[str, int], party: Party | None, target: str
) -> Refusal | None:
    if party is None or not lies_in(party.region_path, actor.region_path):
        return Refusal("unknown", "没有这个单位，或它不在本方案的地区内。", programme.title)
    if target not in programme.target_months:
        return Refusal("target", f"“{party.name}”的目标荣誉不在本方案内。", programme.title)
    return refuse_helped(KINDS[programme.kind], party, target, standing)


def _write(session: Session, actor: Actor, now: datetime, programme: Programme, units: Wanted, origin: str) -> int:
    """Write down which units are named, and by whom; those that were named before stay as they are."""
    if not units:
        return 0
    named = {"programme_id": programme.id, "origin": origin, "named_by": actor.user_id, "named_at": now}
    rows = [named | {"organisation_id": unit, "target_honour": target} for unit, target in units]
    fresh = upsert(HelpedUnit).values(rows).on_conflict_do_nothing().returning(HelpedUnit.organisation_id)
    added = session.scalars(fresh).all()
    after = {"units": list(added), "origin": origin}
    record(session, actor, "pairing.name_units", subject=f"programme:{programme.id}", after=after)
    return len(added)


def take_nominees(
    session: Session, actor: Actor, now: datetime, programme_id: int, call_id: int | None = None
) -> tuple[int, list[str]]:
    """Take approved nominees of the region (of one call alone, if it is named) into a programme.

    Returns:
        How many were new, and whom not and why.

    Raises:
        NotFound: there is no such call.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    if call_id is not None:
        get_visible(session, actor, call_id)
    approved = list_approved_nominees(session, actor.region_path, call_id)
    nominees = {row.unit_id: row.honour_code for row in reversed(approved)}  # of several the newest one counts
    known, standing = parties.get_parties(session, list(nominees)), parties.ranks(session)
    refused = {u: _refuse(programme, actor, standing, known.get(u), target) for u, target in nominees.items()}
    fit = [(unit, target) for unit, target in nominees.items() if refused[unit] is None]
    unfit = [refusal.words for refusal in refused.values() if refusal]
    return _write(session, actor, now, programme, fit, "nominee"), unfit


def remove_unit(session: Session, actor: Actor, programme_id: int, unit_id: int) -> None:
    """Take a unit out of a programme, with what was proposed for it.

    Raises:
        Conflict: somebody helps it already.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    mine = (Pairing.programme_id == programme.id, Pairing.helped_id == unit_id)
    if session.scalar(select(Pairing.id).where(*mine, Pairing.status.in_(parties.LIVE)).limit(1)):
        raise Conflict("这个单位已经结对，不能移出方案。需要调整的，请先中止这一对。")
    session.execute(update(Pairing).where(*mine, Pairing.status == "proposed").values(status="dropped"))
    gone = delete(HelpedUnit).where(HelpedUnit.programme_id == programme.id, HelpedUnit.organisation_id == unit_id)
    session.execute(gone)
    record(session, actor, "pairing.remove_unit", subject=f"programme:{programme.id}", after={"unit": unit_id})
