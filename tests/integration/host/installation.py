"""A real installation for tests: ``wenming run`` as a process of its own, on a free port and an empty folder."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

WENMING = Path(sys.executable).with_name("wenming")
_PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Installation:
    """One data folder and what runs on it."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = os.environ | {
            "WENMING_DATA": str(data),
            "PORT": str(self.port),
            "WENMING_DEMO": "0",
            "WENMING_WEB_WORKERS": "1",
            **environment,
        }
        self.environment.pop("DATABASE_URL", None)
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        log = self.data.parent / "console.log"
        with log.open("a") as console:
            self.process = subprocess.Popen(
                [WENMING, "run"], env=self.environment, stdout=console, stderr=console, text=True
            )
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until every part says that it is ready."""
        wait_until(lambda: self.ask("/readyz") == 200, self.console)

    def ask(self, path: str) -> int | None:
        """The status of a page; None when nobody answers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5).status_code
        except httpx.HTTPError:
            return None

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the command line on this installation."""
        return subprocess.run(
            [WENMING, *words], env=self.environment, capture_output=True, text=True, check=False, timeout=_PATIENCE
        )

    def processes(self) -> list[psutil.Process]:
        """Every living process of this installation: they have its folder in their environment or command."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def find(self, part: str) -> psutil.Process | None:
        """The oldest living process that does the work of ``part`` (``web``, ``worker`` or ``scheduler``)."""
        words = {"webapp.host.process", part}
        found = [process for process in self.processes() if words <= set(_command(process))]
        return min(found, key=psutil.Process.create_time, default=None)

    def console(self) -> str:
        """What was written to the console."""
        return (self.data.parent / "console.log").read_text()

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            mine = process.environ().get("WENMING_DATA") == str(self.data)
            return mine or str(self.data / "postgres") in process.cmdline()
        except psutil.Error:
            return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def wait_until(condition: Callable[[], bool], complaint: Callable[[], object]) -> None:
    """Wait for an observable condition; fail with what ``complaint`` tells when it does not come."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(0.05)
