"""Children that do not outlive their parent: the kernel signals them when it dies, kill -9 included."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def on_parent_death(number: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn`` that asks the kernel for signal ``number`` once the parent has gone.

    Where the kernel has no such service (other systems than Linux) the child only ends with an orderly stop.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
