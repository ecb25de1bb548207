"""Locks that the kernel frees when their last holder dies, kill -9 included.

A lock whose descriptor is passed on to child processes stays held until the last of them has gone.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from webapp.host.failure import HostError

_POLL_SECONDS = 0.05


class FileLock:
    """An advisory lock on ``path``; the file itself stays, only the lock on it counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The descriptor to pass on to a child that shall keep the lock alive."""
        if self._descriptor is None:
            message = f"{self._path} is not locked"
            raise RuntimeError(message)
        return self._descriptor

    def take(self, *, shared: bool = False, wait: float = 0.0) -> bool:
        """Take the lock, trying for ``wait`` seconds; False when somebody else kept it.

        Raises:
            HostError: the file belongs to another user, who started the installation before.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HostError(
                f"无法打开 {self._path}（{error.strerror}），请用上次启动程序的用户运行",
                f"cannot open {self._path}: run this as the user who started the installation before",
            ) from error
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                self._descriptor = descriptor
                return True

    def release(self) -> None:
        """Let go of this process's hold; a child that inherited the descriptor keeps its own."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
