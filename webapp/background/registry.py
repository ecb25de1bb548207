"""The jobs that workers can do: each area declares its own in ``jobs.py``, nothing is listed twice.

Job functions run in a worker thread with an application context and open their own transactions. A job may
run again after its worker died in the middle: it locks and re-checks what it touches.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

import webapp
from webapp.background import schedules

JobFunction = TypeVar("JobFunction", bound=Callable[..., None])
DEFAULT_QUEUE = "default"


@dataclass(frozen=True)
class Job:
    """What a worker can do under ``name``; after an error it is tried ``attempts`` times in all."""

    name: str
    run: Callable[..., None]
    queue: str
    attempts: int
    schedule: schedules.Schedule | None = None


_JOBS: dict[str, Job] = {}


def task(name: str, *, queue: str = DEFAULT_QUEUE, attempts: int = 5) -> Callable[[JobFunction], JobFunction]:
    """Declare a job that operations defer; its arguments are JSON."""
    return _declare(name, queue, attempts, None)


def periodic(
    name: str, *, every: timedelta | None = None, cron: str | None = None, queue: str = DEFAULT_QUEUE
) -> Callable[[JobFunction], JobFunction]:
    """Declare a job without arguments that is due ``every`` so often, or as ``cron`` says (Asia/Shanghai).

    Never two at once; while one waits, further ticks add nothing. A missed daily job is made up at the next start.
    """
    if (every is None) == (cron is None):
        message = f"{name}: give either every or cron"
        raise ValueError(message)
    schedule = schedules.every(every) if every is not None else schedules.crontab(cron or "")
    return _declare(name, queue, 1, schedule)


def _declare(
    name: str, queue: str, attempts: int, schedule: schedules.Schedule | None
) -> Callable[[JobFunction], JobFunction]:
    def declare(function: JobFunction) -> JobFunction:
        known = _JOBS.get(name)
        if known is not None and known.run.__module__ != function.__module__:
            message = f"two jobs are called {name!r}"
            raise ValueError(message)
        _JOBS[name] = Job(name, function, queue, attempts, schedule)
        return function

    return declare


def find_job(name: str) -> Job | None:
    """The job of that name, if any area declares it."""
    _discover()
    return _JOBS.get(name)


def list_jobs() -> list[Job]:
    """Every job of every area, by name."""
    _discover()
    return sorted(_JOBS.values(), key=lambda job: job.name)


def list_periodic_jobs() -> list[tuple[Job, schedules.Schedule]]:
    """The jobs that have a schedule, by name."""
    return [(job, job.schedule) for job in list_jobs() if job.schedule is not None]


def _discover() -> None:
    for area in pkgutil.iter_modules(webapp.__path__):
        name = f"webapp.{area.name}.jobs"
        if area.ispkg and find_spec(name) is not None:
            import_module(name)
