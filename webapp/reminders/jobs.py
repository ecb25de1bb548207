"""The sweep: every half minute, whatever has come since the last one."""

import logging
from datetime import timedelta

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.reminders.operations import BATCH, sweep_batch

log = logging.getLogger(__name__)


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
