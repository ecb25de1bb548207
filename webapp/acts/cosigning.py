"""加签 and 减签 in a 会签: one more signer with a task of their own, or one fewer, while it runs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp.absence.standing_in import represent
from webapp.access import Actor, may
from webapp.acts import people
from webapp.acts.asking import ask, withdraw_request
from webapp.acts.holding import hold, look, note, words_of
from webapp.acts.models import TaskRequest
from webapp.acts.notifications import tell_handed
from webapp.acts.rules import is_signing
from webapp.instances.recording import record_step
from webapp.instances.running import HeldTask, Run, attempted, refuse_unless_running
from webapp.problems import Conflict, Forbidden, invalid
from webapp.tasks.models import Task
from workflows import SignersError, Step, TaskNotOpenError, add_signer, remove_signer

POSITIONS = ("before", "after")


def add(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: UUID,
    version: int,
    position: str,
    to: Any,
    words: str | None = None,
) -> None:
    """One more signer, before or after the actor; on a step of one person see :mod:`webapp.acts.asking`.

    Raises:
        NotFound, Forbidden, Conflict: as for completing the task.
        Invalid: the other may not sign; the message names the rule.
    """
    if position not in POSITIONS:
        raise invalid("position", "unknown", "position 只能是 before（前加签）或 after（后加签）。")
    run, held = hold(session, actor, now, task_id, version)
    if is_signing(run.published, held.task):
        _add_to_list(run, held, to, words_of(words), is_before=position == "before")
    else:
        ask(session, actor, now, task_id, version, position, to, words)


def _add_to_list(run: Run, held: HeldTask, to: Any, said: str, *, is_before: bool) -> None:
    task, (item, who, person) = held.task, _named(run, held, to)

    def act() -> Step:
        definition, state = run.published.definition, run.instance.state or ""
        return add_signer(definition, state, str(task.id), item, run.context(), before=is_before)

    step = _changed(run, act)
    place = "before" if is_before else "after"
    run.session.add(_co_sign(run, task, item, person, said))
    run.session.flush()  # before the task opens: who was asked needs no role of the step
    _write(run, task, "add_signer", f"请{who}参加会签（在本人之{'前' if is_before else '后'}）。{said}", step)
    note(run, task, "add_signer", {"item": item, "position": place})
    for opened in step.opened if person is not None else ():
        tell_handed(run, run.session.get_one(Task, UUID(opened.id)), person or 0, "co_sign", said)


def _co_sign(run: Run, task: Task, item: Any, person: int | None, said: str) -> TaskRequest:
    return TaskRequest(
        instance_id=run.instance.id,
        task_id=task.id,
        kind="co_sign",
        status="open",
        asker_id=run.actor_id,
        asked_id=person,
        item=item,
        words=said or None,
        asked_at=run.now,
    )


def _named(run: Run, held: HeldTask, to: Any) -> tuple[Any, str, int | None]:
    """What stands in the list for a person or a body, its name, and the person."""
    rule, name = run.published.assignments[held.task.element], run.published.items[held.task.element]
    kind = type(held.task.item.get(name))
    if kind not in {int, str} or name not in {rule.person, rule.organisation}:
        raise Conflict("这个会签的名单由流程图计算得出，不能在办理中加签。")
    if name == rule.organisation:
        body = _body(run, held.task, to)
        return kind(body.id), body.name, None
    person = people.find(run.session, _actor(run), run.instance, held.task.id, people.person_id(run.session, to))
    people.refused(people.refusal_to_sign(run.published, run.instance, held.task, person))
    return kind(person.id), f"{person.organisation}{person.name}", person.id


_FIELDS = """
    o.id, o.name, COALESCE(o.id = t.excluded_organisation_id, false) AS is_subjects, o.kind,
    COALESCE(t.region_path = r.path OR starts_with(t.region_path, r.path || '/'), false) AS is_near,
    EXISTS (
        SELECT FROM users u WHERE u.organisation_id = o.id AND u.disabled_at IS NULL
            AND (cardinality(t.assigned_roles) = 0 OR u.roles && t.assigned_roles)
    ) AS has_people
    FROM tasks t CROSS JOIN organisations o LEFT JOIN regions r ON r.code = o.region_code
"""
_BODY = text(f"SELECT {_FIELDS} WHERE t.id = :task AND o.id = :id")
_BODIES = text(f"""
    WITH found AS (SELECT {_FIELDS} WHERE t.id = :task AND o.kind <> 'unit' AND o.name ILIKE :like)
    SELECT id, name FROM found WHERE is_near AND has_people AND NOT is_subjects AND NOT EXISTS (
        SELECT FROM tasks s JOIN tasks t ON t.instance_id = s.instance_id AND t.element = s.element
            AND t.round = s.round AND t.status <> 'cancelled'
        WHERE s.id = :task AND t.assigned_organisation_id = found.id
    ) ORDER BY name LIMIT :most
