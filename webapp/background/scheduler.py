"""The scheduler process: turns the time of day into ticks. Any number may run; each tick happens once."""

import logging
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webapp.background.deferral import tick
from webapp.background.registry import Job, list_periodic_jobs
from webapp.background.schedules import Schedule
from webapp.clock import real_now
from webapp.database import transaction
from webapp.host.heartbeats import EVERY_SECONDS, beat, leave

log = logging.getLogger(__name__)
_CATCH_UP = timedelta(minutes=1)


def run_scheduler(app: Flask) -> None:
    """Work as one scheduler process until SIGTERM or SIGINT."""
    scheduler = BlockingScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
    for job, schedule in list_periodic_jobs():
        scheduler.add_job(_tick_if_due, schedule.trigger, args=(app, job, schedule), id=job.name)
    soon = datetime.now(UTC)
    scheduler.add_job(_beat, "interval", seconds=EVERY_SECONDS, args=(app,), next_run_time=soon)
    scheduler.add_job(catch_up, "interval", seconds=_CATCH_UP.total_seconds(), args=(app,), next_run_time=soon)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        scheduler.start()
    finally:
        with app.app_context(), suppress(SQLAlchemyError), transaction() as session:
            leave(session, "scheduler")


def catch_up(app: Flask) -> None:
    """Tick what became due while no scheduler ran or the database was away."""
    for job, schedule in list_periodic_jobs():
        _tick_if_due(app, job, schedule)


def _tick_if_due(app: Flask, job: Job, schedule: Schedule) -> None:
    due = schedule.latest(real_now())
    if due is None:
        return
    try:
        with app.app_context(), transaction() as session:
            tick(session, job.name, due)
    except SQLAlchemyError as error:
        log.warning("%s was not ticked and will be: %s", job.name, type(error).__name__)


def _beat(app: Flask) -> None:
    try:
        with app.app_context(), transaction() as session:
            beat(session, "scheduler")
    except SQLAlchemyError as error:
        log.warning("no sign of life could be written: %s", type(error).__name__)
