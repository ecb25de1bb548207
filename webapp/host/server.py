"""The PostgreSQL server that an installation starts for itself when no ``DATABASE_URL`` is given.

Whoever holds its lock owns it; the server inherits the lock, so a second one can never start beside an
orphan. ``wenming run`` owns it for as long as it runs; a command borrows it, or owns it for its own length.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from webapp.config import Settings
from webapp.host.addresses import libpq_url, socket_url, sqlalchemy_url
from webapp.host.cluster import SUPERUSER, Cluster
from webapp.host.failure import HostError
from webapp.host.leash import on_parent_death
from webapp.host.locks import FileLock

DATABASE = "wenming"
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0
_LOG_BYTES = 10_000_000


class EmbeddedServer:
    """One PostgreSQL server with its data under ``data``; ``durable=False`` is for tests only."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self._data = data
        self._cluster = Cluster(data, durable=durable)
        self._owner = FileLock(data / "postgres.lock")
        self._users = FileLock(data / "postgres.users")
        self._socket = data
        self.log = data / "log" / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database; known once the server was started or found."""
        return self._address(DATABASE)

    def own(self, wait: float = _START_SECONDS) -> str:
        """Become the owner, start the server and return the address of the database.

        Raises:
            HostError: somebody else keeps it for longer than ``wait`` seconds, or the server does not start.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        if not self._owner.take(wait=wait):
            raise HostError("数据库正被另一个程序使用，请稍后再试", "the database is in use by another program")
        self._start()
        return self.url

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server process (again); for the owner. It ends when the owner dies."""
        self._cluster.forget_dead_server()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self._cluster.server_command(self._socket),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=(self._owner.descriptor,),
                preexec_fn=on_parent_death(signal.SIGINT),  # noqa: PLW1509 (no threads yet)
                **self._cluster.identity,
            )
        return self.process

    def stop(self) -> None:
        """Stop the server if this process started it (fast, then immediate, then kill) and give up the lock."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process is None or self.process.poll() is not None:
                break
            self.process.send_signal(number)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        self.process = None
        if self._socket != self._data:
            with suppress(OSError):  # not empty: a server that is not ours yet
                self._socket.rmdir()
        self._owner.release()

    @contextmanager
    def borrow(self, wait: float = _START_SECONDS) -> Iterator[str]:
        """The address of the database for one command, whether or not the application runs.

        Raises:
            HostError: the server neither starts nor answers.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait
        while not self._join():
            if time.monotonic() > deadline:
                raise HostError("内置数据库没有响应", "the embedded database does not answer")
            time.sleep(0.2)
        try:
            yield self.url
        finally:
            self._leave()

    def _join(self) -> bool:
        if self._owner.take():
            self._start()
            return True
        if self._users.take(shared=True) and self._find_running():
            return True
        self._users.release()
        return False

    def _leave(self) -> None:
        self._users.release()
        if self.process is not None:
            self._users.take(wait=float("inf"))  # commands that joined meanwhile finish first
            self.stop()
            self._users.release()

    def _find_running(self) -> bool:
        try:
            lines = (self._cluster.path / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        if len(lines) < 5 or not lines[4]:
            return False
        self._socket = Path(lines[4])
        return self._answers(DATABASE)

    def _start(self) -> None:
        try:
            self.log.parent.mkdir(exist_ok=True)
            if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            self._socket = self._cluster.prepare()
            self.spawn()
            self._await_ready(time.monotonic() + _START_SECONDS)
            self._ensure_database()
        except OSError as error:
            self.stop()
            raise HostError(f"无法准备内置数据库：{error}", "cannot prepare the embedded database") from error
        except BaseException:
            self.stop()
            raise

    def _await_ready(self, deadline: float) -> None:
        while not self._answers("postgres"):  # recovery after a crash may take its time
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise HostError(
                    f"内置数据库未能启动：{self._complaint()}", f"the embedded database did not start, see {self.log}"
                )
            time.sleep(0.05)

    def _ensure_database(self) -> None:
        with psycopg.connect(libpq_url(self._address("postgres")), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _address(self, database: str) -> str:
        return socket_url(str(self._socket), SUPERUSER, database)

    def _answers(self, database: str) -> bool:
        try:
            psycopg.connect(libpq_url(self._address(database)), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _complaint(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), "?")


@contextmanager
def reach_database(settings: Settings) -> Iterator[tuple[str, bool]]:
    """The SQLAlchemy address of the installation's database, as it is, for as long as the block runs.

    Works with the application running (its server is used) or stopped (the server runs for the block alone); the
    second value says whether the latter is so.

    Raises:
        HostError: the database cannot be had.
    """
    if settings.database_url is not None:
        yield sqlalchemy_url(settings.database_url), False
        return
    server = EmbeddedServer(settings.data)
    with server.borrow() as url:
        yield url, server.process is not None
