"""The sweeps: every half minute, whatever has come since the last one."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.instances.running import LOST
from webapp.reminders.operations import BATCH, LATER, sweep_batch
from webapp.reminders.overdue import act_on_ended, list_ended, postpone_act

log = logging.getLogger(__name__)


@periodic("reminders.overdue", every=timedelta(seconds=30))
def act_on_overdue() -> None:
    """Hand over or decide what the diagrams declare for the end of the time, each case in its own transaction."""
    now, acted, goes_on = clock.now(), 0, True
    while goes_on:
        with transaction() as session:
            found = list_ended(session, now, BATCH)
        done = sum(_act(now, task_id, instance_id) for task_id, instance_id in found)
        acted, goes_on = acted + done, len(found) == BATCH and done > 0
    if acted:
        log.info("%s tasks handed over or decided at the end of their time", acted)


def _act(now: datetime, task_id: UUID, instance_id: int) -> bool:
    try:
        with transaction() as session:
            return act_on_ended(session, now, task_id, instance_id)
    except LOST:
        raise
    except Exception:
        log.exception("end of the time of task %s", task_id)
        with transaction() as session:
            postpone_act(session, task_id, now + LATER)
        return False


@periodic("reminders.sweep", every=timedelta(seconds=30))
def send_notices() -> None:
    """Remind of and escalate what has come by the business clock, in batches."""
    now, told, looked = clock.now(), 0, BATCH
    while looked == BATCH:
        with transaction() as session:
            looked, count = sweep_batch(session, now)
        told += count
    if told:
        log.info("%s tasks reminded of or escalated", told)
