"""The web server of the installation, as configured there, with the application or the bare view behind it.

``python -m tests.benchmarks.serving application|bare DATABASE_URL DATA BIND`` is the server process itself.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from tests.benchmarks.bare import create_bare_app
from tests.benchmarks.laboratory import WEB_WORKERS, Laboratory
from tests.conftest import make_settings
from webapp.config import ROOT
from webapp.host.web import READY_DESCRIPTOR, WebServer

_STOP_SECONDS = 10


class BareServer(WebServer):
    """The same server with the bare view."""

    def load(self) -> Flask:
        return create_bare_app(self._database_url)


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The process ids of its web workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in children.read_text().split()]

    def memory(self) -> list[tuple[float, float]]:
        """Resident megabytes of each worker, and the same with shared pages divided among those who share them."""
        return [_memory(worker) for worker in self.workers()]


@contextmanager
def serve(kind: str, laboratory: Laboratory, database_url: str) -> Iterator[Served]:
    """Start a server and stop it at the end of the block."""
    ready, telling = os.pipe()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.serving",
                kind,
                database_url,
                str(laboratory.settings.data),
                f"fd://{descriptor}",
            ],
            cwd=ROOT,
            env=os.environ | {READY_DESCRIPTOR: str(telling)},
            pass_fds=(descriptor, telling),
            stdin=subprocess.DEVNULL,
        )
        os.close(telling)
        port: int = listener.getsockname()[1]
    try:
        _await_workers(ready)
        yield Served(port, process)
    finally:
        os.close(ready)
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_workers(ready: int) -> None:
    told = 0
    while told < WEB_WORKERS:
        said = os.read(ready, WEB_WORKERS)
        if not said:
            raise RuntimeError("the server ended before it was ready")
        told += len(said)


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes["Rss"], sizes["Pss"]


def main(kind: str, database_url: str, data: str, bind: str) -> None:
    """Be the server until a signal."""
    settings = replace(make_settings(Path(data)), web_workers=WEB_WORKERS)
    server = {"application": WebServer, "bare": BareServer}[kind]
    server(settings, database_url, bind).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
