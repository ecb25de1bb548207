"""Two trials at once; who waits longest is next, and who waits in vain is told what to do."""

import threading
import time
from collections.abc import Iterator

import pytest

from webapp.problems import Problem
from webapp.trials import limited
from webapp.trials.limited import Helper, Helpers


class Slow:
    """Helpers that answer when they are let."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.gates: dict[bytes, threading.Event] = {}

    def ask(self, request: bytes) -> tuple[int, bytes]:
        self.begun.append(request)
        assert self.gates.setdefault(request, threading.Event()).wait(10)
        return 0, request

    def let(self, request: bytes) -> None:
        self.gates.setdefault(request, threading.Event()).set()


def until(is_true: object) -> None:
    assert callable(is_true)
    for _ in range(500):
        if is_true():
            return
        time.sleep(0.01)
    raise AssertionError


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow()
    monkeypatch.setattr(Helper, "ask", lambda _helper, request, _seconds: made.ask(request))
    yield made
    for request in list(made.gates):
        made.let(request)


def test_two_at_once_and_the_others_in_their_order(slow: Slow) -> None:
    helpers, answers = Helpers(2), []
    threads = []
    for place in range(5):
        request = b"%d" % place
        thread = threading.Thread(target=lambda r=request: answers.append(helpers.ask(r, 1)))
        thread.start()
        threads.append(thread)
        until(lambda n=place: len(slow.begun) + len(helpers._waiting) == n + 1)
    assert sorted(slow.begun) == [b"0", b"1"]
    for place in range(5):
        slow.let(b"%d" % place)
        until(lambda n=place: len(slow.begun) == min(5, n + 3))
    for thread in threads:
        thread.join()
    assert slow.begun[2:] == [b"2", b"3", b"4"]
    assert len(answers) == 5


def test_who_waits_in_vain_is_told_and_takes_nobodys_turn(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "_PATIENCE", 0.05)
    helpers = Helpers(1)
    thread = threading.Thread(target=lambda: helpers.ask(b"long", 1))
    thread.start()
    until(lambda: slow.begun)
    with pytest.raises(Problem, match="没有轮到") as refused:
        helpers.ask(b"late", 1)
    assert refused.value.status == 503
    slow.let(b"long")
    thread.join()
    slow.let(b"next")
    assert helpers.ask(b"next", 1) == (0, b"next")
