"""Each request gets a fork of its own: one that runs for ever, eats memory or dies costs nobody else anything."""

import os
from collections.abc import Callable
from threading import Thread

import pytest

from webapp.trials.nursery import MEMORY, Handle, serve


def _echo(request: bytes) -> bytes:
    return request.upper()


def _for_ever(_request: bytes) -> bytes:
    while True:
        pass


def _too_much(_request: bytes) -> bytes:
    return bytes(MEMORY * 2)


def _dies(_request: bytes) -> bytes:
    os._exit(7)


def _breaks(_request: bytes) -> bytes:
    raise ValueError("broken")


_HANDLES: dict[bytes, Callable[[bytes], bytes]] = {
    b"echo": _echo, b"loop": _for_ever, b"memory": _too_much, b"dies": _dies, b"breaks": _breaks,
}  # fmt: skip


def _prepare(request: bytes) -> Handle:
    return _HANDLES.get(request, _echo)


@pytest.mark.parametrize(("hostile", "status"), [(b"loop", 2), (b"memory", 2), (b"dies", 2), (b"breaks", 1)])
def test_what_a_fork_does_ends_with_it(hostile: bytes, status: int) -> None:
    asked, asking = os.pipe()
    answered, answering = os.pipe()
    with os.fdopen(asked, "rb") as source, os.fdopen(answering, "wb") as target:
        server = Thread(target=serve, args=(source, target, _prepare))
        server.start()
        with os.fdopen(answered, "rb") as replies:
            with os.fdopen(asking, "wb") as questions:
                for request in (hostile, b"again"):
                    questions.write(b"%d 1\n" % len(request) + request)
            answers = [replies.readline(), replies.readline(), replies.read(5)]
            server.join()
    assert answers == [b"%d 0\n" % status, b"0 5\n", b"AGAIN"]
