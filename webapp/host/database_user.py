"""PostgreSQL refuses to run as root: then it runs as a system user that only needs to reach two folders.

Folders on the way there are opened for passing through (``o+x``), never for reading.
"""

import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from webapp.host.failure import HostError

NAME = "pgserver"


def database_user() -> pwd.struct_passwd:
    """The system user that PostgreSQL runs as when we are root; made if it is missing.

    Raises:
        HostError: the user is missing and cannot be made.
    """
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _create_user()


def _create_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", NAME]
    if shutil.which("useradd") is None:
        command = ["adduser", "-S", "-D", "-H", "-s", "/bin/false", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (fixed words)
        return pwd.getpwnam(NAME)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip()
        raise HostError(
            f"无法创建数据库的系统用户 {NAME}（{detail}）：请以普通用户运行，或设置 DATABASE_URL",
            f"cannot create the system user {NAME}: run as an ordinary user or set DATABASE_URL",
        ) from error


def open_way(path: Path) -> None:
    """Let every user pass through the folders above ``path``."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def open_programs(install: Path) -> None:
    """Let every user read and run the PostgreSQL programs, also where a strict umask installed them."""
    open_way(install)
    if (install / "bin" / "postgres").stat().st_mode & stat.S_IXOTH and install.stat().st_mode & stat.S_IXOTH:
        return
    libraries = install.parent.with_suffix(".libs")
    for path in (install, *install.rglob("*"), libraries, *libraries.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
