"""A supervised process: started, started again with growing pauses when it ends, stopped with all it started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
_STEADY_SECONDS = 60.0


class Child:
    """One process; ``spawn`` starts it, as the leader of a process group of its own, unless ``process`` is it already.

    One that ``outlives`` the others is stopped by whoever made it, after them.
    """

    def __init__(
        self,
        name: str,
        spawn: Callable[[], subprocess.Popen[bytes]],
        process: subprocess.Popen[bytes] | None = None,
        *,
        outlives: bool = False,
    ) -> None:
        self.name = name
        self.outlives = outlives
        self.process = process
        self.failures = 0
        self._spawn = spawn
        self._started_at = time.monotonic()
        self._start_at = 0.0
        self._rest = b""

    def start(self) -> None:
        """Start it now."""
        self._started_at = time.monotonic()
        self.process = self._spawn()
        if self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)

    def has_ended(self) -> int | None:
        """The exit code of a process that has just ended; the next start is planned then."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.signal(signal.SIGKILL)
        self.process = None
        steady = time.monotonic() - self._started_at > _STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        self._start_at = time.monotonic() + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self.failures - 1))
        return code

    def is_due(self) -> bool:
        """Whether the pause after the last end is over."""
        return self.process is None and time.monotonic() >= self._start_at

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: the kill goes to everything that the process started, others to itself."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.process.poll() is None:
                self.process.send_signal(number)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def read_lines(self) -> tuple[list[str], bool]:
        """The whole lines it wrote since the last time, and whether it may write more."""
        found: list[bytes] = []
        while chunk := self._read():
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            found += lines
        return [line.decode("utf-8", "replace") for line in found], chunk is None

    def _read(self) -> bytes | None:
        if self.process is None or self.process.stdout is None or self.process.stdout.closed:
            return b""
        try:
            return os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return None
