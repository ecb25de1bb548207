"""The worker process: does queued jobs, each in a thread with an application context of its own."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, cast

import procrastinate
import psycopg
from flask import Flask
from procrastinate.exceptions import ConnectorException
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
_AGAIN_SECONDS = 2.0
_CONCURRENCY = 2


class _Connector(procrastinate.PsycopgConnector):
    """Notes when the database went away: what was to be written down then, e.g. that a job is done, never was."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.is_lost = asyncio.Event()

    async def execute_query_async(self, query: LiteralString, **values: Any) -> None:
        with self._noting():
            await super().execute_query_async(query, **values)

    async def execute_query_one_async(self, query: LiteralString, **values: Any) -> dict[str, Any]:
        with self._noting():
            found: dict[str, Any] = await super().execute_query_one_async(query, **values)
            return found

    async def execute_query_all_async(self, query: LiteralString, **values: Any) -> list[dict[str, Any]]:
        with self._noting():
            found: list[dict[str, Any]] = await super().execute_query_all_async(query, **values)
            return found

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
                self.is_lost.set()
            raise


def make_queue(app: Flask, database_url: str) -> procrastinate.App:
    """The queue with every job of every area, for a worker of the application ``app``."""
    connector = _Connector(conninfo=libpq_url(database_url), max_size=4, timeout=_DATABASE_SECONDS)
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


async def work(queue: procrastinate.App) -> None:
    """Do jobs until the queue is empty."""
    async with queue.open_async():
        await _worker(queue, wait=False)


def _worker(queue: procrastinate.App, *, wait: bool) -> Coroutine[Any, Any, None]:
    return queue.run_worker_async(
        wait=wait,
        concurrency=_CONCURRENCY,
        install_signal_handlers=False,
        listen_notify=wait,
        fetch_job_polling_interval=2.0,
        update_heartbeat_interval=float(EVERY_SECONDS),
        stalled_worker_timeout=float(STALLED_SECONDS),
        shutdown_graceful_timeout=_FINISH_SECONDS,
    )


async def keep_working(app: Flask, database_url: str) -> None:
    """Do jobs until SIGTERM or SIGINT.

    When the database goes away the worker is given up, and its jobs with it: a new one begins as soon as the database
    answers, and takes over what the old one had in hand.
    """
    asked_to_stop = asyncio.Event()
    _stop_on_signal(asked_to_stop)
    while not asked_to_stop.is_set():
        queue = make_queue(app, database_url)
        try:
            async with queue.open_async():
                await _work_until(queue, asked_to_stop)
        except (ConnectorException, psycopg.Error) as error:
            log.warning("the database went away and is asked again: %s", type(error).__name__)
        if not asked_to_stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(asked_to_stop.wait(), _AGAIN_SECONDS)


async def _work_until(queue: procrastinate.App, asked_to_stop: asyncio.Event) -> None:
    """Do jobs until that is asked for, or the database is lost."""
    lost = cast("_Connector", queue.connector).is_lost
    working = asyncio.ensure_future(_worker(queue, wait=True))
    reasons = [asyncio.ensure_future(event.wait()) for event in (asked_to_stop, lost)]
    await asyncio.wait([working, *reasons], return_when=asyncio.FIRST_COMPLETED)
    for waiting in (*reasons, working):
        waiting.cancel()
    with suppress(asyncio.CancelledError):
        await working


def _stop_on_signal(asked_to_stop: asyncio.Event) -> None:
    parent = os.getppid()

    def stop() -> None:
        asked_to_stop.set()
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
        asyncio.run(keep_working(app, database_url))
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
