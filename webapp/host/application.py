"""``wenming run``: everything an installation needs under one supervisor, from nothing to the printed address."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from webapp.config import ROOT, Settings
from webapp.host.addresses import sqlalchemy_url
from webapp.host.children import Child
from webapp.host.leash import on_parent_death
from webapp.host.preflight import RunLocks, check_folders, listen
from webapp.host.preparation import prepare
from webapp.host.server import EmbeddedServer
from webapp.host.supervisor import Supervisor
from webapp.host.web import READY_DESCRIPTOR
from webapp.host.welcome import welcome


def run_application(settings: Settings) -> None:
    """Start database, web server, worker and scheduler, and keep them running until SIGINT or SIGTERM.

    Raises:
        HostError: something on this machine stands in the way.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started us with it ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        check_folders(settings)
        locks = RunLocks(settings.data)
        stack.callback(locks.release)
        locks.take()
        listener = stack.enter_context(listen(settings))
        url, database = stack.enter_context(_database(settings))
        prepared = prepare(settings, url)
        ready_end, telling_end = os.pipe()
        environment = os.environ | {"DATABASE_URL": url, READY_DESCRIPTOR: str(telling_end), "PYTHONUNBUFFERED": "1"}
        kept = (locks.children.descriptor, telling_end)
        children = [
            *database,
            _wenming("web", environment, kept, listener),
            _wenming("worker", environment, kept),
            _wenming("scheduler", environment, kept),
        ]
        Supervisor(children, ready_end, lambda: welcome(settings, prepared)).run()
        listener.close()


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, list[Child]]]:
    if settings.database_url is not None:
        yield sqlalchemy_url(settings.database_url), []
        return
    server = EmbeddedServer(settings.data)
    url = server.own()
    try:
        child = Child("database", server.spawn, server.process, outlives=True)
        yield url, [child]
    finally:
        server.stop()


def _wenming(
    name: str, environment: dict[str, str], kept: tuple[int, ...], listener: socket.socket | None = None
) -> Child:
    words = [sys.executable, "-m", "webapp.host.process", name]
    if listener is not None:
        words.append(f"fd://{listener.fileno()}")
        kept = (*kept, listener.fileno())

    def spawn() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (ourselves, no shell)
            words,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=kept,
            start_new_session=True,
            preexec_fn=on_parent_death(signal.SIGTERM),  # noqa: PLW1509 (no threads here)
        )

    return Child(name, spawn)
