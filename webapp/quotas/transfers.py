"""Move places between regions: asked for by whom they concern, decided by the province alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.problems import Conflict, Forbidden, NotFound, invalid
from webapp.quotas import rules
from webapp.quotas.models import Quota, QuotaPlan, QuotaTransfer
from webapp.quotas.operations import write_rows
from webapp.quotas.queries import get_visible
from webapp.registry.models import Region


def propose_transfer(
    session: Session, actor: Actor, now: datetime, plan_id: int, answers: Mapping[str, Any]
) -> QuotaTransfer:
    """Ask for places to be moved between two regions; of the province's own officers it is the decision at once.

    Places move between regions by the province alone: it allots them (豫文明办〔2021〕5号 二（五）).

    Raises:
        Invalid: unknown rows, another honour, or more than is free.
    """
    plan = get_visible(session, actor, plan_id, lock=True)
    number, reason = int(answers["number"]), str(answers["reason"]).strip()
    giver, taker = (_row_of(session, plan, answers, side) for side in ("from", "to"))
    if giver.id == taker.id:
        raise invalid("to", "same", "调出和调入是同一个地区，请改选。")
    _refuse_outsiders(session, actor, plan, (giver, taker))
    _refuse_more_than_free(plan, giver, number)
    transfer = QuotaTransfer(
        plan_id=plan.id,
        from_id=giver.id,
        to_id=taker.id,
        number=number,
        reason=reason,
        status="proposed",
        proposed_by=actor.user_id,
        proposed_at=now,
    )
    session.add(transfer)
    session.flush()
    record(session, actor, "quota.propose_transfer", subject=f"quota:{plan.id}", after=dict(answers))
    if is_province_of(session, actor, plan):
        return decide_transfer(session, actor, now, transfer.id, approve=True, reason=reason)
    return transfer


def _row_of(session: Session, plan: QuotaPlan, answers: Mapping[str, Any], side: str) -> Quota:
    query = select(Quota).where(
        Quota.plan_id == plan.id,
        Quota.honour_code == answers["honour"],
        Quota.region_code == answers[side],
        Quota.line == (answers.get("line") or ""),
    )
    found = session.scalar(query)
    if found is None:
        raise invalid(side, "unknown", "这份名额（指标）里没有该地区的这项荣誉，请从列表中选择。")
    return found


def _refuse_outsiders(session: Session, actor: Actor, plan: QuotaPlan, rows: Sequence[Quota]) -> None:
    """Somebody asks for a region of their own, or the office that allots does."""
    if plan.region_code == actor.region_code:
        return
    paths = session.scalars(select(Region.path).where(Region.code.in_([row.region_code for row in rows])))
    if not any(f"{path}/".startswith(f"{actor.region_path}/") for path in paths):
        raise Forbidden("只能为本地区申请调入或调出名额。")


def _refuse_more_than_free(plan: QuotaPlan, giver: Quota, number: int) -> None:
    left = giver.planned - giver.reserved - giver.used if plan.kind == "cap" else giver.planned
    if number > left:
        raise invalid("number", "not_free", f"调出地区只有 {max(left, 0)} 个可以调出，已占用和已使用的不能调走。")


def is_province_of(session: Session, actor: Actor, plan: QuotaPlan) -> bool:
    """Whether the actor decides on transfers in the plan: an officer of the province that it lies in."""
    if "provincial_officer" not in actor.roles or actor.region_level != "province":
        return False
    path = session.scalar(select(Region.path).where(Region.code == plan.region_code)) or ""
    return path.split("/")[0] == actor.region_code


def decide_transfer(
    session: Session, actor: Actor, now: datetime, transfer_id: int, *, approve: bool, reason: str
) -> QuotaTransfer:
    """Approve or refuse a transfer, by the province; the rows move in the order of their ids.

    Raises:
        NotFound: it may not be seen. Forbidden: by anybody but the province.
        Conflict: it is decided already. Invalid: the places are no longer free, or a refusal without reason.
    """
    query = select(QuotaTransfer).where(QuotaTransfer.id == transfer_id).with_for_update()
    transfer = session.scalar(query.execution_options(populate_existing=True))
    if transfer is None:
        raise NotFound
    plan = get_visible(session, actor, transfer.plan_id)
    if not is_province_of(session, actor, plan):
        raise Forbidden(f"地区之间调剂名额须经省级文明办同意（名额由省级分配，{rules.SOURCE}）。")
    if transfer.status != "proposed":
        raise Conflict("这项调剂已由他人处理，请刷新查看。")
    if not approve and not reason.strip():
        raise invalid("reason", "required", "不同意调剂的，请写明理由。")
    if approve:
        _move(session, plan, transfer)
    transfer.status = "approved" if approve else "refused"
    transfer.decided_by, transfer.decided_at, transfer.decision_reason = actor.user_id, now, reason.strip() or None
    session.flush()
    after = {"transfer": transfer.id, "status": transfer.status, "number": transfer.number}
    record(session, actor, "quota.decide_transfer", subject=f"quota:{plan.id}", after=after)
    return transfer


def _move(session: Session, plan: QuotaPlan, transfer: QuotaTransfer) -> None:
    steps = sorted([(transfer.from_id, -transfer.number), (transfer.to_id, transfer.number)])
    for quota_id, change in steps:
        room = or_(~Quota.is_cap, Quota.reserved + Quota.used <= Quota.planned + change)
        moved = session.execute(
            update(Quota)
            .where(Quota.id == quota_id, room, Quota.planned + change >= 0)
            .values(planned=Quota.planned + change)
            .returning(Quota.id)
            .execution_options(synchronize_session=False)
        )
        if moved.first() is None:
            raise invalid("number", "not_free", "调出地区的名额在此期间已被占用，不够调出。请核对后重新申请。")
    session.expire_all()
    write_rows(session, plan, {}, "number", keep=True)
