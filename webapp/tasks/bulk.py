"""Decide ticked tasks of one step together: each in a transaction of its own, one failure stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.database import db, transaction
from webapp.definitions.library import get_published
from webapp.instances.processes import Json
from webapp.instances.running import lock_task
from webapp.problems import Problem, invalid
from webapp.tasks.models import Task
from webapp.tasks.operations import complete_task, refuse_unless_doable

MOST = 200


@dataclass(frozen=True)
class RowResult:
    """What became of one ticked row: ``eligible`` or ``refused`` before, ``done`` or ``failed`` after."""

    id: UUID
    status: str
    reasons: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"id": str(self.id), "status": self.status, "reasons": self.reasons}


def complete_many(
    actor: Actor, now: datetime, rows: Sequence[tuple[UUID, int]], data: Json, *, dry_run: bool = False
) -> list[RowResult]:
    """Decide tasks of one bulk step with the same answers, row by row.

    Args:
        rows: task id and lock version of each ticked row.
        dry_run: only say which rows are eligible, and why others are not.

    Raises:
        Invalid: the rows belong to different steps.
    """
    with transaction() as session:
        elements = {t.element for t in (session.get(Task, id_) for id_, _version in rows) if t is not None}
    if len(elements) > 1:
        raise invalid("items", "mixed", "一次只能批量办理同一个环节的任务，请按环节分别勾选。")
    return [_one(actor, now, task_id, version, data, dry_run=dry_run) for task_id, version in rows]


def _one(actor: Actor, now: datetime, task_id: UUID, version: int, data: Json, *, dry_run: bool) -> RowResult:
    try:
        with Session(db.engine, expire_on_commit=False, autoflush=False) as session:
            _refuse_single_only(session, actor, now, task_id, version)
            if dry_run:
                return RowResult(task_id, "eligible")
            complete_task(session, actor, now, task_id, data, version)
            session.commit()
    except Problem as problem:
        reasons = [error.message for error in problem.errors] or [problem.detail]
        return RowResult(task_id, "refused" if dry_run else "failed", reasons)
    return RowResult(task_id, "done")


def _refuse_single_only(session: Session, actor: Actor, now: datetime, task_id: UUID, version: int) -> None:
    run, held = lock_task(session, actor, now, task_id)
    refuse_unless_doable(run, held, version)
    published = get_published(session, run.instance.process_version_id)
    if held.task.element not in published.bulk_elements:
        raise invalid("items", "not_bulk", f"“{held.task.name}”需要逐件办理，流程图没有允许批量。")
