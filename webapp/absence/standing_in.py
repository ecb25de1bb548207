"""Who acts for whom on which open task, as rows among the candidates that follow the people they stand in for.

A deputy gets what the absent person may do, and never a case on which the deputy may not act: where that leaves no
deputy, it goes to the leader of the absent person's organisation, else to the office above (design §3).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.reminders.superiors import find_superiors

CLEAR = """
    u.disabled_at IS NULL
    AND u.organisation_id IS DISTINCT FROM t.excluded_organisation_id
    AND (u.id = ANY (ARRAY(
        SELECT unnest(ARRAY[s.actor_id, s.on_behalf_of]) FROM submissions s
        WHERE s.instance_id = t.instance_id AND s.element = ANY(t.excluded_elements)
    ))) IS NOT TRUE
"""
"""SQL: no conflict of interest keeps person ``u`` from task ``t``.

An array, since PostgreSQL would join ``NOT EXISTS`` by reading all submissions that there are.
"""

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
    WITH own_again AS (
        UPDATE task_candidates c SET on_behalf_of = NULL FROM tasks t
        WHERE c.task_id = ANY(:tasks) AND c.is_open AND c.reason NOT IN ('deputy', 'leader')
            AND c.on_behalf_of IS NOT NULL AND t.id = c.task_id AND NOT EXISTS (
                SELECT FROM deputy_rights d WHERE d.principal_id = c.on_behalf_of AND d.deputy_id = c.user_id
                    AND d.process IN ('*', t.process)
            )
    ) UPDATE task_candidates SET is_open = false
    WHERE task_id = ANY(:tasks) AND is_open AND reason IN ('deputy', 'leader')
""")

_PAIRS = f"""
    SELECT c.task_id, c.user_id AS principal_id, d.deputy_id, t.due_at, t.claimed_by,
        ({CLEAR} AND NOT {SIGNS_BESIDE}) AS may_act
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
        SET reason = CASE WHEN task_candidates.is_open THEN task_candidates.reason ELSE excluded.reason END,
            is_open = true, due_at = excluded.due_at, on_behalf_of = excluded.on_behalf_of
        WHERE NOT task_candidates.is_open OR EXISTS (
            SELECT FROM tasks t WHERE t.id = excluded.task_id AND t.claimed_by = excluded.on_behalf_of
        )
"""
"""Who may do a task anyway does it for themselves, unless the absent person has it in hand."""

_DEPUTIES = f"""
    SELECT DISTINCT ON (task_id, deputy_id) task_id, deputy_id, 'deputy', true, due_at, principal_id
    FROM ({_PAIRS}) AS pairs WHERE may_act
    ORDER BY task_id, deputy_id, principal_id IS DISTINCT FROM claimed_by, principal_id
"""  # noqa: S608 (only constants of this module)
_STAND_IN = text(_ADD.format(rows=_DEPUTIES))

_BARRED = text(f"""
    WITH pairs AS ({_PAIRS}), barred AS (
        SELECT task_id, principal_id, array_agg(DISTINCT deputy_id ORDER BY deputy_id) AS deputies
        FROM pairs GROUP BY task_id, principal_id HAVING NOT bool_or(may_act)
    )
    SELECT array_agg(b.task_id) AS tasks, b.principal_id, b.deputies, u.organisation_id, t.excluded_organisation_id
    FROM barred b JOIN users u ON u.id = b.principal_id JOIN tasks t ON t.id = b.task_id
    GROUP BY b.principal_id, b.deputies, u.organisation_id, t.excluded_organisation_id
""")  # noqa: S608 (only constants of this module)

_LEADERS = f"""
    SELECT t.id, u.id, 'leader', true, t.due_at, :principal FROM tasks t JOIN users u ON {CLEAR}
    WHERE t.id = ANY(:tasks) AND u.id = ANY(:people) AND NOT {SIGNS_BESIDE} AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.user_id = u.id AND c.is_open
    )
"""  # noqa: S608 (only constants of this module)
_LEAD = text(_ADD.format(rows=_LEADERS))
_LED = text("""
    SELECT DISTINCT task_id FROM task_candidates
    WHERE task_id = ANY(:tasks) AND user_id = ANY(:people) AND user_id <> :principal AND is_open
""")

_FREE = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL FROM task_candidates c
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND c.task_id = t.id AND c.is_open AND c.on_behalf_of = t.claimed_by
""")
"""What the absent person has in hand is free for both; an answer that they are typing is not lost by that."""
_FREE_FOR_LEADER = text(
    "UPDATE tasks SET claimed_by = NULL, claimed_at = NULL WHERE id = ANY(:tasks) AND claimed_by = :principal"
)

_LET_GO = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL, version = version + 1
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND t.claimed_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.user_id = t.claimed_by AND c.is_open
    )
""")

_GIVE_BACK = text("""
    UPDATE tasks t SET claimed_by = c.user_id, claimed_at = t.opened_at FROM task_candidates c
    WHERE t.id = ANY(:tasks) AND t.status = 'open' AND t.claimed_by IS NULL AND c.task_id = t.id AND c.is_open
        AND c.user_id = COALESCE(t.handed_to, t.assigned_user_id) AND NOT EXISTS (
            SELECT FROM task_candidates d WHERE d.task_id = t.id AND d.is_open AND d.on_behalf_of IS NOT NULL
        )
""")
"""What is for one person alone is in their hands again when nobody stands in for them any more."""

