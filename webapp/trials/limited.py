"""Ask the process of trials, with bounded time: the web server waits no longer than that, and parses nothing itself."""

import atexit
import json
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
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
_PATIENCE = 30.0
_AT_ONCE = 2
"""So many trials are gone through at the same time by one web process; in the database they take turns."""


class TrialError(Exception):
    """The trial could not be carried out at all; the message (Chinese) says why and what to do."""


def ask(request: Mapping[str, Any], *, seconds: int = SECONDS) -> dict[str, Any]:
    """Let a request of :mod:`webapp.trials.requests` be answered.

    Args:
        seconds: how long it may compute, and, twice that, how long it may take on a busy machine.

    Raises:
        TrialError: the diagram or a form cannot run, or took more time or memory than a trial may.
        Problem: 503, others are trying something out and did not come to an end in time.
    """
    settings = current_app.extensions["settings"]
    whole = {
        **request,
        "data": str(settings.data),
        "attachment_limit": settings.attachment_limit,
        "database_url": current_app.config["SQLALCHEMY_DATABASE_URI"],
    }
    status, found = _helpers.ask(json.dumps(whole).encode(), seconds)
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
    problem = Problem("别人正在试运行或运行测试用例，等了半分钟还没有轮到。您填写的内容没有丢失，请稍后再提交一次。")
    problem.status, problem.title = 503, "暂时繁忙"
    return problem


class Helpers:
    """The helpers of this process, each started when it is first needed; who waits longest is helped first."""

    def __init__(self, count: int) -> None:
        self._all = [Helper() for _ in range(count)]
        self._free = list(self._all)
        self._waiting: deque[Future[Helper]] = deque()
        self._lock = Lock()

    def ask(self, request: bytes, seconds: int) -> tuple[int, bytes]:
        """How the trial ended (see :mod:`webapp.trials.nursery`), and its answer.

        Raises:
            Problem: 503, none became free in time.
        """
        helper = self._take()
        try:
            return helper.ask(request, seconds)
        finally:
            self._give_back(helper)

    def _take(self) -> "Helper":
        mine: Future[Helper] = Future()
        with self._lock:
            if self._free:
                return self._free.pop()
            self._waiting.append(mine)
        with suppress(TimeoutError):
            return mine.result(_PATIENCE)
        with self._lock:
            if not mine.done():  # else it was handed over at the last moment
                self._waiting.remove(mine)
                raise _busy()
        return mine.result()

    def _give_back(self, helper: "Helper") -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set_result(helper)
            else:
                self._free.append(helper)

    def stop(self) -> None:
        """End all helpers."""
        for helper in self._all:
            helper.stop()


class Helper:
    """One helper: one question at a time."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes, seconds: int) -> tuple[int, bytes]:
        """How the trial ended, and its answer."""
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


_helpers = Helpers(_AT_ONCE)
atexit.register(_helpers.stop)
