"""Who may do an open task, and why; kept in rows that follow people (``webapp.tasks.following``).

The rule of a task lies in its own columns, so that opening tasks, a change of post and a repair all ask the same
SQL. Nobody decides on their own organisation, and whoever did an excluded step is excluded. Where that leaves too
few, the substitute named in the batch acts, else the office above; an empty result is the caller's incident.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp import clock
from webapp.absence.standing_in import CLEAR, represent, succeed
from webapp.instances.incidents import report_nobody
from webapp.instances.models import Instance

ELIGIBLE = f"""
    (u.id = t.assigned_user_id OR u.organisation_id = {{organisation}} OR u.id = t.handed_to)
    AND (t.handed_to IS NULL OR u.id = t.handed_to)
    AND (u.id = t.handed_to OR cardinality({{roles}}) = 0 OR u.roles && {{roles}} OR EXISTS (
        SELECT FROM task_requests q WHERE q.instance_id = t.instance_id AND q.kind = 'co_sign' AND q.status = 'open'
            AND q.asked_id = u.id AND u.id = t.assigned_user_id
    ))
    AND {CLEAR}
"""
"""SQL, to be formatted with an organisation and roles: they, and the persons named, make ``u`` a candidate of ``t``."""
_OFFICE_ROLES = "ARRAY['county_reviewer', 'city_reviewer', 'city_leader', 'provincial_officer']"

_BY_RULE = f"""
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, u.id, {{reason}}, true, t.due_at
    FROM {{tasks}} t
    JOIN users u ON {ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}
"""  # noqa: S608 (only constants of this module)

_RULE = "CASE WHEN u.id = t.assigned_user_id THEN 'person' ELSE 'role' END"
_HANDED = f"""
    CASE WHEN t.handed_to IS NULL THEN {_RULE} WHEN t.request_id IS NULL THEN 'transfer' ELSE (
        SELECT CASE q.kind WHEN 'delegate' THEN 'delegate' ELSE 'signer' END
        FROM task_requests q WHERE q.id = t.request_id
    ) END
"""  # noqa: S608 (only constants of this module)

_COLUMNS = """
    name, round, status, opened_at, due_at, due_provisional, due_rule, next_notice_at, acts_at, claimed_by, claimed_at,
    item, assigned_roles, assigned_region, assigned_organisation_id, assigned_user_id, excluded_organisation_id,
    excluded_elements, came_from, honour_code, region_path, was_returned
"""
_AS_NEW = ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in _COLUMNS.split(","))
_DECIDES_NOW = """
    (CAST(:element AS text) = ANY(t.excluded_elements)
        AND u.id = ANY (ARRAY[CAST(:actor AS integer), CAST(:on_behalf_of AS integer)]))
"""
OPENED = f"""
    opened AS (
        INSERT INTO tasks (id, instance_id, process, element, version, {_COLUMNS})
        SELECT
            t.id, :instance, :process, t.element, 0, t.name, t.round, 'open', :now, t.due_at, t.due_provisional,
            t.due_rule, t.next_notice_at, t.acts_at, (SELECT id FROM users WHERE id = t.person),
            CASE WHEN t.person IS NOT NULL THEN CAST(:now AS timestamptz) END, t.item, t.roles,
            t.region, COALESCE(t.organisation, (
                SELECT id FROM organisations WHERE kind = 'office' AND region_code = t.region
            )), t.person,
            t.excluded_organisation, t.excluded_elements, :actor, :honour, :region_path,
            t.round > 1 OR COALESCE(CAST(:decided AS text) = 'return', false)
                OR EXISTS (SELECT FROM submissions WHERE instance_id = :instance AND outcome = 'return')
        FROM jsonb_to_recordset(:tasks) AS t(
            id uuid, element text, name text, round integer, due_at timestamptz, due_provisional boolean,
            due_rule jsonb, next_notice_at timestamptz, acts_at timestamptz, item jsonb, roles text[], region text,
            organisation integer, person integer, excluded_organisation integer, excluded_elements text[]
        )
        ON CONFLICT (id) DO UPDATE SET {_AS_NEW}, closed_at = NULL, closed_by = NULL, noticed_at = NULL,
            handed_to = NULL, request_id = NULL, return_id = NULL, waiting_signers = 0, version = tasks.version + 1
        RETURNING *
    ), served AS ({_BY_RULE.format(tasks="opened", reason=_RULE)} AND {_DECIDES_NOW} IS NOT TRUE
        ON CONFLICT (task_id, user_id) DO UPDATE
            SET is_open = true, reason = excluded.reason, due_at = excluded.due_at, on_behalf_of = NULL, read_at = NULL
        RETURNING task_id, user_id, EXISTS (SELECT FROM deputy_rights d WHERE d.principal_id = user_id) AS is_absent
    )
"""  # noqa: S608 (only constants of this module)
"""Parts of the statement that stores a step: its tasks with their ``served`` candidates.

One that was there before its decision was taken back begins anew. A statement does not see what its other parts
write: the decision that it stores along, if any, is told as ``:element``, ``:actor``, ``:on_behalf_of``, ``:decided``.
"""

_FILL = text(f"""
    {_BY_RULE.format(tasks="tasks", reason=_HANDED)}
    WHERE t.id = ANY(:tasks)
    ON CONFLICT (task_id, user_id) DO UPDATE
        SET is_open = true, due_at = excluded.due_at, reason = excluded.reason,
            on_behalf_of = CASE WHEN task_candidates.reason NOT IN ('deputy', 'leader')
                THEN task_candidates.on_behalf_of END
    RETURNING task_id, user_id
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
    ELIGIBLE.format(
        organisation="CASE WHEN :reason = 'substitute' THEN b.substitute_id ELSE above.id END", roles=_OFFICE_ROLES
    )
}
    WHERE t.id = ANY(:tasks) AND t.assigned_region IS NOT NULL
    ON CONFLICT (task_id, user_id) DO UPDATE SET is_open = true, due_at = excluded.due_at
    RETURNING task_id, user_id
