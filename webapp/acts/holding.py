"""How every act on a task begins and ends: lock, may I, act, write it into timeline and audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.instances import scope
from webapp.instances.recording import write_history
from webapp.instances.running import HeldTask, Run, lock_task
from webapp.problems import Conflict, Invalid, NotFound, invalid
from webapp.tasks.doable import refuse_unless_doable
from webapp.tasks.models import Task

MOST_WORDS = 1000


def hold(session: Session, actor: Actor, now: datetime, task_id: UUID, version: int | None) -> tuple[Run, HeldTask]:
    """Lock a task that the actor may do.

    Raises:
        NotFound, Forbidden, Conflict: as for completing it.
        Conflict: the actor was only asked for an opinion about it.
    """
    lock_task(session, actor, now, task_id)
    run, held = lock_task(session, actor, now, task_id)  # what stands now, whoever was waited for
    refuse_unless_doable(run, held, version)
    if held.task.request_id is not None:
        raise Conflict(f"“{held.task.name}”只是请您提出意见。请填写意见交回，由委托的人决定如何办理。")
    return run, held


def look(session: Session, actor: Actor, now: datetime, task_id: UUID) -> tuple[Run, HeldTask]:
    """Lock a task that the actor may do or may see.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
    """
    lock_task(session, actor, now, task_id)
    run, held = lock_task(session, actor, now, task_id)
    if not held.is_candidate and not scope.may_see(session, actor, run.instance):
        raise NotFound
    return run, held


def words_of(text_: str | None, *, required: str = "", path: str = "text") -> str:
    """What somebody typed, checked.

    Args:
        required: what to say where nothing was typed.
    """
    words = (text_ or "").replace("\x00", "").strip()
    if required and not words:
        raise invalid(path, "required", required)
    if len(words) > MOST_WORDS:
        raise invalid(path, "too_long", f"文字不能超过 {MOST_WORDS} 字。")
    return words


def at_field(error: Exception, path: str, code: str) -> Invalid:
    """A refusal of the engine as an error at a field."""
    return invalid(path, code, str(error))


_TOUCH = text("UPDATE instances SET version = version + 1 WHERE id = :instance")


def tell(
    run: Run, task: Task, act: str, comment: str, after: dict[str, Any] | None = None, *, changes: bool = False
) -> None:
    """Write an act into the timeline and the audit log.

    Args:
        after: what the audit log says besides.
        changes: it changes who has what to do, so that what was decided before cannot be taken back any more.
    """
    line = {"act": act, "actor_id": run.actor_id, "machine": run.actor is None}
    write_history(run, [line | {"element": task.element, "task_id": str(task.id), "comment": comment or None}])
    note(run, task, act, after)
    if changes:
        run.session.execute(_TOUCH, {"instance": run.instance.id})
        set_committed_value(run.instance, "version", run.instance.version + 1)


def note(run: Run, task: Task, act: str, after: dict[str, Any] | None = None) -> None:
    """Write an act into the audit log alone; its line of the timeline is written with a step of the engine."""
    record(
        run.session,
        run.actor,
        f"task.{act}",
        instance_id=run.instance.id,
        subject=f"task:{task.id}",
        after=after,
        on_behalf_of=run.on_behalf_of,
    )
