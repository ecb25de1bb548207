"""What leaders and the administrator do to an instance as a whole: suspend, resume, retry after an incident."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.instances import scope
from webapp.instances.models import Incident, Instance
from webapp.instances.operations import deliver_kept
from webapp.instances.recording import record_step, write_history
from webapp.instances.running import Run, lock_instance
from webapp.problems import Conflict, NotFound, invalid
from webapp.tasks import candidates
from workflows import NothingToRetryError, Step, complete, retry


def suspend(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str) -> Instance:
    """Suspend (挂起) a running instance: nobody can act on it and its timers wait."""
    return _switch(session, actor, now, instance_id, reason, ("running", "suspended"))


def resume(session: Session, actor: Actor, now: datetime, instance_id: int, reason: str) -> Instance:
    """Resume (恢复) a suspended instance."""
    return _switch(session, actor, now, instance_id, reason, ("suspended", "running"))


_SWITCH = text("""
    WITH moved AS (
        UPDATE tasks SET status = :task_to WHERE instance_id = :instance AND status = :task_from RETURNING id
    ) UPDATE task_candidates SET is_open = :is_open WHERE task_id IN (SELECT id FROM moved)
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
    values = {"task_from": names[0], "task_to": names[1], "instance": instance_id, "is_open": is_open}
    session.execute(_SWITCH, values)
    session.execute(
        update(Instance).where(Instance.id == instance_id).values(status=after, version=Instance.version + 1)
    )
    run.instance.status = after
    act = "resume" if is_open else "suspend"
    write_history(run, [{"act": act, "actor_id": actor.user_id, "comment": reason.strip()}])
    record(session, actor, f"instance.{act}", instance_id=instance_id, after={"reason": reason.strip()})
    return run.instance


def retry_incident(
    session: Session, actor: Actor | None, now: datetime, instance_id: int, data: dict[str, Any] | None = None
) -> Instance:
    """Try again what failed, after its cause was mended: failed elements, kept decisions, missing candidates.

    Args:
        actor: ``None`` when the machine retries by itself.
        data: corrections to the variables of the failed element.

    Raises:
        Conflict: nothing has failed here.
    """
    run = lock_instance(session, actor, now, instance_id)
    incidents = _open_incidents(session, instance_id)
    if not incidents:
        raise Conflict("这个办件没有待处理的异常。")
    for incident in incidents:
        incident.retries += 1
        incident.next_retry_at = None
        if _succeeds(run, incident, data or {}):
            incident.status, incident.resolved_at = "resolved", now
            incident.resolved_by = run.actor_id
    session.flush()
    record(session, actor, "instance.retry", instance_id=instance_id, after={"incidents": [i.id for i in incidents]})
    return run.instance


def _open_incidents(session: Session, instance_id: int) -> list[Incident]:
    query = select(Incident).where(Incident.instance_id == instance_id, Incident.status == "open")
    return list(session.scalars(query.order_by(Incident.id)))


def _succeeds(run: Run, incident: Incident, data: dict[str, Any]) -> bool:
    if incident.kind == "nobody":
        return not candidates.fill(run.session, [UUID((incident.pending or {})["task"])])
    step = _step_again(run, incident, data)
    if step is None:
        return True
    if step.failed_entering:
        incident.message, incident.trace = step.failed_entering.message, step.failed_entering.trace
        return False
    write_history(
        run, [{"element": incident.element, "act": "retry", "actor_id": run.actor_id, "machine": run.actor is None}]
    )
    record_step(run, step)
    deliver_kept(run, step)
    return True


def _step_again(run: Run, incident: Incident, data: dict[str, Any]) -> Step | None:
    state, definition = run.instance.state or "", run.published.definition
    if incident.kind == "replay":
        pending = incident.pending or {}
        return complete(definition, state, pending["task"], pending["facts"] | data, run.context())
    try:
        return retry(definition, state, run.context(), data)
    except NothingToRetryError:
        return None