_AFFECTED = text("""
    WITH concerned AS (
        SELECT p AS user_id FROM unnest(CAST(:people AS integer[])) AS p
        UNION SELECT principal_id FROM deputy_rights WHERE deputy_id = ANY(:people)
    )
    SELECT DISTINCT c.task_id FROM task_candidates c
    WHERE c.is_open AND (c.user_id IN (SELECT user_id FROM concerned) OR c.on_behalf_of = ANY(:people)) AND (
        c.on_behalf_of IS NOT NULL OR c.user_id IN (SELECT principal_id FROM deputy_rights)
    )
""")
"""Open tasks of people and of those for whom they stand in."""

_LEVELS = 6


_SUCCEED = text(f"""
    WITH arranged AS (
        SELECT DISTINCT ON (h.from_id) h.from_id, g.name, h.to_id, h.successors
        FROM hand_overs h JOIN users g ON g.id = h.from_id AND g.disabled_at IS NOT NULL
        WHERE h.from_id IN (SELECT COALESCE(handed_to, assigned_user_id) FROM tasks WHERE id = ANY(:tasks))
        ORDER BY h.from_id, h.id DESC
    ), given AS (
        UPDATE tasks t SET handed_to = u.id, claimed_by = u.id, claimed_at = t.opened_at, version = version + 1
        FROM arranged a, users u
        WHERE t.id = ANY(:tasks) AND t.status = 'open' AND a.from_id = COALESCE(t.handed_to, t.assigned_user_id)
            AND u.id = COALESCE(CAST(a.successors->>t.process AS integer), a.to_id)
            AND {CLEAR} AND NOT {SIGNS_BESIDE}
        RETURNING t.id, t.instance_id, t.element, a.name AS leaver, u.name AS successor
    ), told AS (
        INSERT INTO history_entries (instance_id, at, machine, element, task_id, act, comment)
        SELECT instance_id, :now, true, element, id, 'succession',
            leaver || '已离任，按交接安排由' || successor || '办理。' FROM given
    ) SELECT id FROM given
""")  # noqa: S608 (only constants of this module)


def succeed(session: Session, now: datetime, tasks: Sequence[UUID]) -> list[UUID]:
    """Give tasks that are for somebody alone who has left to the successor; returns which."""
    return list(session.scalars(_SUCCEED, {"tasks": list(tasks), "now": now}))


_IN_FORCE = text("""
    SELECT d.principal_id, d.deputy_id, d.process FROM deputy_rights d JOIN users u ON u.id = d.deputy_id
    WHERE d.principal_id = ANY(:people) AND u.disabled_at IS NULL ORDER BY d.principal_id, d.deputy_id
""")


def list_standing_in(session: Session, people: Sequence[int]) -> Sequence[Any]:
    """Who stands in for some people now: ``principal_id``, ``deputy_id``, ``process`` (``*``: all)."""
    return session.execute(_IN_FORCE, {"people": list(people)}).all() if people else []


_BESIDE = text("""
    SELECT o.id FROM tasks t JOIN tasks o
        ON o.instance_id = t.instance_id AND o.element = t.element AND o.round = t.round AND o.status = 'open'
    WHERE t.id = ANY(:tasks) AND t.item <> '{}' AND o.id <> ALL(:tasks)
""")
"""The other signatures of the same signing: who signs one may not stand in at another."""


def represent(session: Session, tasks: Sequence[UUID], *, changed: bool = True) -> None:
    """Give open tasks of absent people to those who stand in for them, and take back what is nobody's any more.

    Few statements where nobody is absent.

    Args:
        changed: deputies may have to go as well; not so for tasks that were just opened.
    """
    if not tasks:
        return
    values = {"tasks": list(tasks)}
    if changed:
        values["tasks"] += session.scalars(_BESIDE, values)
        session.execute(_STAND_DOWN, values)
    if session.execute(_ABSENT, values).first() is not None:
        session.execute(_STAND_IN, values)
        for row in session.execute(_BARRED, values).all():
            _ask_leader(session, row)
        session.execute(_FREE, values)
    if changed:
        session.execute(_LET_GO, values)
        session.execute(_GIVE_BACK, values)


def represent_people(session: Session, people: Sequence[int]) -> None:
    """The same for every task of some people, after their deputies or their posts changed."""
    represent(session, list(session.scalars(_AFFECTED, {"people": list(people)})))


_MISSED = text("""
    SELECT DISTINCT c.task_id FROM deputy_rights d
    JOIN users u ON u.id = d.deputy_id AND u.disabled_at IS NULL
    JOIN task_candidates c ON c.user_id = d.principal_id AND c.is_open AND c.reason NOT IN ('deputy', 'leader')
    JOIN tasks t ON t.id = c.task_id AND t.status = 'open' AND d.process IN ('*', t.process)
    WHERE NOT EXISTS (
        SELECT FROM task_candidates o
        WHERE o.task_id = c.task_id AND o.is_open AND (o.on_behalf_of = d.principal_id OR o.user_id = d.deputy_id)
    )
""")


def represent_missed(session: Session) -> int:
    """Give deputies what was opened by somebody else at the very moment at which they were named; returns how much."""
    missed = list(session.scalars(_MISSED))
    represent(session, missed)
    return len(missed)


def _ask_leader(session: Session, row: Any) -> None:
    """Climb from leader to leader until each task has one who may act on it."""
    holders, left = [row.principal_id, *row.deputies], list(row.tasks)
    for level in range(_LEVELS):
        superiors = find_superiors(session, row.organisation_id, level, holders, row.excluded_organisation_id)
        if not left or not superiors.ids:
            return
        values = {"tasks": left, "principal": row.principal_id, "people": superiors.ids}
        session.execute(_LEAD, values)
        led = set(session.scalars(_LED, values))
        session.execute(_FREE_FOR_LEADER, values | {"tasks": list(led)})
        left = [task for task in left if task not in led]