""")  # noqa: S608 (only constants of this module)


LET_GO = text("""
    UPDATE tasks t SET claimed_by = NULL, claimed_at = NULL, version = version + 1
    WHERE t.id = ANY(:tasks) AND t.claimed_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.user_id = t.claimed_by AND c.is_open
    )
""")
"""Whoever holds one of the tasks without being a candidate any more puts it back."""


People = dict[UUID, set[int]]


def opened(instance: Instance, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of :data:`OPENED` that are not known of the step anyway.

    Args:
        rows: what is particular to each task, as plain JSON.
    """
    return {
        "process": instance.process,
        "honour": instance.honour_code,
        "region_path": instance.region_path,
        "tasks": list(rows),
    }


def people_of(session: Session, tasks: Sequence[UUID], served: Iterable[Any]) -> People:
    """Who may do which of the opened tasks, by the ``served`` rows of :data:`OPENED`; deputies of the absent join."""
    found = [row for row in served if row.task_id is not None]
    represent(session, [row.task_id for row in found if row.is_absent], changed=False)
    return _people(tasks, [(row.task_id, row.user_id) for row in found])


def fill(session: Session, tasks: Sequence[UUID], persons: int = 1) -> list[UUID]:
    """Record the candidates of open tasks; returns the tasks that have fewer than ``persons``.

    One statement where rules leave enough people, else see :func:`stand_in`.
    """
    short = _substitute(session, _people(tasks, session.execute(_FILL, {"tasks": list(tasks)}).all()), persons)
    represent(session, tasks)
    return short


def _people(tasks: Sequence[UUID], rows: Iterable[Any]) -> People:
    people: People = {task: set() for task in tasks}
    _note(people, rows)
    return people


def stand_in(session: Session, people: People, persons: int = 1) -> list[UUID]:
    """Find substitutes for tasks that fewer than ``persons`` may do; returns those that still have too few.

    A task that is claimed for somebody who may not do it is free again for them; their deputies may do it as well.
    """
    short = [task for task, found in people.items() if len(found) < persons]
    still_short = _substitute(session, people, persons)
    represent(session, short)
    return still_short


def _substitute(session: Session, people: People, persons: int) -> list[UUID]:
    short = [task for task, found in people.items() if len(found) < persons]
    if not short:
        return []
    session.execute(LET_GO, {"tasks": short})
    if succeeded := succeed(session, clock.now(), short):
        _note(people, session.execute(_FILL, {"tasks": succeeded}).all())
        short = [task for task in short if len(people[task]) < persons]
    for reason in ("substitute", "office_above"):
        if short:
            _note(people, session.execute(_SUBSTITUTE, {"tasks": short, "reason": reason}).all())
        short = [task for task in short if len(people[task]) < persons]
    return short


_WOULD = text(f"""
    SELECT t.id AS task_id, u.id, u.name, u.username
    FROM jsonb_to_recordset(:places) AS p(id uuid, columns jsonb)
    JOIN tasks held ON held.id = p.id CROSS JOIN LATERAL jsonb_populate_record(held, p.columns) AS t
    JOIN users u ON {ELIGIBLE.format(organisation="t.assigned_organisation_id", roles="t.assigned_roles")}
    ORDER BY u.id
""").bindparams(bindparam("places", type_=JSONB))  # noqa: S608 (only constants of this module)


def list_would_be(session: Session, places: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, list[Any]]:
    """Who could do each task if its row said what ``places`` says; nothing is changed."""
    rows = [{"id": str(task), "columns": dict(columns)} for task, columns in places.items()]
    found: dict[UUID, list[Any]] = {}
    for row in session.execute(_WOULD, {"places": rows}) if rows else ():
        found.setdefault(row.task_id, []).append(row)
    return found


def refill(session: Session, tasks: Sequence[UUID], persons: int = 1) -> list[UUID]:
    """Find the candidates of open tasks anew after they were handed to somebody or back; see :func:`fill`."""
    session.execute(_CLOSE, {"tasks": list(tasks)})
    return fill(session, tasks, persons)


def follow_rule(session: Session, task: UUID, persons: int) -> bool:
    """Find the candidates of an open task by a rule that is another one now; returns whether there are enough.

    Who has claimed it keeps it if the new rule still lets them.
    """
    is_short = bool(refill(session, [task], persons))
    session.execute(LET_GO, {"tasks": [task]})
    return not is_short


_CLOSE = text("UPDATE task_candidates SET is_open = false WHERE task_id = ANY(:tasks) AND is_open")


def _note(people: People, rows: Iterable[Any]) -> None:
    for task, user in rows:
        people[task].add(user)


def reopen(session: Session, now: datetime, instance_id: int) -> None:
    """Find the candidates of an instance's open tasks anew, after a time in which nobody could act on it."""
    tasks = list(session.scalars(_OPEN_TASKS, {"instance": instance_id}))
    short = fill(session, tasks) if tasks else []
    if short:
        report_nobody(session, now, short)


_OPEN_TASKS = text("SELECT id FROM tasks WHERE instance_id = :instance AND status = 'open'")
