"""Decide ticked tasks of one step together: each in a transaction of its own, one failure stops no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.attachments.models import Attachment
from webapp.database import db, transaction
from webapp.instances.processes import Json
from webapp.problems import Problem, invalid
from webapp.tasks.eligibility import check_rows
from webapp.tasks.models import Task
from webapp.tasks.operations import claim, complete_task

MOST = 1000
"""Rows of one call: as many as one page of a list can show."""


def too_many(count: int) -> str:
    """What is said to somebody who ticked more than :data:`MOST`."""
    return f"一次最多批量办理 {MOST} 件（列表一页的件数），这次有 {count} 件，没有办理任何一件。请分几次办理。"


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

    A fresh upload among the answers goes to every row: each case gets a row of its own for the same bytes.

    Args:
        rows: task id and lock version of each ticked row.
        dry_run: only say which rows are eligible, and why others are not; with answers they are tried and undone.

    Raises:
        Invalid: the rows belong to different steps.
    """
    with transaction() as session:
        steps = select(Task.process, Task.element).where(Task.id.in_([id_ for id_, _version in rows])).distinct()
        if len(session.execute(steps).all()) > 1:
            raise invalid("items", "mixed", "一次只能批量办理同一个环节的任务，请按环节分别勾选。")
        if dry_run and not data:
            return _without_answers(session, actor, rows)
        fresh = _fresh_uploads(session, actor, data)
    results = []
    for place, (task_id, version) in enumerate(rows):
        shared = fresh if place else []
        results.append(_one(actor, now, task_id, version, data, shared, dry_run=dry_run))
    return results


def _without_answers(session: Session, actor: Actor, rows: Sequence[tuple[UUID, int]]) -> list[RowResult]:
    checked = [(one.id, one.reason) for one in check_rows(session, actor, rows)]
    return [RowResult(id_, "refused" if reason else "eligible", [reason] if reason else []) for id_, reason in checked]


def _one(
    actor: Actor, now: datetime, task_id: UUID, version: int, data: Json, shared: list[Attachment], *, dry_run: bool
) -> RowResult:
    try:
        with Session(db.engine, expire_on_commit=False, autoflush=False) as session:
            complete_task(session, actor, now, task_id, _with_copies(session, data, shared), version, together=True)
            if dry_run:
                session.rollback()
                return RowResult(task_id, "eligible")
            session.commit()
    except Problem as problem:
        reasons = [error.message for error in problem.errors] or [problem.detail]
        return RowResult(task_id, "refused" if dry_run else "failed", reasons)
    return RowResult(task_id, "done")


def claim_many(actor: Actor, now: datetime, tasks: Sequence[UUID]) -> list[RowResult]:
    """Take tasks that others could do as well, row by row."""
    return [_claim(actor, now, task_id) for task_id in tasks]


def _claim(actor: Actor, now: datetime, task_id: UUID) -> RowResult:
    try:
        with transaction() as session:
            claim(session, actor, now, task_id)
    except Problem as problem:
        return RowResult(task_id, "failed", [problem.detail])
    return RowResult(task_id, "done")


def _fresh_uploads(session: Session, actor: Actor, data: Json) -> list[Attachment]:
    """The actor's own uploads, used by no case yet, that lists among the answers name."""
    named = [int(item) for item in _listed(data) if str(item).isdecimal() and len(str(item)) < 18]
    query = select(Attachment).where(
        Attachment.id.in_(named), Attachment.uploaded_by == actor.user_id, Attachment.instance_id.is_(None)
    )
    return list(session.scalars(query)) if named else []


def _listed(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _listed(part)
    elif isinstance(value, list):
        for part in value:
            yield from _listed(part) if isinstance(part, dict | list) else [part]


def _with_copies(session: Session, data: Json, shared: list[Attachment]) -> Json:
    """The answers with copies of the shared uploads in their place."""
    copies: dict[str, int] = {}
    for file in shared:
        values = {c.name: getattr(file, c.name) for c in Attachment.__table__.columns if c.name != "id"}
        copy = Attachment(**values)
        session.add(copy)
        session.flush()
        copies[str(file.id)] = copy.id
    answers: Json = _renamed(data, copies) if copies else data
    return answers


def _renamed(value: Any, copies: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part, copies) for key, part in value.items()}
    if isinstance(value, list):
        return [
            _renamed(part, copies) if isinstance(part, dict | list) else copies.get(str(part), part) for part in value
        ]
    return value
