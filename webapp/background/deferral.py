"""Putting work into the queue within the caller's own transaction: it exists if, and only if, that commits."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.background.models import Tick
from webapp.background.registry import DEFAULT_QUEUE, find_job

_DEFER = text(
    "SELECT (procrastinate_defer_jobs_v1(ARRAY[ROW(CAST(:queue AS varchar), CAST(:name AS varchar), 0, "
    "CAST(:lock AS text), NULL, CAST(:args AS jsonb), CAST(:run_at AS timestamptz))]"
    "::procrastinate_job_to_defer_v1[]))[1]"
)
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('tick'), hashtext(:lock))")
_WAITING = text("SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)")


def defer(
    session: Session,
    task_name: str,
    args: Mapping[str, Any],
    *,
    queue: str = DEFAULT_QUEUE,
    run_at: datetime | None = None,
    lock: str | None = None,
) -> int:
    """Let a worker do ``task_name`` with ``args`` (JSON) once the session commits, and return the job's number.

    Args:
        run_at: not before this instant of real time.
        lock: of the jobs with the same lock one runs at a time, in order.
    """
    arguments = json.dumps(dict(args), ensure_ascii=False)
    given = {"queue": queue, "name": task_name, "lock": lock, "args": arguments, "run_at": run_at}
    return int(session.execute(_DEFER, given).scalar_one())


def tick(session: Session, job: str, scheduled_at: datetime) -> bool:
    """Defer the periodic ``job`` for ``scheduled_at``; False when another scheduler already did.

    Both happen in the session's transaction. A job that still waits is not deferred a second time.

    Raises:
        LookupError: there is no such job.
    """
    known = find_job(job)
    if known is None:
        raise LookupError(job)
    added = insert(Tick).values(job=job, scheduled_at=scheduled_at).on_conflict_do_nothing().returning(Tick.id)
    number = session.scalar(added)
    if number is None:
        return False
    session.execute(_ONE_BY_ONE, {"lock": job})
    if not session.scalar(_WAITING, {"lock": job}):
        job_id = defer(session, job, {}, queue=known.queue, lock=job)
        session.execute(text("UPDATE ticks SET job_id = :job WHERE id = :id"), {"job": job_id, "id": number})
    return True
