"""Programmes, the units that they help, and who is proposed to help whom; nothing here binds anybody yet."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import Actor, lies_in
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.nominations.queries import list_approved_nominees
from webapp.pairing import parties
from webapp.pairing.models import HelpedUnit, MatchingRun, Pairing, Programme
from webapp.pairing.rules import (
    INDICATORS,
    KINDS,
    TARGET_MONTHS,
    WEIGHTS,
    Party,
    explain,
    refuse_helped,
    refuse_helper,
    refuse_pair,
    score_of,
)
from webapp.problems import Conflict, Forbidden, InputError, Invalid, NotFound, invalid
from webapp.registry.models import Region

MATCH = "pairing.match"
"""The job that computes a matching."""


def open_programme(session: Session, actor: Actor, now: datetime, answers: Mapping[str, Any]) -> Programme:
    """Set up a programme for the actor's region.

    Args:
        answers: of ``forms/pairing_programmes/programme.form``, checked.
    """
    programme = Programme(region_code=actor.region_code, created_by=actor.user_id, created_at=now)
    _fill(programme, answers)
    session.add(programme)
    session.flush()
    record(session, actor, "pairing.open_programme", subject=f"programme:{programme.id}", after=dict(answers))
    return programme


def change_programme(session: Session, actor: Actor, programme_id: int, answers: Mapping[str, Any]) -> Programme:
    """Change the settings of a programme; its kind stays once units were named.

    Raises:
        NotFound, Forbidden: see :func:`own_programme`.
        Invalid: the kind would change.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    if answers["kind"] != programme.kind:
        raise invalid("kind", "fixed", "结对种类在方案设立后不能更改，请另设方案。")
    _fill(programme, answers)
    session.flush()
    record(session, actor, "pairing.change_programme", subject=f"programme:{programme.id}", after=dict(answers))
    return programme


def _fill(programme: Programme, answers: Mapping[str, Any]) -> None:
    programme.kind = answers["kind"]
    programme.title = answers["title"]
    programme.source = answers["source"]
    programme.report_on = date.fromisoformat(answers["report_on"])
    programme.silent_days = int(answers["silent_days"])
    months = {"city": "city_months", "provincial": "provincial_months", "national": "national_months"}
    programme.target_months = {
        code: int(answers[months[_level_of(code)]]) for code in TARGET_MONTHS if _level_of(code) in months
    }
    programme.weights = {part: float(answers[f"{part}_weight"]) for part in WEIGHTS}
    if sum(programme.weights.values()) <= 0:
        raise invalid("sector_weight", "zero", "四项权重不能都是 0，否则无法比较。")
    programme.indicators = [dict(row) for row in answers.get("indicators") or INDICATORS]


def _level_of(code: str) -> str:
    return {"county": "city", "city_model": "city", "provincial_model": "provincial"}.get(code, code)


def answers_of(programme: Programme) -> dict[str, Any]:
    """The settings of a programme as the answers of its form."""
    months = programme.target_months
    return {
        "kind": programme.kind,
        "title": programme.title,
        "source": programme.source,
        "report_on": programme.report_on.isoformat(),
        "silent_days": programme.silent_days,
        "city_months": months["city"],
        "provincial_months": months["provincial"],
        "national_months": months["national"],
        **{f"{part}_weight": weight for part, weight in programme.weights.items()},
        "indicators": list(programme.indicators),
    }


def own_programme(session: Session, actor: Actor, programme_id: int, *, lock: bool = False) -> Programme:
    """A programme that the actor may change: that of their own region.

    Raises:
        NotFound: there is none within reach.
        Forbidden: it is another office's.
    """
    query = select(Programme, Region.path).join(Region, Region.code == Programme.region_code)
    row = session.execute(query.where(Programme.id == programme_id)).one_or_none()
    if row is None or not (lies_in(row.path, actor.region_path) or lies_in(actor.region_path, row.path)):
        raise NotFound
    if row.Programme.region_code != actor.region_code:
        raise Forbidden("只有设立这个方案的文明办可以办理它的结对。")
    if lock:
        session.refresh(row.Programme, with_for_update=True)
    return row.Programme  # type: ignore[no-any-return]


