"""Who may do an open task, and why; kept in rows that follow people when their posts change.

The rule of a task lies in its own columns, so that opening tasks, a change of post and a repair all ask the same
SQL. Nobody decides on their own organisation, and whoever did an excluded step is excluded. Where that leaves too
few, the substitute named in the batch acts, else the office above; an empty result is the caller's incident.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_ELIGIBLE = """
    u.disabled_at IS NULL
    AND (u.id = t.assigned_user_id OR u.organisation_id = {organisation})
    AND (cardinality({roles}) = 0 OR u.roles && {roles})
    AND u.organisation_id IS DISTINCT FROM t.excluded_organisation_id
    AND NOT EXISTS (
        SELECT FROM submissions s
        WHERE s.instance_id = t.instance_id AND s.actor_id = u.id AND s.element = ANY(t.excluded_elements)
    )
"""
_OFFICE_ROLES = "ARRAY['county_reviewer', 'city_reviewer', 'city_leader', 'provincial_officer']"

_FILL = text(f"""
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, u.id, CASE WHEN u.id = t.assigned_user_id THEN 'person' ELSE 'role' END, true, t.due_at
    FROM tasks t JOIN users u ON {_ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}
    WHERE t.id = ANY(:tasks)
    ON CONFLICT (task_id, user_id) DO UPDATE SET is_open = true, due_at = excluded.due_at
    RETURNING task_id
""")  # noqa: S608 (only constants of this module)

_SUBSTITUTE = text(f"""
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, u.id, :reason, true, t.due_at
    FROM tasks t
    JOIN instances i ON i.id = t.instance_id
    LEFT JOIN batches b ON b.id = i.batch_id
    LEFT JOIN regions r ON r.code = t.assigned_region
    LEFT JOIN organisations above ON above.kind = 'office' AND above.region_code = r.parent_code
    JOIN users u ON {
    _ELIGIBLE.format(
        organisation="CASE WHEN :reason = 'substitute' THEN b.substitute_id ELSE above.id END", roles=_OFFICE_ROLES
    )
}
    WHERE t.id = ANY(:tasks) AND t.assigned_region IS NOT NULL
    ON CONFLICT (task_id, user_id) DO NOTHING
    RETURNING task_id
""")  # noqa: S608 (only constants of this module)


def fill(session: Session, tasks: Sequence[UUID], persons: int = 1) -> list[UUID]:
    """Record the candidates of open tasks; returns the tasks that have fewer than ``persons``.

    One statement where rules leave enough people; at most two more for the substitutes.
    """
    found = _count(session.execute(_FILL, {"tasks": list(tasks)}).scalars().all())
    short = [task for task in tasks if found.get(task, 0) < persons]
    for reason in ("substitute", "office_above"):
        if not short:
            break
        added = session.execute(_SUBSTITUTE, {"tasks": short, "reason": reason}).scalars().all()
        for task, number in _count(added).items():
            found[task] = found.get(task, 0) + number
        short = [task for task in short if found.get(task, 0) < persons]
    return short


def _count(tasks: Sequence[UUID]) -> dict[UUID, int]:
    return {task: tasks.count(task) for task in set(tasks)}


_LEAVE = text(f"""
    UPDATE task_candidates c SET is_open = false
    FROM tasks t, users u
    WHERE c.user_id = :user AND c.is_open AND t.id = c.task_id AND u.id = c.user_id
      AND c.reason IN ('role', 'person')
      AND NOT ({_ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")})
    RETURNING c.task_id
""")  # noqa: S608 (only constants of this module)

_JOIN = text(f"""
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, u.id, 'role', true, t.due_at
    FROM users u JOIN tasks t ON t.status = 'open' AND t.assigned_organisation_id = u.organisation_id
    WHERE u.id = :user AND {_ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}
    ON CONFLICT (task_id, user_id) DO UPDATE SET is_open = true
""")  # noqa: S608 (only constants of this module)

_UNCLAIM = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL, version = version + 1
    WHERE t.claimed_by = :user AND t.status = 'open' AND t.id = ANY(:tasks)
""")


def follow_person(session: Session, user_id: int) -> list[UUID]:
    """Make candidates agree with a person's present post: leave what is no longer theirs, join what now is.

    Returns:
        The tasks that are left with nobody even among the substitutes.
    """
    left = list(session.execute(_LEAVE, {"user": user_id}).scalars())
    if left:
        session.execute(_UNCLAIM, {"user": user_id, "tasks": left})
    session.execute(_JOIN, {"user": user_id})
    remaining = text("SELECT DISTINCT task_id FROM task_candidates WHERE task_id = ANY(:tasks) AND is_open")
    served = set(session.execute(remaining, {"tasks": left}).scalars()) if left else set()
    alone = [task for task in left if task not in served]
    return fill(session, alone) if alone else []
