"""Open, change and close a batch. What cases already stand on cannot be taken away from under them."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.batches.models import Batch, BatchDepartment, BatchHonour, BatchIndicator
from webapp.batches.queries import find_plan, get_editable, has_cases, stated_quotas
from webapp.batches.rules import batch_errors, frozen_changes
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.operations import REPLAN
from webapp.problems import Conflict, InputError, Invalid
from webapp.quotas.models import QuotaPlan
from webapp.quotas.operations import Places, apply_settings, settings_of, write_rows
from webapp.quotas.queries import chosen_plan

_DATES = ("closes_on", "before_day", "phase_ends")
"""What open deadlines depend on."""
_PLAIN = ("title", "document_number", "term", "notice_days", "consultation_days")


def open_batch(session: Session, actor: Actor, now: datetime, answers: Mapping[str, Any]) -> Batch:
    """Open a batch for the actor's city with checked answers of the batch form; the draw's seed is made here.

    Raises:
        Invalid: settings contradict each other.
    """
    _refuse(batch_errors(answers))
    batch = Batch(
        region_code=actor.region_code,
        status="open",
        draw_seed=secrets.token_hex(16),
        created_by=actor.user_id,
        created_at=now,
        **_columns(answers),
    )
    session.add(batch)
    session.flush()
    _write_parts(session, batch.id, answers)
    record(session, actor, "batch.open", subject=f"batch:{batch.id}", after=dict(answers))
    return batch


def change_batch(session: Session, actor: Actor, batch_id: int, answers: Mapping[str, Any]) -> Batch:
    """Change a batch; once it has cases, indicators, honours, pass mark and sampling stay as they were announced.

    Raises:
        Invalid: settings contradict each other, or a fixed one would change.
    """
    batch = get_editable(session, actor, batch_id, lock=True)
    before = answers_of(session, batch)
    errors = batch_errors(answers)
    if has_cases(session, batch_id):
        errors += frozen_changes(before, answers)
    _refuse(errors)
    for name, value in _columns(answers).items():
        setattr(batch, name, value)
    session.flush()
    for model in (BatchHonour, BatchDepartment, BatchIndicator):
        session.execute(delete(model).where(model.batch_id == batch_id))
    _write_parts(session, batch_id, answers)
    record(session, actor, "batch.change", subject=f"batch:{batch_id}", before=before, after=dict(answers))
    if any(before.get(name) != answers_of(session, batch).get(name) for name in _DATES):
        defer(session, REPLAN, {"batch": batch_id, "reason": f"批次“{batch.title}”的日期已修改"}, lock=REPLAN)
    return batch


def close_batch(session: Session, actor: Actor, batch_id: int) -> Batch:
    """Take no more declarations; what runs goes on."""
    return _switch(session, actor, batch_id, "open", "closed")


def reopen_batch(session: Session, actor: Actor, batch_id: int) -> Batch:
    """Take declarations again within the window."""
    return _switch(session, actor, batch_id, "closed", "open")


def _switch(session: Session, actor: Actor, batch_id: int, before: str, after: str) -> Batch:
    batch = get_editable(session, actor, batch_id, lock=True)
    if batch.status != before:
        raise Conflict("批次状态已由其他人改变，请刷新后查看。")
    batch.status = after
    session.flush()
    record(session, actor, f"batch.{after}", subject=f"batch:{batch_id}", before={"status": before})
    return batch


def _refuse(errors: list[InputError]) -> None:
    if errors:
        raise Invalid(errors)


def _includes_day(chosen: str | None) -> bool:
    """Whether “X日前” includes X; the setting of the installation where the batch says nothing."""
    return chosen == "includes" if chosen else calendar_in_force().customs.before_includes_day


def _columns(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name] for name in _PLAIN} | {
        "opens_on": date.fromisoformat(answers["opens_on"]),
        "closes_on": date.fromisoformat(answers["closes_on"]),
        "pass_mark": Decimal(str(answers["pass_mark"])),
        "sampling_ratio": Decimal(str(answers["sampling_percent"])) / 100,
        "substitute_id": int(answers["substitute"]) if answers.get("substitute") else None,
        "before_includes_day": _includes_day(answers.get("before_day")),
        "phase_ends": {phase: day for phase, day in (answers.get("phase_ends") or {}).items() if day},
        "allotment_id": chosen_plan(answers.get("allotment")),
    }


def _write_parts(session: Session, batch_id: int, answers: Mapping[str, Any]) -> None:
    honours = [{"batch_id": batch_id, "honour_code": code} for code in answers["honours"]]
    session.execute(insert(BatchHonour), honours)
    departments = [{"batch_id": batch_id, "organisation_id": int(d)} for d in answers.get("departments") or ()]
    if departments:
        session.execute(insert(BatchDepartment), departments)
    indicators = [
        {"batch_id": batch_id, "position": n, "label": row["label"], "max_score": Decimal(str(row["max_score"]))}
        for n, row in enumerate(answers["indicators"], start=1)
    ]
    session.execute(insert(BatchIndicator), indicators)
    _write_quotas(session, session.get_one(Batch, batch_id), answers)


def _write_quotas(session: Session, batch: Batch, answers: Mapping[str, Any]) -> None:
    """Set the places of the batch's own plan, which it gets with the first of them."""
    rows = answers.get("quotas") or ()
    plan = find_plan(session, batch.id)
    if plan is None:
        if not rows:
            return
        plan = new_plan(batch)
        session.add(plan)
    plan.title, plan.period, plan.document_number = batch.title, batch.term, batch.document_number
    apply_settings(plan, answers)
    session.flush()
    wanted = {
        (row["honour"], row.get("region") or None, row.get("line") or ""): Places(int(row["cap"]), position)
        for position, row in enumerate(rows)
    }
    write_rows(session, plan, wanted)


