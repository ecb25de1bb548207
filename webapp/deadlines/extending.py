"""A leader gives an open task more time, with a reason that both sides read.

Who may: a city or provincial officer whose region covers that of the office that acts, or of the case.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor, lies_in, may
from webapp.audit.operations import record
from webapp.deadlines.calendar import day_of, end_of
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.pauses import move_task
from webapp.deadlines.recomputing import in_words
from webapp.deadlines.rules import MOST_DAYS, Deadline, compute, with_added
from webapp.definitions.library import Published
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.instances.queries import decision_words
from webapp.instances.recording import write_history
from webapp.instances.running import HeldTask, Run, lock_task, refuse_unless_running
from webapp.problems import Conflict, Forbidden, NotFound, invalid
from webapp.registry.models import Region
from webapp.tasks.models import Task


def may_extend(session: Session, actor: Actor, instance: Instance, task: Task) -> bool:
    """Whether ``actor`` may give this task more time, as far as rights go."""
    if not (may(actor, "tasks.extend") and actor.is_office):
        return False
    if task.excluded_organisation_id == actor.organisation_id:
        return False
    return lies_in(_path_of_office(session, instance, task), actor.region_path)


def _path_of_office(session: Session, instance: Instance, task: Task) -> str:
    """Path of the region whose office acts; asks the database only where the path of the case does not tell."""
    path, code = instance.region_path, task.assigned_region
    codes = path.split("/")
    if code is None:
        return path
    if code in codes:
        return "/".join(codes[: codes.index(code) + 1])
    return session.scalar(select(Region.path).where(Region.code == code)) or path


def is_extendable(published: Published, instance: Instance, task: Task) -> bool:
    """Whether there is a deadline that a person can move now."""
    return instance.status == "running" and task.status == "open" and task.element not in published.timed


def extend(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: UUID,
    version: int,
    reason: str,
    *,
    until: datetime | None = None,
    working_days: int | None = None,
) -> datetime:
    """Move the due time of an open task to ``until``, or by ``working_days`` from where it is; returns it.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Forbidden: the actor sees it and is no leader of the office or above.
        Conflict: the task is done or has changed, or the diagram itself goes on when its time is over.
        Invalid: no reason, or no later time than now and than before.
    """
    run, held = lock_task(session, actor, now, task_id)
    task = held.task
    _refuse_unless_leader(run, actor, held)
    if not reason.strip():
        raise invalid("reason", "required", "请填写延期理由，办件双方都会看到。")
    before, to = task.due_at, _later(task, now, run.region, until, working_days)
    if task.status != "open" or not move_task(session, task_id, to, version=version):
        raise _missed(session, run, task_id)
    _write_down(run, actor, task, before, to.at, reason.strip())
    return to.at


def _refuse_unless_leader(run: Run, actor: Actor, held: HeldTask) -> None:
    if not held.is_candidate and not scope.may_see(run.session, actor, run.instance):
        raise NotFound
    if not may_extend(run.session, actor, run.instance, held.task):
        raise Forbidden("只有本级或上级文明办的市级、省级审核人员和负责人可以延长办理期限。")
    refuse_unless_running(run.instance)
    if held.task.element in run.published.timed:
        raise Conflict(f"“{held.task.name}”到期后按流程图自动转入下一环节，不能单独延期。")


def _write_down(run: Run, actor: Actor, task: Task, before: datetime | None, to: datetime, reason: str) -> None:
    comment = f"办理期限由 {in_words(before)} 延至 {in_words(to)}。理由：{reason}"
    line = {"act": "extend_deadline", "actor_id": actor.user_id, "element": task.element, "comment": comment}
    write_history(run, [line])
    record(
        run.session,
        actor,
        "task.extend",
        instance_id=run.instance.id,
        subject=f"task:{task.id}",
        before={"due_at": before.isoformat() if before else None},
        after={"due_at": to.isoformat(), "reason": reason},
    )


def _later(task: Task, now: datetime, region: str | None, until: datetime | None, working_days: int | None) -> Deadline:
    if (until is None) == (working_days is None):
        raise invalid("until", "one_of", "请填写新的截止日期，或延长的工作日数，二者只填一项。")
    to = _until(task, until, region) if until else _added(task, now, working_days or 0, region)
    if to.at <= now:
        raise invalid("until", "past", f"新的期限 {in_words(to.at)} 已经过去，请选择以后的日期。")
    if task.due_at is not None and to.at <= task.due_at:
        raise invalid("until", "earlier", f"新的期限须晚于现在的期限 {in_words(task.due_at)}。")
    return to


def _until(task: Task, until: datetime, region: str | None) -> Deadline:
    rule = {"until": until.isoformat(), "region": (task.due_rule or {}).get("region", region)}
    return Deadline(until, False, rule)


def _added(task: Task, now: datetime, days: int, region: str | None) -> Deadline:
    if not 1 <= days <= MOST_DAYS:
        raise invalid("working_days", "range", f"延长的工作日数须为 1 到 {MOST_DAYS}。")
    rule = with_added(task.due_rule, task.due_at or end_of(day_of(now)), days, task.assigned_region or region)
    due = compute(rule, task.opened_at, calendar_in_force())
    return Deadline(due.at, due.is_provisional, rule)


def _missed(session: Session, run: Run, task_id: UUID) -> Conflict:
    """What became of a task that was open when the request came in."""
    fresh = session.get_one(Task, task_id, populate_existing=True)
    if fresh.status != "open":
        return Conflict(decision_words(run, fresh))
    return Conflict("这项任务在您打开之后有了变化，请重新打开核对后再延期。", current_version=fresh.version)
