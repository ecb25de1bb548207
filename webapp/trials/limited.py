"""Ask the process of trials, with bounded time: the web server waits no longer than that, and parses nothing itself."""

import atexit
import json
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from flask import current_app

from webapp.config import ROOT
from webapp.problems import Problem
from webapp.trials.nursery import BROKEN, DONE, TOO_HEAVY

SECONDS = 20
SECONDS_FOR_CASES = 60
_TO_START = 30
_PATIENCE = 15.0


class TrialError(Exception):
    """The trial could not be carried out at all; the message (Chinese) says why and what to do."""


def ask(request: Mapping[str, Any], *, seconds: int = SECONDS) -> dict[str, Any]:
    """Let a request of :mod:`webapp.trials.requests` be answered.

    Args:
        seconds: how long it may compute, and, twice that, how long it may take on a busy machine.

    Raises:
        TrialError: the diagram or a form cannot run, or took more time or memory than a trial may.
        Problem: 503, others are trying something out at this moment.
    """
    settings = current_app.extensions["settings"]
    whole = {
        **request,
        "data": str(settings.data),
        "attachment_limit": settings.attachment_limit,
        "database_url": current_app.config["SQLALCHEMY_DATABASE_URI"],
    }
    status, found = _helper.ask(json.dumps(whole).encode(), seconds)
    if status != DONE:
        raise TrialError(_BROKEN if status == BROKEN else _TOO_HEAVY)
    answer: dict[str, Any] = json.loads(found)
    if answer.get("busy"):
        raise _busy()
    if "failed" in answer:
        raise TrialError(answer["failed"])
    return answer


_TOO_HEAVY = "试运行没有在限定的时间和内存内完成。流程图可能过大、分支过多或有停不下来的循环，请先按“检查”改正。"
_BROKEN = "试运行时程序出错，没有完成，也没有留下任何办件。请告知管理员，原因在运行日志里。"


def _busy() -> Problem:
    problem = Problem("别人正在试运行，请过几秒再试。")
    problem.status, problem.title = 503, "暂时繁忙"
    return problem


class Helper:
    """The one helper of this process, started when it is first needed; one question at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes, seconds: int) -> tuple[int, bytes]:
        """How the trial ended (see :mod:`webapp.trials.nursery`), and its answer.

        Raises:
            Problem: 503, somebody else is asking.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise _busy()
        try:
            return self._asked(request, seconds)
        finally:
            self._lock.release()

    def _asked(self, request: bytes, seconds: int) -> tuple[int, bytes]:
        message = b"%d %d\n" % (len(request), seconds) + request
        for _attempt in range(2):  # a helper that has ended for want of questions is started anew
            child = self._running()
            assert child.stdin is not None  # noqa: S101 (pipes, see below)
            assert child.stdout is not None  # noqa: S101
            try:
                child.stdin.write(message)
                child.stdin.flush()
                head = self._head(child, time.monotonic() + 2 * seconds + _TO_START)
            except OSError:
                head = b""
            if head:
                status, size = head.split()
                return int(status), child.stdout.read(int(size))
            self.stop()
        return TOO_HEAVY, b""

    def _head(self, child: subprocess.Popen[bytes], until: float) -> bytes:
        assert child.stdout is not None  # noqa: S101
        ready, _, _ = select.select([child.stdout], [], [], max(until - time.monotonic(), 0))
        return child.stdout.readline() if ready else b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.stop()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "webapp.trials"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
        return self._child

    def stop(self) -> None:
        """End the helper; the next question starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            child.wait()


_helper = Helper()
atexit.register(_helper.stop)