def new_plan(batch: Batch, **settings: Any) -> QuotaPlan:
    """The batch's own plan, still without places.

    Args:
        settings: what else its columns hold.
    """
    return QuotaPlan(
        kind="cap",
        title=batch.title,
        period=batch.term,
        region_code=batch.region_code,
        document_number=batch.document_number,
        batch_id=batch.id,
        printed={},
        differs=False,
        created_by=batch.created_by,
        created_at=batch.created_at,
        **settings,
    )


def answers_of(session: Session, batch: Batch) -> dict[str, Any]:
    """A batch as the answers of its form."""
    of_batch = {"batch_id": batch.id}
    indicators = session.scalars(select(BatchIndicator).filter_by(**of_batch).order_by(BatchIndicator.position))
    plan = find_plan(session, batch.id)
    quotas = stated_quotas(session, plan.id) if plan else []
    departments = session.scalars(select(BatchDepartment.organisation_id).filter_by(**of_batch))
    return (
        {name: getattr(batch, name) for name in _PLAIN}
        | {
            "opens_on": batch.opens_on.isoformat(),
            "before_day": "includes" if batch.before_includes_day else "excludes",
            "phase_ends": dict(batch.phase_ends),
            "closes_on": batch.closes_on.isoformat(),
            "honours": list(session.scalars(select(BatchHonour.honour_code).filter_by(**of_batch))),
            "pass_mark": float(batch.pass_mark),
            "sampling_percent": float(batch.sampling_ratio * 100),
            "departments": [str(d) for d in departments],
            "substitute": str(batch.substitute_id) if batch.substitute_id else None,
            "indicators": [{"label": i.label, "max_score": float(i.max_score)} for i in indicators],
            "allotment": str(batch.allotment_id) if batch.allotment_id else None,
            "quotas": [
                {"honour": q.honour_code, "region": q.region_code, "line": q.line or None, "cap": q.planned}
                for q in quotas
            ],
        }
        | (settings_of(plan) if plan else {})
    )
