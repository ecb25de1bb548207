"""Look at people with regard to one task: may they be handed it, may they be asked about it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.absence.standing_in import SIGNS_BESIDE
from webapp.access import Actor
from webapp.acts.rules import Refusal, why_not_sign, why_not_take
from webapp.definitions.library import Published
from webapp.instances.models import Instance
from webapp.problems import invalid
from webapp.tasks.models import Task

MOST = 300


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen."""

    id: int
    username: str
    name: str
    organisation: str
    roles: frozenset[str]


_PEOPLE = text(f"""
    WITH home AS (
        SELECT t.assigned_organisation_id AS id FROM tasks t WHERE t.id = :task
        UNION SELECT u.organisation_id FROM tasks t JOIN users u ON u.id = t.assigned_user_id WHERE t.id = :task
        UNION SELECT u.organisation_id FROM task_candidates c JOIN users u ON u.id = c.user_id
            WHERE c.task_id = :task AND c.is_open AND c.reason IN ('substitute', 'office_above')
    )
    SELECT u.id, u.name, u.username, u.roles, u.organisation_id, u.disabled_at IS NULL AS is_enabled,
        o.name AS organisation, o.kind, r.path AS region_path,
        COALESCE(u.organisation_id = t.excluded_organisation_id, false) AS is_subjects,
        (
            SELECT s.element FROM submissions s
            WHERE s.instance_id = t.instance_id AND s.element = ANY(t.excluded_elements)
                AND (s.actor_id = u.id OR s.on_behalf_of = u.id) LIMIT 1
        ) AS acted,
        COALESCE({SIGNS_BESIDE}, false) AS signs_beside,
        u.organisation_id IN (SELECT id FROM home) AS is_home,
        u.organisation_id = :own AS is_colleague,
        (
            u.organisation_id = :own OR u.organisation_id IN (SELECT id FROM home)
            OR u.organisation_id IS NOT DISTINCT FROM CAST(:subject AS integer)
            OR (o.kind <> 'unit' AND COALESCE(:path = r.path OR starts_with(:path, r.path || '/'), false))
        ) AS is_near
    FROM tasks t CROSS JOIN users u
    JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code
    WHERE t.id = :task AND CASE WHEN :user > 0 THEN u.id = :user ELSE
        u.disabled_at IS NULL AND u.id <> :me
        AND (u.name ILIKE :like OR u.username ILIKE :like OR o.name ILIKE :like) AND (
            u.organisation_id IN (SELECT id FROM home) OR u.organisation_id = :own
            OR (o.kind = 'office' AND (:path = r.path OR starts_with(:path, r.path || '/')))
        ) END
    ORDER BY u.organisation_id = :own DESC, length(r.path) DESC NULLS LAST, o.name, u.name LIMIT :most
""")  # noqa: S608 (only constants of this module)

_BY_NAME = text("SELECT id FROM users WHERE username = lower(:name)")


def person_id(session: Session, to: Any, path: str = "to") -> int:
    """The account that a client names: its number, or its user name.

    Args:
        path: the field that names it.

    Raises:
        Invalid: there is none.
    """
    if isinstance(to, int) and not isinstance(to, bool) and 0 < to < 2**31:
        return to
    if isinstance(to, str) and (to := to.replace("\x00", "").strip()):
        found: int | None = session.scalar(_BY_NAME, {"name": to})
        if found is not None:
            return found
        if to.isascii() and to.isdecimal() and len(to) < 10 and int(to):
            return int(to)
    raise invalid(path, "unknown", "请选择人员（账号编号或用户名）；没有找到这个人。")


def find(session: Session, actor: Actor, instance: Instance, task_id: UUID, user_id: int) -> Any:
    """One person with regard to a task.

    Raises:
        Invalid: there is no such person, or nobody who has to do with the case: no name is told by its number.
    """
    rows = session.execute(_PEOPLE, _values(actor, instance, task_id, user_id)).all()
    if not rows or not rows[0].is_near:
        raise invalid("to", "unknown", "没有找到这个人，或者对方与这个办件无关。请重新选择。")
    return rows[0]


