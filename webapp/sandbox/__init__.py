"""Run one of our scripts on hostile or heavy input in a process of its own, with limits of time, memory and number.

What happens in there cannot block or exhaust the web server: the child knows no secrets, is ended when it takes too
long, and only a few run at once; whoever comes too soon is told to try again.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from webapp.problems import Problem

REFUSED = 3
"""How a script ends that says on its standard output, in Chinese, why it cannot do it."""
_LIMITER = Path(__file__).with_name("limiter.py")
_AT_ONCE = 2
_PATIENCE = 5.0
_places = BoundedSemaphore(_AT_ONCE)


class SandboxError(Exception):
    """The script could not do it; the message (Chinese) says why and what to do."""


def run(script: Path, *arguments: object, given: bytes = b"", seconds: int = 6, megabytes: int = 1024) -> bytes:
    """What a script writes to its standard output.

    Args:
        arguments: what it finds in ``sys.argv``.
        given: what it reads from its standard input.
        seconds: how long it may compute, and, twice that, how long it may take on a busy machine.
        megabytes: how much address space it may have.

    Raises:
        SandboxError: it refused, broke, or took too long or too much.
        Problem: 503, too many of them run at this moment.
    """
    if not _places.acquire(timeout=_PATIENCE):
        raise _busy()
    try:
        return _run(script, [str(argument) for argument in arguments], given, seconds, megabytes)
    finally:
        _places.release()


def _run(script: Path, arguments: list[str], given: bytes, seconds: int, megabytes: int) -> bytes:
    command = [sys.executable, "-I", str(_LIMITER), str(seconds), str(megabytes), str(script), *arguments]
    with tempfile.TemporaryDirectory(prefix="wenming-") as folder:
        environment = {"LC_ALL": "C.UTF-8", "HOME": folder, "TMPDIR": folder, "RAYON_NUM_THREADS": "1"}
        try:
            done = subprocess.run(  # noqa: S603 (our own scripts, no shell)
                command, input=given, capture_output=True, timeout=seconds * 2, cwd=folder, env=environment, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise SandboxError("内容过大或过于复杂，处理超时。") from error
    if done.returncode == REFUSED:
        raise SandboxError(done.stdout.decode("utf-8", "replace"))
    if done.returncode != 0:
        raise SandboxError("文件已损坏，或内容过大、过于复杂，无法处理。")
    return done.stdout


def _busy() -> Problem:
    problem = Problem("正在处理的文件较多，请过几秒再试。")
    problem.status, problem.title = 503, "暂时繁忙"
    return problem
