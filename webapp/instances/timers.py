"""Let the due timers of an instance fire, once: it is locked unless busy, looked at again by that lock, and goes on.

Does not wait for the disk: what a crash of the machine undoes is still due afterwards and fires then, and whatever
people did on top of it reached the disk together with it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.audit.operations import record
from webapp.instances.incidents import ADVANCE, REPLAY
from webapp.instances.models import Instance
from webapp.instances.operations import deliver_kept
from webapp.instances.recording import record_step, report_failed
from webapp.instances.running import attempted, make_run
from webapp.statements import Statement, columns_of, loaded
from workflows import advance

_RUNNING = Statement(f"""
    SELECT {columns_of(Instance, "i")}, set_config('synchronous_commit', 'off', true) FROM instances i
    WHERE i.id = :instance AND i.status = 'running' AND NOT EXISTS (
        SELECT FROM incidents x WHERE x.instance_id = i.id AND x.status = 'open' AND x.kind = 'replay'
            AND x.pending->>'act' = 'advance'
    ) FOR UPDATE OF i SKIP LOCKED
""")  # noqa: S608 (only constants of this module)


def fire_due(session: Session, now: datetime, instance_id: int) -> bool:
    """Let the timers of an instance that are due fire; returns whether one did.

    Skips what is busy, not due, not running, or already has an incident about its timers.
    """
    rows = _RUNNING.execute(session, {"instance": instance_id})
    if not rows:
        return False
    run = make_run(session, None, now, loaded(session, Instance, rows[0][:-1]))
    due = [w for w in run.instance.waits if w["kind"] == "timer" and datetime.fromisoformat(w["due_at"]) < now]
    if not due:
        return False
    definition, state = run.published.definition, run.instance.state or ""
    step = attempted(run, lambda: advance(definition, state, run.context()))
    elements = {"elements": [w["element"] for w in due]}
    if step.failed_entering:
        report_failed(run, REPLAY, step.failed_entering, ADVANCE)
        record(session, None, "timer.fail", instance_id=instance_id, after=elements)
        return False
    record_step(run, step)
    record(session, None, "timer.fire", instance_id=instance_id, after=elements)
    deliver_kept(run)
    return True