def _values(actor: Actor, instance: Instance, task_id: UUID | None, user_id: int = 0) -> dict[str, Any]:
    return {
        "like": "%",
        "task": task_id,
        "own": actor.organisation_id,
        "me": actor.user_id,
        "user": user_id,
        "path": instance.region_path,
        "subject": instance.subject_id,
        "most": MOST,
    }


def refusal_to_take(published: Published, task: Task, person: Any) -> Refusal | None:
    """The rule that keeps a person from being handed a task."""
    return why_not_take(person, task.assigned_roles, published.name_of(person.acted))


def refusal_to_sign(published: Published, instance: Instance, task: Task, person: Any) -> Refusal | None:
    """The rule that keeps a person from signing besides."""
    return why_not_sign(person, task.assigned_roles, instance.region_path, published.name_of(person.acted))


def refused(refusal: Refusal | None) -> None:
    """Raise what a rule refuses, at the field that names the person."""
    if refusal is not None:
        raise invalid("to", refusal.code, refusal.message)


def offered(
    session: Session,
    actor: Actor,
    published: Published,
    instance: Instance,
    task: Task,
    question: str,
    *,
    to_sign: bool,
) -> list[Person]:
    """The people whom an act on a task may name, the actor's own office first.

    Args:
        question: part of a name, a user name or an office; empty for everybody.
        to_sign: they only sign or give an opinion besides; else the task becomes theirs.
    """
    rows = session.execute(_PEOPLE, _values(actor, instance, task.id) | {"like": like(question)}).all()

    def fits(person: Any) -> bool:
        if to_sign:
            is_near = actor.is_office or person.is_home or person.is_colleague
            return is_near and refusal_to_sign(published, instance, task, person) is None
        return refusal_to_take(published, task, person) is None

    return [Person(row.id, row.username, row.name, row.organisation, frozenset(row.roles)) for row in rows if fits(row)]


_READERS = text("""
    SELECT u.id, u.username, u.name, o.name AS organisation, u.roles
    FROM users u JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code
    WHERE u.disabled_at IS NULL AND u.id <> :me
        AND (u.name ILIKE :like OR u.username ILIKE :like OR o.name ILIKE :like)
        AND (
            (:wide AND o.id IS NOT DISTINCT FROM CAST(:subject AS integer))
            OR (:wide AND o.kind = 'office' AND (:path = r.path OR starts_with(:path, r.path || '/')))
            OR (o.id = :own AND o.id IS NOT DISTINCT FROM CAST(:subject AS integer))
            OR EXISTS (
                SELECT FROM tasks t JOIN task_candidates c ON c.task_id = t.id AND c.user_id = u.id
                WHERE t.instance_id = :instance AND (:wide OR o.id = :own OR t.closed_by = u.id)
                    AND (c.is_open OR c.reason <> 'role' OR t.assigned_organisation_id = o.id)
            )
        )
    ORDER BY o.id = :own DESC, length(r.path) DESC NULLS LAST, o.name, u.name LIMIT :most
""")


def readers(session: Session, actor: Actor, instance: Instance, question: str) -> list[Person]:
    """The people who may see a case, for copies and mentions, the actor's own office first.

    Units and departments are offered their colleagues and whoever has acted on the case, not the staff of every office.
    """
    values = _values(actor, instance, None) | {"like": like(question)}
    more = {"wide": actor.is_office, "instance": instance.id}
    rows = session.execute(_READERS, values | more).all()
    return [Person(row.id, row.username, row.name, row.organisation, frozenset(row.roles)) for row in rows]


def like(question: str) -> str:
    """A pattern that finds a part of a name, whatever signs it holds."""
    plain = question.replace("\x00", "").strip()[:60]
    return "%" + plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
