"""The worker process: does queued jobs, each in a thread with an application context of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import procrastinate
from flask import Flask
from procrastinate.retry import RetryStrategy
from sqlalchemy.exc import SQLAlchemyError

from webapp.background.pulse import STALLED_SECONDS, take_over
from webapp.background.registry import Job, list_jobs
from webapp.database import transaction
from webapp.host.addresses import libpq_url
from webapp.host.heartbeats import EVERY_SECONDS, beat, leave

log = logging.getLogger(__name__)
_FIRST_RETRY_SECONDS = 4
_FINISH_SECONDS = 6.0


def make_queue(app: Flask, database_url: str) -> procrastinate.App:
    """The queue with every job of every area, for a worker of the application ``app``."""
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=libpq_url(database_url), max_size=4))
    for job in list_jobs():
        retry = RetryStrategy(max_attempts=job.attempts, exponential_wait=_FIRST_RETRY_SECONDS)
        queue.task(name=job.name, queue=job.queue, retry=retry if job.attempts > 1 else False)(_in_context(app, job))
    return queue


def _in_context(app: Flask, job: Job) -> Callable[..., None]:
    def run(**arguments: Any) -> None:
        with app.app_context():
            job.run(**arguments)

    return run


async def work(queue: procrastinate.App, *, wait: bool = True, concurrency: int = 2) -> None:
    """Do jobs until a signal asks to stop; with ``wait=False`` until the queue is empty."""
    async with queue.open_async():
        await queue.run_worker_async(
            wait=wait,
            concurrency=concurrency,
            install_signal_handlers=wait,
            listen_notify=wait,
            fetch_job_polling_interval=2.0,
            update_heartbeat_interval=float(EVERY_SECONDS),
            stalled_worker_timeout=float(STALLED_SECONDS),
            shutdown_graceful_timeout=_FINISH_SECONDS,
        )


def run_worker(app: Flask, database_url: str) -> None:
    """Work as one worker process until SIGTERM or SIGINT."""
    stopping = threading.Event()
    pulse = threading.Thread(target=_keep_pulse, args=(app, stopping), daemon=True)
    pulse.start()
    try:
        asyncio.run(work(make_queue(app, database_url)))
    finally:
        stopping.set()
        pulse.join(EVERY_SECONDS)
        with app.app_context(), suppress(SQLAlchemyError), transaction() as session:
            leave(session, "worker")


def _keep_pulse(app: Flask, stopping: threading.Event) -> None:
    with app.app_context():
        while True:
            try:
                with transaction() as session:
                    beat(session, "worker")
                    take_over(session)
            except SQLAlchemyError as error:
                log.warning("no sign of life could be written: %s", type(error).__name__)
            if stopping.wait(EVERY_SECONDS):
                return
