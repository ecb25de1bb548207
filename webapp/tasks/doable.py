"""What keeps a person from doing a task, in the words that they get."""

from sqlalchemy import text

from webapp.access import Actor
from webapp.instances import scope
from webapp.instances.queries import decision_words
from webapp.instances.running import HeldTask, Run, refuse_unless_running
from webapp.problems import Conflict, Forbidden, NotFound, Problem
from webapp.tasks.models import Task


def refuse_unless_doable(run: Run, held: HeldTask, version: int | None) -> None:
    """Raise what keeps the actor of ``run`` from deciding the task."""
    task, actor = held.task, run.actor
    assert actor is not None  # noqa: S101 (a person decides)
    if not held.is_candidate:
        raise _not_theirs(run, held, actor)
    refuse_unless_running(run.instance)
    if task.status != "open":
        raise became(run, held)
    if task.claimed_by not in {None, actor.user_id}:
        raise Conflict(f"“{task.name}”已由其他人领取办理。请返回列表选择下一件。")
    if version is not None and version != task.version:
        raise Conflict("这项任务在您打开之后有了变化，请重新打开核对后再提交。", current_version=task.version)


def _not_theirs(run: Run, held: HeldTask, actor: Actor) -> Problem:
    """Why a task is not somebody's to decide, as far as they may know."""
    task = held.task
    if not scope.may_see(run.session, actor, run.instance):
        return NotFound()
    if task.status in {"done", "cancelled"}:
        return became(run, held)
    if task.status == "suspended":
        refuse_unless_running(run.instance)
    if absent := _stood_in_for(run, actor, task):
        return Conflict(f"您代{absent}办理的期间已经结束，“{task.name}”已回到{absent}手里，您的提交没有生效。")
    return Forbidden(f"“{task.name}”不由您办理。回避规则或岗位职责决定了办理人，请联系本级负责人。")


_ABSENT = text("""
    SELECT u.name FROM task_candidates c JOIN users u ON u.id = c.on_behalf_of
    WHERE c.task_id = :task AND c.user_id = :user
""")


def _stood_in_for(run: Run, actor: Actor, task: Task) -> str | None:
    """For whom somebody stood in at a task that is not theirs to do any more."""
    name: str | None = run.session.scalar(_ABSENT, {"task": task.id, "user": actor.user_id})
    return name


def became(run: Run, held: HeldTask) -> Conflict:
    """The conflict of somebody who came second, with what became of the task."""
    return Conflict(decision_words(run, held.task))
