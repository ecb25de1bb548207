"""What workers do about deadlines: compute open ones again after a change, and watch for years that are missing."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.deadlines.current import calendar_in_force, forget_calendar, missing_year
from webapp.deadlines.operations import RECOMPUTE, REPLAN
from webapp.deadlines.recomputing import list_dated, list_moved, recompute, replan
from webapp.mail.operations import Recipients, enqueue

_ADMINISTRATORS = Recipients(administrators=True)
_AGAIN = timedelta(days=6, hours=12)
log = logging.getLogger(__name__)


@task(RECOMPUTE)
def recompute_deadlines(reason: str) -> None:
    """Move every open deadline that the calendar in force gives otherwise, each case in its own transaction."""
    forget_calendar()
    calendar = calendar_in_force()
    _move(list_moved(calendar), lambda session, case: recompute(session, clock.now(), case, calendar, reason), reason)


@task(REPLAN)
def replan_deadlines(batch: int, reason: str) -> None:
    """Move every open deadline of a batch that its dates give otherwise, each case in its own transaction."""
    _move(list_dated(batch), lambda session, case: replan(session, clock.now(), case, reason), reason)


@periodic("deadlines.calendar_watch", cron="30 8 * * *")
def watch_calendar() -> None:
    """Tell the administrators, once a week, of a year whose holidays ought to be imported by now."""
    year = missing_year(clock.today())
    if year is not None:
        with transaction() as session:
            topic = f"calendar:{year}"
            enqueue(session, "calendar", _ADMINISTRATORS, {"year": year}, topic=topic, again_after=_AGAIN)


def _move(instances: Iterable[int], act: Callable[[Session, int], int], reason: str) -> None:
    moved = failed = 0
    for instance_id in instances:
        try:
            with transaction() as session:
                moved += act(session, instance_id)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the job is tried again
        except Exception:
            failed += 1
            log.exception("deadlines of instance %s", instance_id)
    log.info("%s deadlines moved, %s cases failed: %s", moved, failed, reason)
