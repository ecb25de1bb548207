"""Runs alone: limits its own process, then becomes the script that it is given. ``limiter.py SECONDS MB SCRIPT …``"""

import resource
import runpy
import sys

_FILES = 256
_LARGEST_FILE = 64 * 1024 * 1024


def limit(seconds: int, megabytes: int) -> None:
    """Bound what this process may take; whatever it runs from now on cannot take more."""
    room = megabytes * 1024 * 1024
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, room),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    sys.argv = sys.argv[3:]
    runpy.run_path(sys.argv[0], run_name="__main__")
