"""Every periodic job of every area runs on an installation that has nothing to do yet."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from webapp.background.registry import list_periodic_jobs

LEFT_TO_THEIR_OWN_TESTS = {"host.backup"}


def names() -> list[str]:
    return [job.name for job, _schedule in list_periodic_jobs() if job.name not in LEFT_TO_THEIR_OWN_TESTS]


def test_what_must_be_there() -> None:
    wanted = {
        "accounts.sessions",
        "attachments.orphans",
        "audit.seal",
        "audit.seal_thoroughly",
        "background.housekeeping",
        "deadlines.calendar_watch",
        "instances.retries",
        "instances.timers",
        "mail.digests",
        "mail.sweep",
        "reminders.overdue",
        "reminders.sweep",
    }
    assert wanted <= set(names())


@pytest.mark.parametrize("name", names())
def test_a_job_runs_twice_on_an_empty_installation(app: Flask, session: Session, name: str) -> None:
    (job,) = [job for job, _schedule in list_periodic_jobs() if job.name == name]
    job.run()
    job.run()


def test_due_timers_are_looked_for_often_enough() -> None:
    """Timers fire within a minute of their time, also after the business clock was advanced."""
    (seconds,) = [
        schedule.every.total_seconds()
        for job, schedule in list_periodic_jobs()
        if job.name == "instances.timers" and schedule.every
    ]
    assert seconds <= 10