""")  # noqa: S608 (only constants of this module)


def bodies_offered(session: Session, task: Task, question: str) -> list[tuple[int, str]]:
    """The departments and offices that may be asked to sign as well: number and name."""
    values = {"task": task.id, "like": people.like(question), "most": people.MOST}
    return [(row.id, row.name) for row in session.execute(_BODIES, values)]


def _body(run: Run, task: Task, to: Any) -> Any:
    """The department or office that a client names, if it may sign."""
    is_number = str(to).isascii() and str(to).isdecimal() and len(str(to)) < 10
    body = run.session.execute(_BODY, {"id": int(to), "task": task.id}).one_or_none() if is_number else None
    if body is None:
        raise invalid("to", "unknown", "请填写参加会签的单位编号；没有找到这个单位。")
    if body.is_subjects or body.kind == "unit":
        raise invalid("to", "conflict_of_interest", f"{body.name}是申报单位，按回避规则不能参加会签。")
    if not body.has_people:
        raise invalid("to", "no_role", f"{body.name}没有本环节要求岗位的人员，不能加签。")
    if not body.is_near:
        raise invalid("to", "other_region", f"{body.name}不在这个办件所属的地区，不能加签。")
    return body


def _actor(run: Run) -> Actor:
    assert run.actor is not None  # noqa: S101 (a person acts)
    return run.actor


def _changed(run: Run, act: Callable[[], Step]) -> Step:
    try:
        step = attempted(run, act)
    except TaskNotOpenError as error:
        raise Conflict("这项任务已不在待办状态，请刷新。") from error
    if step.failed_entering:
        failed = step.failed_entering
        if failed.error_type == SignersError.__name__:
            raise invalid("to", "signer", failed.message)
        raise Conflict(f"名单没有改动：{failed.message}")
    return step


def _write(run: Run, task: Task, act: str, comment: str, step: Step) -> None:
    """The step with its line; as others sign now, others may stand in for those who are absent."""
    line = {"act": act, "actor_id": run.actor_id, "element": task.element, "task_id": str(task.id)}
    record_step(run, step, line | {"comment": comment})
    represent(run.session, [task.id])


def remove(session: Session, actor: Actor, now: datetime, task_id: UUID, to: Any, words: str | None = None) -> None:
    """One signer fewer: whom the actor asked to sign; a leader may leave out anybody who has not signed yet.

    Raises:
        NotFound: there is no such task, or nobody asked that person.
        Forbidden: somebody else asked them.
        Conflict: it is the last signer, or has signed.
    """
    run, held = look(session, actor, now, task_id)
    refuse_unless_running(run.instance)
    said = words_of(words)
    if not is_signing(run.published, held.task):
        person = people.person_id(session, to)
        _refuse_others(session, actor, held.task, TaskRequest.asked_id == person, run.instance.subject_id)
        withdraw_request(run, held, person, said)
        return
    name = run.published.items[held.task.element]
    kind = type(held.task.item.get(name))
    item = kind(people.person_id(session, to)) if kind in {int, str} else to
    siblings = select(Task.id).where(Task.instance_id == run.instance.id, Task.element == held.task.element)
    mine = TaskRequest.item == type_coerce(item, JSONB)
    _refuse_others(session, actor, held.task, mine, run.instance.subject_id, siblings)

    def act() -> Step:
        return remove_signer(
            run.published.definition, run.instance.state or "", str(_open_one(run, held)), item, run.context()
        )

    step = _changed(run, act)
    _write(run, held.task, "remove_signer", f"不再请{_label(run, held.task, item)}会签。{said}", step)
    note(run, held.task, "remove_signer", {"item": item})
    query = select(TaskRequest).where(TaskRequest.task_id.in_(siblings), mine, TaskRequest.status == "open")
    for request in session.scalars(query):
        request.status = "withdrawn"
    session.flush()


def _open_one(run: Run, held: HeldTask) -> UUID:
    """An open task of the same 会签: the one at hand, or another that is still open."""
    if held.task.status == "open":
        return held.task.id
    query = select(Task.id).where(
        Task.instance_id == run.instance.id, Task.element == held.task.element, Task.status == "open"
    )
    found = run.session.scalars(query.limit(1)).one_or_none()
    if found is None:
        raise Conflict("这个会签已经结束，不能再减签。")
    return found


_LABEL = text("SELECT name FROM users WHERE id = :id"), text("SELECT name FROM organisations WHERE id = :id")


def _label(run: Run, task: Task, item: Any) -> str:
    rule, name = run.published.assignments[task.element], run.published.items[task.element]
    query = _LABEL[1] if rule.organisation == name else _LABEL[0]
    is_number = str(item).isdecimal() and len(str(item)) < 10
    return (run.session.scalar(query, {"id": int(item)}) if is_number else None) or str(item)


def _refuse_others(
    session: Session, actor: Actor, task: Task, whom: Any, subject: int | None, tasks: Any = None
) -> None:
    """Only who asked somebody to sign, or a leader who is not concerned, may leave them out."""
    of = TaskRequest.task_id.in_(tasks) if tasks is not None else TaskRequest.task_id == task.id
    query = select(TaskRequest.id).where(
        of, whom, TaskRequest.asker_id == actor.user_id, TaskRequest.status.in_(("open", "waiting"))
    )
    is_leader = may(actor, "instances.suspend") and actor.is_office and actor.organisation_id != subject
    if not is_leader and session.scalar(query.limit(1)) is None:
        raise Forbidden("只能减去您自己加签的人；流程图规定的会签人员，由本级或上级负责人调整。")
