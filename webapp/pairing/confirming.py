"""Confirm a pair: from here on it binds both sides, and the process begins with the agreement.

Both organisations are locked first, so that of two people who confirm the same helper one wins and the other hears
with whom it was. A second pair needs a reason, and a leader of the city or an officer of the province who approves.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.audit.operations import record
from webapp.instances.operations import start_with
from webapp.instances.processes import Beginning, Case, Json
from webapp.pairing import parties
from webapp.pairing.models import Pairing, Programme
from webapp.pairing.programmes import own_programme
from webapp.pairing.proposing import propose, proposed
from webapp.pairing.rules import (
    KINDS,
    ONE_TO_ONE,
    Party,
    explain,
    refuse_helped,
    refuse_helper,
    refuse_pair,
    score_of,
)
from webapp.problems import Conflict, Forbidden, InputError, invalid
from webapp.registry.models import Organisation

START_VARIABLES = {
    "pairing_id": "结对",
    "unit_id": "受帮扶的单位",
    "helper_id": "帮扶的单位",
    "evaluating_region": "评估的地区",
    "deciding_region": "确认结对的地区",
    "province_region": "省",
}
_MAY_CONFIRM = frozenset({"city_reviewer", "city_leader", "provincial_officer"})
_MAY_APPROVE = frozenset({"city_leader", "provincial_officer"})


def may_start(actor: Actor) -> bool:
    """Offices that set up programmes confirm pairs, nobody else."""
    return actor.is_office and bool(actor.roles & _MAY_CONFIRM)


def confirm(session: Session, actor: Actor, now: datetime, pairing_id: int, reason: str = "") -> Pairing:
    """Confirm a proposed pair and start its process.

    Args:
        reason: why one side gets a second pair; needed only then. Without the right to approve it is kept with the
            proposal until somebody who has it confirms.

    Raises:
        Conflict: the pair was confirmed meanwhile, or a side is paired and there is no reason (S4 二（四）).
        Invalid: a side is not eligible any more.
    """
    pairing = session.get(Pairing, pairing_id)
    if pairing is not None and reason.strip() and not actor.roles & _MAY_APPROVE:
        kept = _keep_reason(session, actor, pairing_id, reason.strip())
        if kept is not None:
            return kept
    start_with(session, actor, now, "pairing", {"pairing": pairing_id, "reason": reason})
    return session.get_one(Pairing, pairing_id, populate_existing=True)


def _keep_reason(session: Session, actor: Actor, pairing_id: int, reason: str) -> Pairing | None:
    """Keep why there should be a second pair for whoever may approve; ``None`` where it is no second one."""
    pairing = proposed(session, actor, pairing_id)
    if not parties.live_pairs(session, pairing.kind, (pairing.helper_id, pairing.helped_id)):
        return None
    pairing.is_exception, pairing.exception_reason, pairing.proposed_by = True, reason, actor.user_id
    session.flush()
    record(session, actor, "pairing.ask_exception", subject=f"pairing:{pairing.id}", after={"reason": reason})
    return pairing


def begin(session: Session, actor: Actor, now: datetime, answers: Json) -> Beginning:
    """What the process of a pair is about, after every rule about who with whom.

    Args:
        answers: ``pairing`` (a number, or programme, helper and unit as in ``1.20.30``), ``reason``.
    """
    pairing, programme, helper, helped = _locked(session, actor, now, answers.get("pairing"))
    kind = KINDS[pairing.kind]
    refusal = refuse_helper(kind, helper) or refuse_pair(kind, helper, helped)
    refusal = refusal or refuse_helped(kind, helped, pairing.target_honour, parties.ranks(session))
    if refusal:
        raise invalid("pairing", refusal.code, refusal.words)
    _settle_exception(session, actor, pairing, str(answers.get("reason") or "").strip())
    pairing.status, pairing.confirmed_by, pairing.confirmed_at = "confirmed", actor.user_id, now
    pairing.helper_path, pairing.helped_path = helper.region_path, helped.region_path
    session.flush()
    after = {"helper": helper.id, "helped": helped.id, "exception": pairing.exception_reason}
    record(session, actor, "pairing.confirm", subject=f"pairing:{pairing.id}", after=after)
    return Beginning(
        title=f"{helper.name} 帮 {helped.name} · {kind.name}",
        subject_id=helped.id,
        batch_id=None,
        honour_code=pairing.target_honour,
        region_path=helped.region_path,
        data=_facts(pairing, programme, helper, helped),
    )


def _locked(session: Session, actor: Actor, now: datetime, chosen: Any) -> tuple[Pairing, Programme, Party, Party]:
    if named := re.fullmatch(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", str(chosen)):
        chosen = propose(session, actor, now, *(int(part) for part in named.groups())).id
    pairing = session.get(Pairing, int(chosen)) if str(chosen).isdecimal() else None
    if pairing is None:
        raise invalid("pairing", "unknown", "没有这条结对建议。")
    programme = own_programme(session, actor, pairing.programme_id)
    sides = sorted((pairing.helper_id, pairing.helped_id))
    session.execute(
        select(Organisation.id).where(Organisation.id.in_(sides)).order_by(Organisation.id).with_for_update()
    )
    session.refresh(pairing, with_for_update=True)
    if pairing.status != "proposed":
        raise Conflict(_became(session, pairing))
    helper, helped = (parties.get_party(session, side) for side in (pairing.helper_id, pairing.helped_id))
    assert helper is not None  # noqa: S101 (foreign keys)
    assert helped is not None  # noqa: S101
    return pairing, programme, helper, helped


def _became(session: Session, pairing: Pairing) -> str:
    if pairing.status == "dropped":
        return "这条建议已经取消。请刷新匹配页。"
    by = session.scalar(select(User.name).where(User.id == pairing.confirmed_by)) or ""
    return f"这一对刚刚已由{by}确认，不必重复确认。请刷新后查看。"


def _settle_exception(session: Session, actor: Actor, pairing: Pairing, reason: str) -> None:
    """Let a second pair pass with a reason and an approver; refuse it without."""
    live = parties.live_pairs(session, pairing.kind, (pairing.helper_id, pairing.helped_id))
    if not live:
        pairing.is_exception, pairing.exception_reason = False, None
        return
    reason = reason or pairing.exception_reason or ""
    words = "；".join(_paired_words(session, other, pairing) for other in live[:3])
    if not reason:
        message = f"{words}。另结一对须写明理由，并由市级负责人或省级文明办批准（依据：{ONE_TO_ONE}）。"
        raise Conflict(message, errors=[InputError("reason", "one_to_one", message)])
    if not actor.roles & _MAY_APPROVE:
        raise Forbidden(f"{words}。例外结对须由市级负责人或省级文明办批准，请他们确认（依据：{ONE_TO_ONE}）。")
    pairing.is_exception, pairing.exception_reason, pairing.approved_by = True, reason, actor.user_id


def _paired_words(session: Session, live: Pairing, wanted: Pairing) -> str:
    side, other = (
        (live.helper_id, live.helped_id) if live.helper_id == wanted.helper_id else (live.helped_id, live.helper_id)
    )
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_((side, other)))
    names = {row.id: row.name for row in session.execute(query)}
    by = session.scalar(select(User.name).where(User.id == live.confirmed_by)) or ""
    return f"“{names[side]}”已与“{names[other]}”结对（{by}确认）"


def _facts(pairing: Pairing, programme: Programme, helper: Party, helped: Party) -> Json:
    """The facts of the diagram; nobody evaluates or decides on their own help: then the office above does."""
    places = helped.region_path.split("/")
    province = places[0]
    city = places[1] if len(places) > 1 else programme.region_code
    is_office = helper.kind == "office"
    deciding = province if is_office and helper.region_path.split("/")[-1] == city else city
    county = places[2] if len(places) > 2 else None
    own = is_office and helper.region_path == helped.region_path
    return {
        "pairing_id": pairing.id,
        "unit_id": helped.id,
        "helper_id": helper.id,
        "evaluating_region": deciding if county is None or own else county,
        "deciding_region": deciding,
        "province_region": province,
    }


def started(case: Case) -> None:
    """Note with the pair which case it is."""
    pairing = case.session.get_one(Pairing, case.data["pairing_id"])
    pairing.instance_id = case.instance_id
    case.session.flush()


def proposed_pairings(session: Session, actor: Actor, _now: datetime) -> list[dict[str, Any]]:
    """The proposals that the actor may confirm, for the start form."""
    helper, helped = Organisation.__table__.alias("helper"), Organisation.__table__.alias("helped")
    query = (
        select(Pairing.id, helper.c.name.label("helper"), helped.c.name.label("helped"))
        .join(helper, helper.c.id == Pairing.helper_id)
        .join(helped, helped.c.id == Pairing.helped_id)
        .join(Programme, Programme.id == Pairing.programme_id)
        .where(Pairing.status == "proposed", Programme.region_code == actor.region_code)
        .order_by(Pairing.id.desc())
        .limit(_MOST_OFFERED)
    )
    proposed_ones = [{"value": str(row.id), "label": f"{row.helper} 帮 {row.helped}"} for row in session.execute(query)]
    return proposed_ones + [
        {"value": f"{programme.id}.{helper.id}.{helped.id}", "label": f"{helper.name} 帮 {helped.name}（未提出建议）"}
        for programme, helper, helped in _possible(session, actor)
    ]


def _possible(session: Session, actor: Actor) -> Iterator[tuple[Programme, Party, Party]]:
    """For each unit that waits without a proposal the best free helper that has people to sign; each helper once."""
    mine = (Programme.region_code == actor.region_code, Programme.status == "open")
    for programme in session.scalars(select(Programme).where(*mine).order_by(Programme.id.desc()).limit(5)):
        waits = (Pairing.programme_id == programme.id, Pairing.status == "proposed")
        taken = session.execute(select(Pairing.helper_id, Pairing.helped_id).where(*waits)).all()
        waiting = parties.list_waiting_units(session, programme, without={row.helped_id for row in taken})
        helpers = parties.list_free_helpers(
            session,
            KINDS[programme.kind],
            actor.region_path,
            without={row.helper_id for row in taken},
            with_people=True,
            limit=_MOST_OFFERED,
        )
        for helped in waiting[:_MOST_WITHOUT]:
            fit = [h for h in helpers if refuse_pair(KINDS[programme.kind], h, helped) is None]
            if fit:
                best = max(fit, key=lambda helper: score_of(explain(helper, helped, programme.weights)))
                helpers.remove(best)
                yield programme, best, helped


_MOST_OFFERED = 500
_MOST_WITHOUT = 20


def refuse_cancelling(_case: Case) -> None:
    """A pair ends with a reason of its own, on its own page; its case ends with it.

    Raises:
        Conflict: always.
    """
    raise Conflict("结对的办件不能直接取消。请在“结对”中打开这一对，由市级文明办中止结对，办件随之结束。")
