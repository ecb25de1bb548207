"""How every intervention begins and ends: under the lock of the case as it was seen, written down with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.instances import scope
from webapp.instances.operations import deliver_kept
from webapp.instances.processes import Json
from webapp.instances.recording import record_step
from webapp.instances.running import STATUS_WORDS, Run, attempted, lock_instance
from webapp.problems import Conflict, NotFound, invalid
from workflows import CannotMoveError, DataNotAllowedError, Step, TaskNotOpenError

MOST_REASON = 1000


@dataclass(frozen=True)
class Wish:
    """What an administrator has in mind: the case as they saw it, and why."""

    instance_id: int
    version: int
    """Of the instance when they looked at it."""
    reason: str


def begin(session: Session, actor: Actor, now: datetime, wish: Wish, *allowed: str) -> Run:
    """Lock the case that an administrator has in mind.

    Args:
        allowed: the statuses in which this may be done.

    Raises:
        NotFound: the case may not be seen.
        Invalid: no reason is given, or one that is too long.
        Conflict: the case has another status, or somebody acted since it was looked at.
    """
    run = lock_instance(session, actor, now, wish.instance_id)
    instance = run.instance
    if not scope.may_see(session, actor, instance):
        raise NotFound
    if not wish.reason.strip():
        raise invalid("reason", "required", "请填写理由；它会写进办理过程和审计日志。")
    if len(wish.reason.strip()) > MOST_REASON:
        raise invalid("reason", "too_long", f"理由不能超过 {MOST_REASON} 字。")
    if instance.status not in allowed:
        hint = "请先恢复办件。" if instance.status == "suspended" else ""
        raise Conflict(f"办件 {instance.number} {STATUS_WORDS[instance.status]}，不能进行这项操作。{hint}")
    if instance.version != wish.version:
        raise Conflict("在您查看之后，这个办件已有新的办理。请看清现在停在哪里，再决定怎么做。")
    return run


def tried(run: Run, act: Any) -> Step:
    """Make a step of the engine.

    Raises:
        Invalid: the step or the data are not possible.
        Conflict: the case could not go on behind it; nothing was done.
    """
    try:
        step = attempted(run, act)
    except TaskNotOpenError as error:
        raise invalid("element", "not_possible", str(error)) from error
    except DataNotAllowedError as error:
        raise invalid("data", "not_allowed", str(error)) from error
    trouble = step.failed_entering or next(iter(step.incidents), None)
    if trouble is not None and trouble.error_type == CannotMoveError.__name__:
        raise invalid("element", "not_possible", trouble.message)
    if trouble is not None:
        name = run.published.name_of(trouble.element)
        raise Conflict(f"没有进行：之后在“{name}”处无法继续（{trouble.message}）。请一并更正所需的变量，或另选环节。")
    return step


def write_down(
    run: Run, step: Step, wish: Wish, act: str, words: str, after: Json, element: str | None, before: Json | None = None
) -> None:
    """Everything that people see of it; a step that nobody may do is refused."""
    why = wish.reason.strip()
    line = {"act": act, "actor_id": run.actor_id, "element": element, "comment": f"{words}。理由：{why}"}
    record_step(run, step, line)
    _refuse_deserted(run, step)
    changed = after | {"reason": why}
    record(run.session, run.actor, f"instance.{act}", instance_id=run.instance.id, before=before, after=changed)
    if run.instance.status == "running":
        deliver_kept(run)


_DESERTED = text("""
    SELECT t.name FROM tasks t WHERE t.id = ANY(:tasks) AND t.status = 'open' AND NOT EXISTS (
        SELECT FROM task_candidates c WHERE c.task_id = t.id AND c.is_open
    )
""")


def _refuse_deserted(run: Run, step: Step) -> None:
    opened = [UUID(task.id) for task in step.opened]
    names = list(run.session.scalars(_DESERTED, {"tasks": opened})) if opened else []
    if names:
        raise Conflict(f"没有进行：“{'、'.join(names)}”没有可办理人员。请先在账号管理中补充人员或角色。")
