"""What leaders and the administrator do to an instance as a whole: suspend, resume, retry after an incident."""

from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.deadlines.pauses import begin_pause, end_pause
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.instances.operations import deliver_kept
from webapp.instances.recording import write_history
from webapp.instances.repairs import retry_incident
from webapp.instances.running import lock_instance
from webapp.problems import Conflict, NotFound, invalid
from webapp.tasks import candidates

__all__ = ["resume", "retry_incident", "suspend"]


def suspend(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str) -> Instance:
    """Suspend (挂起) a running instance: nobody can act on it, its clock stands still and its timers wait."""
    return _switch(session, actor, now, instance_id, reason, ("running", "suspended"))


def resume(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str) -> Instance:
    """Resume (恢复) a suspended instance; open deadlines move by the working days that were lost."""
    return _switch(session, actor, now, instance_id, reason, ("suspended", "running"))


_SWITCH = text("""
    WITH moved AS (
        UPDATE tasks SET status = :task_to WHERE instance_id = :instance AND status = :task_from RETURNING id
    ) UPDATE task_candidates SET is_open = false WHERE task_id IN (SELECT id FROM moved) AND is_open
""")


def _switch(
    session: Session, actor: Actor, now: datetime, instance_id: int, reason: str, change: tuple[str, str]
) -> Instance:
    run = lock_instance(session, actor, now, instance_id)
    if not scope.may_see(session, actor, run.instance):
        raise NotFound
    if not reason.strip():
        raise invalid("reason", "required", "请填写理由。")
    before, after = change
    if run.instance.status != before:
        raise Conflict(f"办件 {run.instance.number} 当前不是“{'办理中' if before == 'running' else '已挂起'}”状态。")
    is_open = after == "running"
    names = ("suspended", "open") if is_open else ("open", "suspended")
    session.execute(_SWITCH, {"task_from": names[0], "task_to": names[1], "instance": instance_id})
    lost = 0
    if is_open:
        lost = end_pause(session, now, instance_id)
        candidates.reopen(session, now, instance_id)
    else:
        begin_pause(session, now, instance_id, reason.strip())
    session.execute(
        update(Instance).where(Instance.id == instance_id).values(status=after, version=Instance.version + 1)
    )
    run.instance.status = after
    act = "resume" if is_open else "suspend"
    told = f"{reason.strip()}（办理期限顺延 {lost} 个工作日）" if lost else reason.strip()
    write_history(run, [{"act": act, "actor_id": actor.user_id, "comment": told}])
    record(session, actor, f"instance.{act}", instance_id=instance_id, after={"reason": reason.strip()})
    if is_open:
        deliver_kept(run)
    return run.instance
