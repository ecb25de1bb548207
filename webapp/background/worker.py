"""The worker process: does queued jobs, each in a thread with an application context of its own."""

import asyncio
import logging
import os
import signal
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
_LAST_SECONDS = 8
_ORPHAN_SECONDS = 2
_DATABASE_SECONDS = 4.0


def make_queue(app: Flask, database_url: str) -> procrastinate.App:
    """The queue with every job of every area, for a worker of the application ``app``."""
    connector = procrastinate.PsycopgConnector(conninfo=libpq_url(database_url), max_size=4, timeout=_DATABASE_SECONDS)
    queue = procrastinate.App(connector=connector)
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
    """Do jobs until SIGTERM or SIGINT; with ``wait=False`` until the queue is empty."""
    async with queue.open_async():
        working = asyncio.ensure_future(
            queue.run_worker_async(
                wait=wait,
                concurrency=concurrency,
                install_signal_handlers=False,
                listen_notify=wait,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=float(EVERY_SECONDS),
                stalled_worker_timeout=float(STALLED_SECONDS),
                shutdown_graceful_timeout=_FINISH_SECONDS,
            )
        )
        if wait:
            _stop_on_signal(working)
        with suppress(asyncio.CancelledError):
            await working


def _stop_on_signal(working: asyncio.Future[None]) -> None:
    parent = os.getppid()

    def stop() -> None:
        working.cancel()
        # A database that has gone, perhaps with the supervisor, must not keep us: our jobs are taken over.
        signal.alarm(_LAST_SECONDS if os.getppid() == parent else _ORPHAN_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)


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