def name_units(
    session: Session,
    actor: Actor,
    now: datetime,
    programme_id: int,
    units: Sequence[tuple[int, str]],
    *,
    origin: str = "city",
) -> int:
    """Take units into a programme, all or none.

    Args:
        units: (organisation, code of the target honour).

    Returns:
        How many were new.

    Raises:
        Invalid: for each unit that cannot be helped, with the rule and its source.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    kind, standing = KINDS[programme.kind], parties.ranks(session)
    errors: list[InputError] = []
    for place, (unit, target) in enumerate(units):
        party = parties.get_party(session, unit)
        if party is None or not lies_in(party.region_path or "", actor.region_path):
            errors.append(InputError(f"units.{place}", "unknown", "没有这个单位，或它不在本方案的地区内。"))
        elif target not in programme.target_months:
            errors.append(InputError(f"units.{place}", "target", "目标荣誉不在本方案内。"))
        elif refusal := refuse_helped(kind, party, target, standing):
            errors.append(InputError(f"units.{place}", refusal.code, refusal.words))
    if errors:
        raise Invalid(errors)
    rows = [_named(programme.id, unit, target, origin, actor, now) for unit, target in units]
    if not rows:
        return 0
    added = session.scalars(
        upsert(HelpedUnit).values(rows).on_conflict_do_nothing().returning(HelpedUnit.organisation_id)
    ).all()
    subject = f"programme:{programme.id}"
    record(session, actor, "pairing.name_units", subject=subject, after={"units": list(added), "origin": origin})
    return len(added)


def _named(programme: int, unit: int, target: str, origin: str, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "programme_id": programme,
        "organisation_id": unit,
        "target_honour": target,
        "origin": origin,
        "named_by": actor.user_id,
        "named_at": now,
    }


def take_nominees(session: Session, actor: Actor, now: datetime, programme_id: int) -> tuple[int, list[str]]:
    """Take the approved nominees of the region into a programme; returns how many, and whom not and why."""
    programme = own_programme(session, actor, programme_id)
    kind, standing = KINDS[programme.kind], parties.ranks(session)
    fit, unfit = [], []
    for row in list_approved_nominees(session, actor.region_path):
        party = parties.get_party(session, row.unit_id)
        refusal = refuse_helped(kind, party, row.honour_code, standing) if party else None
        if party is not None and refusal is None and row.honour_code in programme.target_months:
            fit.append((row.unit_id, row.honour_code))
        elif refusal:
            unfit.append(refusal.words)
    unique = list(dict(reversed(fit)).items())
    return name_units(session, actor, now, programme_id, unique, origin="nominee"), unfit


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


def propose(
    session: Session, actor: Actor, now: datetime, programme_id: int, helper_id: int, helped_id: int
) -> Pairing:
    """Put a helper and a unit of a programme together by hand; what a machine proposed for the unit makes room.

    Raises:
        Invalid: a rule of the kind is against it; each refusal names its source.
        Conflict: just these two are proposed or paired already.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    helper, helped = _both(session, programme, helper_id, helped_id)
    session.execute(
        update(Pairing)
        .where(
            Pairing.programme_id == programme.id,
            Pairing.helped_id == helped.id,
            Pairing.status == "proposed",
            Pairing.is_pinned.is_(False),
            Pairing.helper_id != helper.id,
        )
        .values(status="dropped")
    )
    pairing = Pairing(**pair_columns(programme, helper, helped, parties.targets_of(session, programme.id)[helped.id]))
    pairing.origin, pairing.proposed_by, pairing.proposed_at = "person", actor.user_id, now
    try:
        with session.begin_nested():
            session.add(pairing)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"“{helper.name}”与“{helped.name}”已经在建议或结对之中。请在匹配页查看。") from error
    record(session, actor, "pairing.propose", subject=f"pairing:{pairing.id}", after=_both_ids(pairing))
    return pairing


