"""The loop that keeps the processes of an installation running, shows what they write and stops them in order."""

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from webapp.host.children import Child
from webapp.host.failure import HostError

_STOP_SECONDS = 9.0
_POLL_SECONDS = 0.5
_TRIES_BEFORE_READY = 3
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs ``children`` until a signal asks to stop; ``ready`` is called once a byte arrives on ``ready_pipe``."""

    def __init__(self, children: Sequence[Child], ready_pipe: int, ready: Callable[[], None]) -> None:
        self._children = children
        self._ready_pipe = ready_pipe
        self._ready: Callable[[], None] | None = ready
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._wakeup, self._alarm = socket.socketpair()

    def run(self) -> None:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP; all children have ended when it returns.

        Raises:
            HostError: a child ends again and again before the application was ready once.
        """
        self._listen_to_signals()
        self._selector.register(self._ready_pipe, selectors.EVENT_READ)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        try:
            while not self._stopping:
                self._start_due()
                self._wait(_POLL_SECONDS)
                self._note_ended()
        finally:
            self._stop()

    def _listen_to_signals(self) -> None:
        for end in (self._wakeup, self._alarm):
            end.setblocking(False)
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        for number in _STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start_due(self) -> None:
        for child in self._children:
            if child.is_due():
                child.start()
                if child.process is not None and child.process.stdout is not None:
                    self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _wait(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if isinstance(key.data, Child):
                self._show(key.data)
            elif key.fileobj is self._wakeup:
                with suppress(BlockingIOError):
                    self._wakeup.recv(4096)
            elif os.read(self._ready_pipe, 4096) and self._ready is not None:
                ready, self._ready = self._ready, None
                ready()

    def _note_ended(self) -> None:
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            self._show(child)
            self._forget_output(child)
            code = child.has_ended()
            _say(f"{child.name:<9} | 进程意外退出（{code}），将重新启动 / ended unexpectedly, starting it again")
            if self._ready is not None and child.failures >= _TRIES_BEFORE_READY:
                raise HostError(f"{child.name} 无法启动，原因见上", f"{child.name} does not start, see above")

    def _show(self, child: Child) -> None:
        lines, more = child.read_lines()
        for line in lines:
            _say(f"{child.name:<9} | {line}")
        if not more:
            self._forget_output(child)

    def _forget_output(self, child: Child) -> None:
        output = child.process.stdout if child.process is not None else None
        if output is not None and not output.closed:
            self._selector.unregister(output)
            output.close()

    def _stop(self) -> None:
        leaving = [child for child in self._children if not child.outlives]
        for child in leaving:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while any(child.is_alive() for child in leaving) and time.monotonic() < deadline:
            self._wait(0.1)
        for child in leaving:
            self._show(child)
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        self._selector.close()


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal may have gone; the work goes on
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
