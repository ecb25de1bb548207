"""The embedded server: one owner at a time, nothing left of a killed one, any path."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from webapp.host.addresses import libpq_url
from webapp.host.failure import HostError
from webapp.host.server import EmbeddedServer

OWNER = """
import sys, time
from pathlib import Path
from webapp.host.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.own()
print(server.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder under a path that is too long for a socket and has spaces in it."""
    folder = tmp_path / "a path with spaces" / ("很长" * 10) / ("x" * 90)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def killed_owner(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that owned the server and was killed; the server had no time to react."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdin is not None
    owner.stdout.readline()
    owner.kill()
    owner.wait()
    yield owner
    owner.stdin.close()
    owner.stdout.close()


def _ask(url: str, statement: str) -> object:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_data_survive_the_server(data: Path) -> None:
    with EmbeddedServer(data).borrow() as url:
        _ask(url, "CREATE TABLE kept AS SELECT '文明' AS word")
        assert _ask(url, "SHOW fsync") == "on"
    with EmbeddedServer(data).borrow() as url:
        assert _ask(url, "SELECT word FROM kept") == "文明"
    with pytest.raises(psycopg.OperationalError):
        _ask(url, "SELECT 1")


def test_a_command_uses_the_running_server(data: Path) -> None:
    server = EmbeddedServer(data, durable=False)
    url = server.own()
    try:
        with EmbeddedServer(data).borrow() as borrowed:
            assert borrowed == url
            assert _ask(borrowed, "SELECT 1") == 1
        assert _ask(url, "SELECT 1") == 1
    finally:
        server.stop()


def test_there_is_one_owner(data: Path) -> None:
    server = EmbeddedServer(data, durable=False)
    server.own()
    try:
        with pytest.raises(HostError, match="in use by another program"):
            EmbeddedServer(data).own(wait=0)
    finally:
        server.stop()


def test_a_killed_owner_leaves_nothing_in_the_way(data: Path, killed_owner: "subprocess.Popen[str]") -> None:
    with EmbeddedServer(data, durable=False).borrow() as url:
        assert _ask(url, "SELECT 1") == 1


def test_a_process_that_got_the_old_number_is_left_alone(data: Path) -> None:
    with EmbeddedServer(data, durable=False).borrow():
        pass
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n\n\nready\n")

    with EmbeddedServer(data, durable=False).borrow() as url:
        assert _ask(url, "SELECT 1") == 1


def test_data_of_another_version_are_refused(data: Path) -> None:
    with EmbeddedServer(data, durable=False).borrow():
        pass
    (data / "postgres" / "PG_VERSION").write_text("16\n")

    with pytest.raises(HostError, match="holds data of PostgreSQL 16"), EmbeddedServer(data).borrow():
        pass


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with EmbeddedServer(data, durable=False).borrow():
        pass
    (data / "postgres" / "postgresql.conf").write_text("shared_buffers = 'nonsense'\n")

    with pytest.raises(HostError, match="did not start"), EmbeddedServer(data).borrow():
        pass


def test_an_interrupted_first_start_is_made_good(data: Path) -> None:
    (data / "postgres.new").mkdir()
    (data / "postgres.new" / "half").touch()

    with EmbeddedServer(data, durable=False).borrow() as url:
        assert _ask(url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_for_root_the_server_runs_as_a_system_user(data: Path) -> None:
    server = EmbeddedServer(data, durable=False)
    server.own()
    try:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    finally:
        server.stop()
