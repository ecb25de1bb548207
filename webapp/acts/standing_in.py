"""Who acts for whom on which open task, as rows among the candidates that follow the people they stand in for.

A deputy gets what the absent person may do, and never a case on which the deputy may not act: where that leaves no
deputy, it goes to the leader of the absent person's organisation, else to the office above (design §3).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.reminders.superiors import find_superiors

CLEAR = """
    u.disabled_at IS NULL
    AND u.organisation_id IS DISTINCT FROM t.excluded_organisation_id
    AND NOT EXISTS (
        SELECT FROM submissions s
        WHERE s.instance_id = t.instance_id AND s.element = ANY(t.excluded_elements)
            AND (s.actor_id = u.id OR s.on_behalf_of = u.id)
    )
"""
"""SQL: no conflict of interest keeps person ``u`` from task ``t``."""

SIGNS_BESIDE = """
    EXISTS (
        SELECT FROM tasks o
        WHERE o.instance_id = t.instance_id AND o.element = t.element AND o.round = t.round AND o.id <> t.id
            AND o.status <> 'cancelled'
            AND t.item <> '{}' AND (u.id = COALESCE(o.handed_to, o.assigned_user_id) OR u.id = o.closed_by)
    )
"""
"""SQL: person ``u`` signs in the same round for themselves, and nobody signs twice."""

_ABSENT = text("""
    SELECT c.task_id, array_agg(d.principal_id) FROM task_candidates c
    JOIN deputy_rights d ON d.principal_id = c.user_id
    WHERE c.task_id = ANY(:tasks) AND c.is_open AND c.reason NOT IN ('deputy', 'leader') GROUP BY c.task_id
""")

_STAND_DOWN = text("""
    UPDATE task_candidates SET is_open = false
    WHERE task_id = ANY(:tasks) AND is_open AND reason IN ('deputy', 'leader')
""")

_PAIRS = f"""
    SELECT c.task_id, c.user_id AS principal_id, d.deputy_id, t.due_at, ({CLEAR} AND NOT {SIGNS_BESIDE}) AS may_act
    FROM task_candidates c
    JOIN tasks t ON t.id = c.task_id AND t.status = 'open'
    JOIN deputy_rights d ON d.principal_id = c.user_id AND d.process IN ('*', t.process)
    JOIN users u ON u.id = d.deputy_id
    WHERE c.task_id = ANY(:tasks) AND c.is_open AND c.reason NOT IN ('deputy', 'leader')
"""  # noqa: S608 (only constants of this module)

_ADD = """
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at, on_behalf_of)
    {rows}
    ON CONFLICT (task_id, user_id) DO UPDATE
        SET is_open = true, reason = excluded.reason, due_at = excluded.due_at, on_behalf_of = excluded.on_behalf_of
        WHERE NOT task_candidates.is_open
    RETURNING task_id, user_id
"""

_STAND_IN = text(
    f"WITH pairs AS ({_PAIRS})"
    + _ADD.format(
        rows="SELECT DISTINCT ON (task_id, deputy_id) task_id, deputy_id, 'deputy', true, due_at, principal_id "
        "FROM pairs WHERE may_act ORDER BY task_id, deputy_id, principal_id"
    )
)

_BARRED = text(f"""
    WITH pairs AS ({_PAIRS})
    SELECT p.task_id, p.principal_id, u.organisation_id, t.excluded_organisation_id, array_agg(p.deputy_id) AS deputies
    FROM pairs p JOIN users u ON u.id = p.principal_id JOIN tasks t ON t.id = p.task_id
    GROUP BY p.task_id, p.principal_id, u.organisation_id, t.excluded_organisation_id HAVING NOT bool_or(p.may_act)
""")  # noqa: S608 (only constants of this module)

_LEADERS = f"""
    SELECT t.id, u.id, 'leader', true, t.due_at, :principal FROM tasks t JOIN users u ON {CLEAR}
    WHERE t.id = :task AND u.id = ANY(:people)
"""  # noqa: S608 (only constants of this module)
_LEAD = text(_ADD.format(rows=_LEADERS))

_FREE = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL, version = version + 1
    FROM task_candidates c
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND c.task_id = t.id AND c.is_open
        AND c.reason IN ('deputy', 'leader') AND c.on_behalf_of = t.claimed_by
""")

_LET_GO = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL, version = version + 1
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND t.claimed_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.user_id = t.claimed_by AND c.is_open
    )
""")

_AFFECTED = text("""
    SELECT DISTINCT c.task_id FROM task_candidates c
    WHERE c.is_open AND (
        c.reason IN ('deputy', 'leader')
        OR c.user_id IN (SELECT principal_id FROM deputy_rights)
    ) AND (CAST(:people AS integer[]) IS NULL OR c.user_id = ANY(:people) OR c.on_behalf_of = ANY(:people))
""")

People = dict[UUID, set[int]]
_LEVELS = 6


def represent(session: Session, tasks: Sequence[UUID], *, changed: bool = True) -> None:
    """Give open tasks of absent people to those who stand in for them, and take back what is nobody's any more.

    One statement where nobody is absent.

    Args:
        changed: deputies may have to go as well; not so for tasks that were just opened.
    """
    if not tasks:
        return
    values = {"tasks": list(tasks)}
    if changed:
        session.execute(_STAND_DOWN, values)
    if session.execute(_ABSENT, values).first() is not None:
        session.execute(_STAND_IN, values)
        for row in session.execute(_BARRED, values).all():
            _ask_leader(session, row)
        session.execute(_FREE, values)
    if changed:
        session.execute(_LET_GO, values)


def represent_people(session: Session, people: Sequence[int] | None = None) -> None:
    """The same for every task of some people (or of all), after their deputies or their posts changed."""
    found = list(session.scalars(_AFFECTED, {"people": None if people is None else list(people)}))
    represent(session, found)


def _ask_leader(session: Session, row: Any) -> None:
    holders = [row.principal_id, *row.deputies]
    for level in range(_LEVELS):
        superiors = find_superiors(session, row.organisation_id, level, holders, row.excluded_organisation_id)
        if not superiors.ids:
            return
        values = {"task": row.task_id, "principal": row.principal_id, "people": superiors.ids}
        if session.execute(_LEAD, values).first() is not None:
            return
