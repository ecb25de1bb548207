"""Who is proposed to help whom in a programme, by hand or by a matching; nothing here binds anybody yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import Actor, lies_in
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.pairing import parties
from webapp.pairing.models import MatchingRun, Pairing, Programme
from webapp.pairing.programmes import own_programme
from webapp.pairing.rules import (
    KINDS,
    Party,
    explain,
    refuse_helper,
    refuse_pair,
    score_of,
)
from webapp.problems import Conflict, NotFound, invalid
from webapp.registry.models import Region

MATCH = "pairing.match"


"""The job that computes a matching."""


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