def _both(session: Session, programme: Programme, helper_id: int, helped_id: int) -> tuple[Party, Party]:
    kind = KINDS[programme.kind]
    path = session.scalar(select(Region.path).where(Region.code == programme.region_code)) or ""
    helper, helped = parties.get_party(session, helper_id), parties.get_party(session, helped_id)
    if helper is None or not lies_in(helper.region_path, path):
        raise invalid("helper", "unknown", "没有这个帮创单位，或它不在本方案的地区内。")
    if refusal := refuse_helper(kind, helper):
        raise invalid("helper", refusal.code, refusal.words)
    if helped is None or helped.id not in parties.targets_of(session, programme.id):
        raise invalid("helped", "not_named", "被帮单位还没有列入本方案，请先列入。")
    if refusal := refuse_pair(kind, helper, helped):
        raise invalid("helper", refusal.code, refusal.words)
    return helper, helped


def pair_columns(programme: Programme, helper: Party, helped: Party, target: str) -> dict[str, Any]:
    """What a proposed pair says of its two sides, with its score and why."""
    reasons = explain(helper, helped, programme.weights)
    return {
        "programme_id": programme.id,
        "kind": programme.kind,
        "helper_id": helper.id,
        "helped_id": helped.id,
        "helper_path": helper.region_path,
        "helped_path": helped.region_path,
        "target_honour": target,
        "status": "proposed",
        "score": score_of(reasons),
        "reasons": reasons,
    }


def _both_ids(pairing: Pairing) -> dict[str, int]:
    return {"helper": pairing.helper_id, "helped": pairing.helped_id}


def proposed(session: Session, actor: Actor, pairing_id: int) -> Pairing:
    """A proposal of one's own programme, locked.

    Raises:
        Conflict: it is no proposal any more.
    """
    pairing = session.get(Pairing, pairing_id)
    if pairing is None:
        raise NotFound
    own_programme(session, actor, pairing.programme_id)
    session.refresh(pairing, with_for_update=True)
    if pairing.status != "proposed":
        raise Conflict("这条建议已经确认或取消，请刷新后查看。")
    return pairing


def pin(session: Session, actor: Actor, pairing_id: int, *, pinned: bool) -> Pairing:
    """Keep a proposal whatever later matchings say, or let it go again."""
    pairing = proposed(session, actor, pairing_id)
    pairing.is_pinned = pinned
    session.flush()
    record(session, actor, "pairing.pin" if pinned else "pairing.unpin", subject=f"pairing:{pairing.id}")
    return pairing


def drop(session: Session, actor: Actor, pairing_id: int) -> Pairing:
    """Take a proposal back."""
    pairing = proposed(session, actor, pairing_id)
    pairing.status = "dropped"
    session.flush()
    record(session, actor, "pairing.drop", subject=f"pairing:{pairing.id}", after=_both_ids(pairing))
    return pairing


def ask_for_matching(session: Session, actor: Actor, now: datetime, programme_id: int) -> MatchingRun:
    """Let a worker compute the best assignment.

    Raises:
        Conflict: one is being computed.
        Invalid: the programme has no units.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    if not parties.targets_of(session, programme.id):
        raise invalid("units", "none", "方案里还没有被帮单位。请先列入培育对象，或直接指定单位。")
    run = MatchingRun(programme_id=programme.id, asked_by=actor.user_id, asked_at=now, rest=[])
    try:
        with session.begin_nested():
            session.add(run)
            session.flush()
    except IntegrityError as error:
        raise Conflict("这个方案正在计算匹配，请等它完成。") from error
    defer(session, MATCH, {"run": run.id}, lock=f"pairing.match:{programme.id}")
    record(session, actor, "pairing.match", subject=f"programme:{programme.id}", after={"run": run.id})
    return run
