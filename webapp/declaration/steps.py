"""The rules of single steps beyond their forms, and the rows that a person's act writes.

Each takes the case and the checked answers, raises ``Invalid`` where the answers cannot stand, and returns facts
for the engine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, or_, select

from webapp.accounts.models import User
from webapp.batches.models import Batch, BatchIndicator
from webapp.clock import SHANGHAI
from webapp.deadlines.current import calendar_in_force
from webapp.instances.models import Submission
from webapp.instances.processes import Case, Json
from webapp.notices.operations import join_document, settle_objections
from webapp.problems import invalid
from webapp.quotas.models import QuotaPlan
from webapp.quotas.rules import OVER_CAP
from webapp.registry.models import Organisation
from webapp.tasks.models import Task


def _batch(case: Case) -> Batch:
    return case.session.get_one(Batch, case.batch_id)


def submit_sealed_form(case: Case, answers: Json) -> Json:
    """The first submission must lie in the batch's window; corrections may come later."""
    if answers["outcome"] == "submit" and not _was_reviewed(case):
        batch, today = _batch(case), case.now.astimezone(SHANGHAI).date()
        if today > batch.closes_on:
            text = f"批次“{batch.title}”的申报已于 {batch.closes_on:%Y-%m-%d} 截止，不能再提交。特殊情况请联系文明办。"
            raise invalid("outcome", "closed", text)
    return {}


def _was_reviewed(case: Case) -> bool:
    steps = ("review_county", "assess_county", "assess_city")
    query = exists().where(Submission.instance_id == case.instance_id, Submission.element.in_(steps))
    return bool(case.session.scalar(select(query)))


def indicators(case: Case) -> Sequence[Mapping[str, Any]]:
    """The rows that repeat the score field: one per indicator of the batch."""
    query = select(BatchIndicator).where(BatchIndicator.batch_id == case.batch_id).order_by(BatchIndicator.position)
    return [
        {
            "key": f"i{indicator.position}",
            "label": f"{indicator.label}（满分 {indicator.max_score.normalize():f}）",
            "max": float(indicator.max_score),
        }
        for indicator in case.session.scalars(query)
    ]


def assess(case: Case, answers: Json) -> Json:
    """A total below the batch's pass mark cannot pass (office setting of the batch)."""
    score = total(answers)
    mark = _batch(case).pass_mark
    if answers["outcome"] == "pass" and score < mark:
        text = (
            f"总分 {score.normalize():f} 低于本批次合格线 {mark.normalize():f}，不能通过。"
            "请核对得分，或选择退回、不予推荐。"
        )
        raise invalid("outcome", "below_pass_mark", text)
    return {"score": float(score)}


def total(answers: Mapping[str, Any]) -> Decimal:
    """The sum of all indicator scores in the answers of an assessment."""
    scores = answers.get("scores") or {}
    return sum((Decimal(str(v)) for v in scores.values() if isinstance(v, int | float)), Decimal(0))


def decide_quota_full(case: Case, answers: Json) -> Json:
    """A plan that blocks what is over its cap lets nobody wait (setting of the batch or of its allotment)."""
    if answers["outcome"] != "waitlist":
        return {}
    batch = _batch(case)
    blocking = select(QuotaPlan.title).where(
        or_(QuotaPlan.batch_id == batch.id, QuotaPlan.id == batch.allotment_id), QuotaPlan.over_cap == "block"
    )
    title = case.session.scalar(blocking.limit(1))
    if title is not None:
        text = f"名额“{title}”设置为“{OVER_CAP['block']}”，不能列为候补。请选择不予推荐，或由市级文明办修改设置。"
        raise invalid("outcome", "blocked", text)
    return {}


def eligible_inspectors(case: Case) -> Sequence[Mapping[str, Any]]:
    """Inspectors of the city who neither belong to the unit nor reviewed or assessed the case (design §3)."""
    acted = exists().where(
        Submission.instance_id == case.instance_id,
        Submission.actor_id == User.id,
        Submission.element.in_(("review_county", "assess_county", "assess_city")),
    )
    query = (
        select(User.id, User.name, Organisation.name.label("organisation"))
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(
            User.roles.contains(["inspector"]),
            User.disabled_at.is_(None),
            Organisation.region_code == case.data.get("city_region"),
            User.organisation_id != case.subject_id,
            ~acted,
        )
        .order_by(User.id)
    )
    return [{"value": str(u.id), "label": f"{u.name}（{u.organisation}）"} for u in case.session.execute(query)]


def assign_inspectors(case: Case, answers: Json) -> Json:
    """An on-site visit has exactly two different inspectors (★ office setting)."""
    chosen = sorted({int(value) for value in answers["inspectors"]})
    if len(chosen) != 2:
        raise invalid("inspectors", "two", f"现场抽查须由两人进行，请选择恰好两名测评员（现选 {len(chosen)} 名）。")
    return {"inspectors": chosen}


def publish_notice(case: Case, answers: Json) -> Json:
    """The notice runs for the batch's number of working days, to the end of the last one."""
    region, days = case.data.get("deciding_region"), _batch(case).notice_days
    ends_at: datetime = calendar_in_force().after_working_days(case.now, days, region).at
    join_document(case, "notice", answers, ends_at=ends_at)
    return {"notice_until": ends_at.isoformat()}


def settle(case: Case, answers: Json) -> Json:
    """Only what the officer saw is settled; what came later is settled next."""
    opened_at = case.session.scalar(
        select(Task.opened_at)
        .where(Task.instance_id == case.instance_id, Task.element == "settle_objection", Task.status == "open")
        .limit(1)
    )
    left = settle_objections(case, answers["outcome"], answers["answer"], opened_at or case.now)
    return {"objections_left": left}


def decide_award(case: Case, answers: Json) -> Json:
    """An approval is a decision with a number; cases decided together share it."""
    if answers["outcome"] == "approve":
        join_document(case, "decision", answers)
    return {}


def report_to_province(case: Case, answers: Json) -> Json:
    """Cases reported together stand on one list."""
    join_document(case, "report", answers)
    return {}
