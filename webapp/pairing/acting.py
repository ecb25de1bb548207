"""Do the open step of a pair without knowing its task: log the month, evaluate. The same as completing the task."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.clock import SHANGHAI
from webapp.instances.models import Instance
from webapp.instances.processes import Json
from webapp.pairing.queries import get_row
from webapp.problems import Conflict, Forbidden
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task

LOG = ("write_log",)
EVALUATE = ("evaluate_midterm", "evaluate_year")
_WAITS = {
    LOG: "现在没有待记录的月份：本月已经办结，或计划还没有确认。下个月开始后再记录。",
    EVALUATE: "现在没有到评估的时候：记满六个月年中评估，满十二个月年度评估。",
}


def act(session: Session, actor: Actor, now: datetime, pairing_id: int, steps: tuple[str, ...], data: Json) -> Instance:
    """Complete the open task of one of the steps.

    Raises:
        NotFound: the pair may not be seen.
        Conflict: no such step is open now.
        Forbidden: somebody else does it.
        Invalid: the answers need correction.
    """
    pairing = get_row(session, actor, pairing_id, now.astimezone(SHANGHAI).date()).Pairing
    open_one = select(Task.id, Task.version).where(
        Task.instance_id == pairing.instance_id, Task.element.in_(steps), Task.status == "open"
    )
    task = session.execute(open_one.limit(1)).one_or_none()
    if task is None:
        raise Conflict(_WAITS[steps])
    mine = exists().where(
        TaskCandidate.task_id == task.id, TaskCandidate.user_id == actor.user_id, TaskCandidate.is_open
    )
    if not session.scalar(select(mine)):
        who = "帮创单位" if steps == LOG else "负责督导的文明办"
        raise Forbidden(f"这一步由{who}办理，您不能代为办理。")
    return complete_task(session, actor, now, task.id, data, task.version).instance
