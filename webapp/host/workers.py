"""Web workers that take turns: whoever accepted the last connection lets another worker accept the next.

All workers wait on one socket. Without this, the first to wake takes a whole burst, and as connections are kept,
one core serves everybody while the others rest.
"""

import time
from ctypes import c_int, sizeof
from mmap import mmap
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

_NAP_SECONDS: Final = 0.0005
_MOST_NAPS: Final = 30
"""So long may the others be kept from their turn before a worker accepts twice."""

_last = c_int.from_buffer(mmap(-1, sizeof(c_int)))
"""Which worker accepted last, in memory that all of them share."""


class TurnTakingWorker(ThreadWorker):  # type: ignore[misc] # (the library has no types)
    """A worker with threads that leaves a waiting connection to the others for a moment if it had the last one."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._naps = 0

    def accept(self, listener: object) -> None:
        """Accept a connection, or leave it for the moment: the socket stays readable, so this is called again."""
        if self.cfg.workers > 1 and _last.value == self.age and self._naps < _MOST_NAPS:
            self._naps += 1
            time.sleep(_NAP_SECONDS)
            return
        self._naps = 0
        before = self.nr_conns
        super().accept(listener)
        if self.nr_conns > before:
            _last.value = self.age
