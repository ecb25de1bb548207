"""Candidates follow people: when somebody changes post, they leave what is no longer theirs and join what now is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import clock
from webapp.absence.standing_in import CLEAR, represent_people
from webapp.instances.incidents import list_unserved, report_nobody, resolve_served
from webapp.tasks.candidates import ELIGIBLE, LET_GO, fill, refill

_LEAVE = text(f"""
    UPDATE task_candidates c SET is_open = false
    FROM tasks t, users u
    WHERE c.user_id = :user AND c.is_open AND t.id = c.task_id AND u.id = c.user_id
      AND c.reason IN ('role', 'person', 'transfer', 'delegate', 'signer')
      AND ({ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}) IS NOT TRUE
    RETURNING c.task_id
""")  # noqa: S608 (only constants of this module)

_RECLAIM = text(f"""
    UPDATE tasks t SET handed_to = NULL, request_id = NULL, version = version + 1
    FROM users u WHERE u.id = :user AND t.handed_to = u.id AND t.status = 'open' AND ({CLEAR}) IS NOT TRUE
    RETURNING t.id
""")  # noqa: S608 (only constants of this module)

_JOIN = text(f"""
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, u.id, 'role', true, t.due_at
    FROM users u JOIN tasks t ON t.status = 'open' AND t.assigned_organisation_id = u.organisation_id
    WHERE u.id = :user AND {ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}
    ON CONFLICT (task_id, user_id) DO UPDATE SET is_open = true, due_at = excluded.due_at
""")  # noqa: S608 (only constants of this module)

_STAND_DOWN = text("""
    UPDATE task_candidates c SET is_open = false
    WHERE c.user_id = :user AND c.is_open AND c.reason IN ('substitute', 'office_above')
    RETURNING c.task_id
""")
_SERVED = text("SELECT DISTINCT task_id FROM task_candidates WHERE task_id = ANY(:tasks) AND is_open")


def follow_person(session: Session, user_id: int) -> list[UUID]:
    """Make candidates agree with a person's present post: leave what is no longer theirs, join what now is.

    Steps that had too few people and now have enough are no incidents any more; steps that are left with nobody,
    even among the substitutes, become incidents.

    Returns:
        The tasks that are left with nobody.
    """
    now = clock.now()
    reclaimed = list(session.execute(_RECLAIM, {"user": user_id}).scalars())
    if reclaimed:
        report_nobody(session, now, refill(session, reclaimed))
    left = list(session.execute(_LEAVE, {"user": user_id}).scalars())
    stood_in = list(session.execute(_STAND_DOWN, {"user": user_id}).scalars())
    session.execute(_JOIN, {"user": user_id})
    served = set(session.execute(_SERVED, {"tasks": left}).scalars()) if left else set()
    alone = stood_in + [task for task in left if task not in served]
    deserted = fill(session, alone) if alone else []
    if left or stood_in:
        session.execute(LET_GO, {"tasks": left + stood_in})
    if deserted:
        report_nobody(session, now, deserted)
    represent_people(session, [user_id])
    _serve_waiting(session, now)
    return deserted


def _serve_waiting(session: Session, now: datetime) -> None:
    """Give the steps that wait for people another chance."""
    unserved = list_unserved(session)
    if unserved:
        fill(session, unserved)
        resolve_served(session, now)
