"""Incidents: what failed behind a decision, when the machine tries again by itself, and when the matter is moot.

The machine tries failures again after a minute, five and thirty, then leaves them to a person; steps without
people are looked at every five minutes, because accounts change without the instance knowing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, select, text
from sqlalchemy.orm import Session

from webapp.instances.models import HistoryEntry, Incident
from webapp.mail.notifications import tell_incident

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
NOBODY_EVERY = timedelta(minutes=5)
NOBODY = "nobody"
"""A step that fewer people may do than it needs; ``pending`` holds ``task`` and ``persons``."""
DEADLINE = "deadline"
"""A step whose deadline could not be computed; ``pending`` holds ``task``."""
OVERDUE = "overdue"
"""What the diagram declares for the end of the time cannot be done; ``pending`` holds ``task``."""
ENGINE = "engine"
"""An element failed and the state says so; ``pending`` holds the engine's ``task``."""
REPLAY = "replay"
"""The state of before is kept; ``pending`` holds the ``act`` (complete, advance, deliver) and what it needs."""

ADVANCE = {"act": "advance"}
"""What is pending when timers are due and cannot fire."""

IN_TIMELINE = "系统处理遇到问题，管理员已收到。"


@dataclass(frozen=True)
class Failure:
    """What the administrator sees of a failure."""

    kind: str
    element: str | None
    error_type: str
    message: str
    trace: str | None = None
    pending: dict[str, Any] = field(default_factory=dict)


def next_retry(kind: str, retries: int, now: datetime) -> datetime | None:
    """When the machine tries again by itself; ``None``: a person must."""
    if kind == OVERDUE:
        return None
    if kind == NOBODY:
        return now + NOBODY_EVERY
    return now + BACK_OFF[retries] if retries < len(BACK_OFF) else None


def open_incident(session: Session, now: datetime, instance_id: int, failure: Failure) -> Incident:
    """Record a failure and a line in the timeline; the same failure again is the same incident."""
    known = _find_same(session, instance_id, failure)
    if known is not None:
        note_failed_retry(known, failure, now)
        session.flush()
        return known
    incident = Incident(
        instance_id=instance_id,
        kind=failure.kind,
        element=failure.element,
        error_type=failure.error_type,
        message=failure.message,
        trace=failure.trace,
        pending=failure.pending,
        status="open",
        at=now,
        retries=0,
        next_retry_at=next_retry(failure.kind, 0, now),
    )
    line = HistoryEntry(
        instance_id=instance_id, at=now, element=failure.element, act="incident", comment=IN_TIMELINE, machine=True
    )
    session.add_all((incident, line))
    session.flush()
    tell_incident(
        session, instance_id, incident=incident.id, kind=failure.kind, element=failure.element, message=failure.message
    )
    return incident


def _find_same(session: Session, instance_id: int, failure: Failure) -> Incident | None:
    query = select(Incident).where(
        Incident.instance_id == instance_id,
        Incident.status == "open",
        Incident.kind == failure.kind,
        Incident.pending == failure.pending,
    )
    return session.scalars(query.limit(1)).one_or_none()


def note_failed_retry(incident: Incident, failure: Failure, now: datetime) -> None:
    """Keep the newest cause of an incident that is still open, and when it is tried next."""
    incident.retries += 1
    incident.error_type, incident.message = failure.error_type, failure.message
    incident.trace = failure.trace or incident.trace
    incident.next_retry_at = next_retry(incident.kind, incident.retries, now)


def resolve(incident: Incident, now: datetime, actor_id: int | None) -> None:
    """Close an incident; ``actor_id`` is ``None`` when the machine mended it or it is moot."""
    incident.status, incident.resolved_at, incident.resolved_by = "resolved", now, actor_id
    incident.next_retry_at = None


def postpone(session: Session, now: datetime, instance_id: int, error: Exception) -> None:
    """Put off what is due in an instance after an attempt that could not even be made."""
    query = select(Incident).where(
        Incident.instance_id == instance_id, Incident.status == "open", Incident.next_retry_at <= now
    )
    for incident in session.scalars(query):
        cause = Failure(incident.kind, incident.element, type(error).__name__, str(error)[:2000])
        note_failed_retry(incident, cause, now)
    session.flush()


def nobody_message(name: str) -> str:
    """What the administrator must do about a step without people."""
    return f"“{name}”没有足够的可办理人员。请在账号管理中为责任单位补充人员或角色，系统会自动分派。"


_NOBODY_LEFT = text("""
    SELECT t.id, t.instance_id, t.element, t.name FROM tasks t
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND NOT EXISTS (
        SELECT FROM incidents i WHERE i.instance_id = t.instance_id AND i.status = 'open' AND i.kind = 'nobody'
            AND i.pending->>'task' = t.id::text
    )
""")


def report_nobody(session: Session, now: datetime, tasks: Sequence[UUID], persons: int = 1) -> None:
    """Make an incident of each open task that fewer than ``persons`` people may do, unless there is one."""
    for row in session.execute(_NOBODY_LEFT, {"tasks": list(tasks)}).all():
        pending = {"task": str(row.id), "persons": persons}
        failure = Failure(NOBODY, row.element, "NoCandidate", nobody_message(row.name), pending=pending)
        open_incident(session, now, row.instance_id, failure)


_UNSERVED = text("""
    SELECT t.id FROM incidents i JOIN tasks t ON t.id = CAST(i.pending->>'task' AS uuid)
    WHERE i.status = 'open' AND i.kind = 'nobody' AND t.status = 'open' ORDER BY i.id LIMIT 1000
""")
_SERVED = text("""
    UPDATE incidents i SET status = 'resolved', resolved_at = :now, next_retry_at = NULL
    WHERE i.status = 'open' AND i.kind = 'nobody' AND (
        SELECT count(*) FROM task_candidates c WHERE c.task_id = CAST(i.pending->>'task' AS uuid) AND c.is_open
    ) >= COALESCE(CAST(i.pending->>'persons' AS integer), 1)
""")


def list_unserved(session: Session) -> list[UUID]:
    """The open tasks that wait for people, longest first; at most a thousand."""
    return list(session.scalars(_UNSERVED))


def resolve_served(session: Session, now: datetime) -> int:
    """Close the incidents of steps that have people now; returns how many."""
    closed = session.execute(_SERVED, {"now": now})
    return closed.rowcount if isinstance(closed, CursorResult) else 0
