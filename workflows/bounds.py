"""What a process of its own may take that reads one untrusted file: a script of ``python -m workflows.…``."""

import resource
from typing import Final

_MEMORY: Final = 1024**3
_SECONDS: Final = 4


def bound() -> None:
    """Limit memory and computing time of this process for good."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
