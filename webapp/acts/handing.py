"""转办: hand a task to somebody else, for good. In a 会签 the other signs in one's place."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.acts import people
from webapp.acts.holding import at_field, hold, note, tell, words_of
from webapp.acts.notifications import tell_handed, tell_taken
from webapp.instances.incidents import report_nobody
from webapp.instances.recording import record_step
from webapp.instances.running import Run
from webapp.problems import Conflict, invalid
from webapp.tasks import candidates
from webapp.tasks.models import Task
from workflows import SignersError, TaskNotOpenError, replace_signer

HAND = text("""
    UPDATE tasks SET handed_to = :to, request_id = :request, claimed_by = :holder, version = version + 1,
        claimed_at = CASE WHEN CAST(:holder AS integer) IS NULL THEN NULL ELSE CAST(:now AS timestamptz) END
    WHERE id = :task AND status = 'open' RETURNING id
""")
_NAME_SIGNER = text("UPDATE tasks SET item = item || CAST(:item AS jsonb), assigned_user_id = :to WHERE id = :task")


def transfer(
    session: Session, actor: Actor, now: datetime, task_id: UUID, version: int, to: Any, words: str | None = None
) -> None:
    """Hand a task to another person of the responsible body.

    Raises:
        NotFound, Forbidden, Conflict: as for completing it.
        Invalid: the other may not do it; the message names the rule.
    """
    run, held = hold(session, actor, now, task_id, version)
    said, person = words_of(words), people.find(session, actor, run.instance, task_id, people.person_id(session, to))
    if person.id == actor.user_id and run.on_behalf_of is None:
        raise invalid("to", "self", "任务已经在您手里，请选择其他人。")
    if held.task.waiting_signers:
        raise Conflict("这项任务还有后加签的人等着签署，请先减签，再转办。")
    people.refused(people.refusal_to_take(run.published, held.task, person))
    before = [run.on_behalf_of, held.task.handed_to, held.task.assigned_user_id]
    comment = f"转给{person.organisation}{person.name}办理。{said}"
    if is_signer(run, held.task):
        replace(run, held.task, person.id, "transfer", comment)
        note(run, held.task, "transfer", {"to": person.id})
    else:
        tell(run, held.task, "transfer", comment, {"to": person.id}, changes=True)
    give(run, held.task, person.id)
    tell_handed(run, held.task, person.id, "transfer", said)
    tell_taken(run, held.task, before, person.id, f"{person.organisation}{person.name}", said)


def give(run: Run, task: Task, to: int | None, *, request: int | None = None, holder: int | None = None) -> None:
    """Let a task be for one person alone (``None``: for all whom the rule names) and find its people anew.

    Args:
        holder: who holds it then, if not ``to``.
    """
    values = {"task": task.id, "to": to, "request": request, "holder": holder or to, "now": run.now}
    if run.session.execute(HAND, values).first() is None:
        raise Conflict("这项任务刚刚有了变化，请刷新后再试。")
    short = candidates.refill(run.session, [task.id])
    if short:
        report_nobody(run.session, run.now, short)
    run.session.refresh(task)


def is_signer(run: Run, task: Task) -> bool:
    """Whether the person of a task is named by the list of a 会签."""
    rule = run.published.assignments[task.element]
    item = run.published.items.get(task.element)
    return bool(item and rule.person == item and item in task.item)


def replace(run: Run, task: Task, to: int, act: str, comment: str) -> None:
    """Let another person sign in a 会签 in somebody's place; ``act`` is what the timeline calls it.

    Raises:
        Invalid: the engine does not have that signer, or the other signs already.
    """
    name = run.published.items[task.element]
    item = type(task.item[name])(to)
    try:
        step = replace_signer(run.published.definition, run.instance.state or "", str(task.id), item, run.context())
    except (SignersError, TaskNotOpenError) as error:
        raise at_field(error, "to", "signer") from error
    line = {"act": act, "actor_id": run.actor_id, "element": task.element, "task_id": str(task.id)}
    record_step(run, step, line | {"comment": comment})
    run.session.execute(_NAME_SIGNER, {"task": task.id, "to": to, "item": f'{{"{name}": {_json(item)}}}'})


def _json(item: Any) -> str:
    return f'"{item}"' if isinstance(item, str) else str(item)
