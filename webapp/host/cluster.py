"""The data folder of the embedded PostgreSQL: who owns it, how it is made, with which settings its server runs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import TypedDict

from webapp.host.database_user import database_user, open_programs, open_way
from webapp.host.failure import HostError
from webapp.host.programs import VERSION, install_folder, program
from webapp.host.sockets import socket_folder

SUPERUSER = "wenming"
_SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "max_connections=200",
)
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Identity(TypedDict, total=False):
    """Whom a child process runs as; empty when it is ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class Cluster:
    """One PostgreSQL data folder below ``data``; ``durable=False`` is for tests only."""

    def __init__(self, data: Path, *, durable: bool) -> None:
        self._data = data
        self._durable = durable
        self._uid, self._gid = os.geteuid(), os.getegid()
        self.path = data / "postgres"

    @property
    def identity(self) -> Identity:
        """Whom the server runs as; known after :meth:`prepare`."""
        if os.geteuid() != 0:
            return {}
        return {"user": self._uid, "group": self._gid, "extra_groups": []}

    def prepare(self) -> Path:
        """Make the data folder if it is missing and return the folder for the server's socket.

        Raises:
            HostError: it cannot be made, or holds the data of another version of PostgreSQL.
        """
        self._choose_user()
        version = self.path / "PG_VERSION"
        if not version.exists():
            self._create()
        found = version.read_text(encoding="ascii").strip()
        if found != str(VERSION):
            raise HostError(
                f"{self.path} 是 PostgreSQL {found} 的数据，本程序需要 {VERSION}",
                f"{self.path} holds data of PostgreSQL {found}, this program needs {VERSION}",
            )
        return socket_folder(self._data, self._uid, self._gid)

    def server_command(self, socket: Path) -> list[str]:
        """The command line of the server that listens in the folder ``socket`` only."""
        settings = [*_SETTINGS, f'unix_socket_directories="{socket}"', *(() if self._durable else _QUICK)]
        return [program("postgres"), "-D", str(self.path), *(word for pair in settings for word in ("-c", pair))]

    def forget_dead_server(self) -> None:
        """Remove what a killed server left; its number may belong to another process by now.

        Raises:
            HostError: a server that somebody started by hand is alive.
        """
        mark = self.path / "postmaster.pid"
        if not mark.exists():
            return
        number = mark.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        home = Path(f"/proc/{number}/cwd")
        if number.isdecimal() and home.exists() and home.resolve() == self.path.resolve():
            raise HostError(f"数据库已由进程 {number} 打开", f"process {number} already serves {self.path}")
        mark.unlink()

    def _choose_user(self) -> None:
        if os.geteuid() != 0:
            return
        open_programs(install_folder())
        open_way(self.path)
        found = self.path.stat() if self.path.exists() else None
        if found is not None and found.st_uid != 0:
            self._uid, self._gid = found.st_uid, found.st_gid
            return
        user = database_user()
        self._uid, self._gid = user.pw_uid, user.pw_gid

    def _create(self) -> None:
        fresh = self.path.with_name("postgres.new")  # renamed when whole: an interrupted start leaves no half
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, self._uid, self._gid)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--auth=trust", f"--username={SUPERUSER}", *(() if self._durable else ("--no-sync",))]
        done = subprocess.run(  # noqa: S603 (our own program, no shell)
            [program("initdb"), "-D", str(fresh), *locale, *access],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self.identity,
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise HostError(f"无法建立内置数据库：{last}", "cannot create the embedded database")
        fresh.rename(self.path)
