"""What keeps a person from doing a task, in the words that they get."""

from webapp.instances import scope
from webapp.instances.queries import decision_words
from webapp.instances.running import HeldTask, Run, refuse_unless_running
from webapp.problems import Conflict, Forbidden, NotFound


def refuse_unless_doable(run: Run, held: HeldTask, version: int | None) -> None:
    """Raise what keeps the actor of ``run`` from deciding the task."""
    task, actor = held.task, run.actor
    assert actor is not None  # noqa: S101 (a person decides)
    if not held.is_candidate:
        if not scope.may_see(run.session, actor, run.instance):
            raise NotFound
        if task.status in {"done", "cancelled"}:
            raise became(run, held)
        if task.status == "suspended":
            refuse_unless_running(run.instance)
        raise Forbidden(f"“{task.name}”不由您办理。回避规则或岗位职责决定了办理人，请联系本级负责人。")
    refuse_unless_running(run.instance)
    if task.status != "open":
        raise became(run, held)
    if task.claimed_by not in {None, actor.user_id}:
        raise Conflict(f"“{task.name}”已由其他人领取办理。请返回列表选择下一件。")
    if version is not None and version != task.version:
        raise Conflict("这项任务在您打开之后有了变化，请重新打开核对后再提交。", current_version=task.version)


def became(run: Run, held: HeldTask) -> Conflict:
    """The conflict of somebody who came second, with what became of the task."""
    return Conflict(decision_words(run, held.task))
