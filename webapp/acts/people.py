"""Look at people with regard to one task: may they be handed it, may they be asked about it."""

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
        u.organisation_id = :own AS is_colleague
    FROM tasks t CROSS JOIN users u
    JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code
    WHERE t.id = :task AND CASE WHEN :user > 0 THEN u.id = :user ELSE
        u.disabled_at IS NULL AND u.id <> :me AND (
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
    if isinstance(to, str) and to.strip():
        found: int | None = session.scalar(_BY_NAME, {"name": to.strip()})
        if found is not None:
            return found
        if to.strip().isascii() and to.strip().isdecimal() and len(to.strip()) < 10:
            return int(to.strip())
    raise invalid(path, "unknown", "请选择人员（账号编号或用户名）；没有找到这个人。")


def find(session: Session, actor: Actor, instance: Instance, task_id: UUID, user_id: int) -> Any:
    """One person with regard to a task.

    Raises:
        Invalid: there is no such person.
    """
    rows = session.execute(_PEOPLE, _values(actor, instance, task_id, user_id)).all()
    if not rows:
        raise invalid("to", "unknown", "没有找到这个人，请重新选择。")
    return rows[0]


def _values(actor: Actor, instance: Instance, task_id: UUID, user_id: int = 0) -> dict[str, Any]:
    return {
        "task": task_id,
        "own": actor.organisation_id,
        "me": actor.user_id,
        "user": user_id,
        "path": instance.region_path,
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
    session: Session, actor: Actor, published: Published, instance: Instance, task: Task, *, to_sign: bool
) -> list[tuple[str, str]]:
    """The people whom an act on a task may name, the actor's own office first."""
    rows = session.execute(_PEOPLE, _values(actor, instance, task.id)).all()

    def fits(person: Any) -> bool:
        if to_sign:
            return refusal_to_sign(published, instance, task, person) is None
        return refusal_to_take(published, task, person) is None

    return [(str(row.id), f"{row.name}（{row.organisation}）") for row in rows if fits(row)]
