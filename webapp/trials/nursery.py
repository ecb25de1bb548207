"""The process from which trials come: everything is imported once, then each request gets a fork of its own.

It never touches the database itself, and no two requests share anything but what was imported. A fork that takes too
long is killed; what it had begun in the database is rolled back by that.
"""

import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import IO

MEMORY = 2 * 1024**3
MOST_ANSWER = 8 * 1024 * 1024
IDLE_SECONDS = 600
DONE, BROKEN, TOO_HEAVY = 0, 1, 2
"""How a fork ends: with an answer, with an error of the program, with more time or memory than it may take."""
_CHUNK = 1 << 16

Handle = Callable[[bytes], bytes]


def serve(asked: IO[bytes], answered: IO[bytes], prepare: Callable[[bytes], Handle]) -> None:
    """Answer requests until nobody asks any more.

    Each request is a line with its number of bytes and of seconds that it may take, and the bytes; each answer a line
    with how it ended (:data:`DONE`, :data:`BROKEN` or :data:`TOO_HEAVY`) and its number of bytes, and the bytes.

    Args:
        prepare: makes ready for a request, before the fork; what it returns answers it.
    """
    while select.select([asked], [], [], IDLE_SECONDS)[0]:
        head = asked.readline().split()
        if len(head) != 2:
            return
        request, seconds = asked.read(int(head[0])), int(head[1])
        status, answer = _in_a_fork(prepare(request), request, seconds)
        answered.write(b"%d %d\n" % (status, len(answer)) + answer)
        answered.flush()


def _in_a_fork(handle: Handle, request: bytes, seconds: int) -> tuple[int, bytes]:
    """How a fork ended, and its answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(handle, request, seconds, reading, writing)
    os.close(writing)
    answer = _read(reading, time.monotonic() + 2 * seconds)
    os.close(reading)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answer is not None and code == DONE:
        return DONE, answer
    return (BROKEN if code == BROKEN else TOO_HEAVY), b""


def _answer(handle: Handle, request: bytes, seconds: int, reading: int, writing: int) -> None:
    """What the fork does; it never returns."""
    status = BROKEN
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        answer = handle(request)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        status = DONE
    except MemoryError:
        status = TOO_HEAVY
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _read(pipe: int, until: float) -> bytes | None:
    """Everything that a fork writes; none where it is late or writes without end."""
    parts: list[bytes] = []
    size = 0
    while size <= MOST_ANSWER:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return None
        part = os.read(pipe, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
    return None
