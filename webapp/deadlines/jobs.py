"""What workers do about deadlines: compute open ones again after the calendar has changed."""

import logging

from sqlalchemy.exc import InterfaceError, OperationalError

from webapp import clock
from webapp.background.registry import task
from webapp.database import transaction
from webapp.deadlines.current import calendar_in_force, forget_calendar
from webapp.deadlines.operations import RECOMPUTE
from webapp.deadlines.recomputing import list_moved, recompute

log = logging.getLogger(__name__)


@task(RECOMPUTE)
def recompute_deadlines(reason: str) -> None:
    """Move every open deadline that the calendar in force gives otherwise, each case in its own transaction."""
    forget_calendar()
    calendar, moved, failed = calendar_in_force(), 0, 0
    for instance_id in list_moved(calendar):
        try:
            with transaction() as session:
                moved += recompute(session, clock.now(), instance_id, calendar, reason)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the job is tried again
        except Exception:
            failed += 1
            log.exception("deadlines of instance %s", instance_id)
    log.info("%s deadlines moved, %s cases failed: %s", moved, failed, reason)
