"""``wenming run`` with real processes: started, killed in every part, stopped; nothing lost, nothing left."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.host.installation import Installation, wait_until
from webapp.host.addresses import libpq_url
from webapp.host.server import EmbeddedServer


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; each test leaves it running."""
    running = Installation(tmp_path_factory.mktemp("run") / "var with space")
    running.start()
    yield running
    assert running.process is not None
    if running.process.poll() is None:
        running.stop()
    assert running.processes() == []


def _sql(installation: Installation, statement: str) -> list[tuple[object, ...]]:
    with EmbeddedServer(installation.data).borrow() as url, psycopg.connect(libpq_url(url), autocommit=True) as asking:
        cursor = asking.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_the_console_tells_where_and_who(installation: Installation) -> None:
    wait_until(lambda: "Ctrl-C" in installation.console(), installation.console)

    assert f"http://127.0.0.1:{installation.port}/" in installation.console()
    assert "first administrator: admin  " in installation.console()


def test_a_second_one_on_the_same_folder_is_refused(installation: Installation) -> None:
    done = installation.run("run")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "running already" in done.stderr


@pytest.mark.parametrize("part", ["web", "worker", "scheduler"])
def test_a_killed_process_is_started_again(part: str, installation: Installation) -> None:
    killed = installation.find(part)
    assert killed is not None
    killed.kill()
    wait_until(lambda: installation.find(part) not in {None, killed}, installation.console)

    installation.await_ready()


def test_a_killed_database_comes_back_with_its_data(installation: Installation) -> None:
    _sql(installation, "CREATE TABLE IF NOT EXISTS before_the_kill AS SELECT 1 AS number")
    server = int((installation.data / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(server, 9)
    wait_until(lambda: installation.ask("/readyz") != 200 or _server(installation) != server, installation.console)

    installation.await_ready()

    assert installation.ask("/healthz") == 200
    assert _sql(installation, "SELECT number FROM before_the_kill") == [(1,)]


def _server(installation: Installation) -> int | None:
    mark = installation.data / "postgres" / "postmaster.pid"
    return int(mark.read_text().split("\n")[0]) if mark.exists() else None


def test_the_doctor_finds_a_healthy_running_installation(installation: Installation) -> None:
    installation.await_ready()

    done = installation.run("doctor", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is True
    by_name = {check["name"]: check["status"] for check in report["checks"]}
    assert by_name["process:worker"] == by_name["process:scheduler"] == by_name["schema"] == "ok"


def test_a_restart_keeps_data_and_leaves_nothing_behind(installation: Installation, tmp_path: Path) -> None:
    _sql(installation, "CREATE TABLE IF NOT EXISTS before_the_stop AS SELECT 2 AS number")

    assert installation.stop() == 0
    assert installation.processes() == []
    assert not (installation.data / "postgres" / "postmaster.pid").exists()
    saved = installation.run("backup", str(tmp_path / "stopped.backup"))
    assert saved.returncode == 0, saved.stderr
    assert installation.processes() == []

    installation.start()
    assert _sql(installation, "SELECT number FROM before_the_stop") == [(2,)]


def test_a_killed_supervisor_takes_everything_with_it(installation: Installation) -> None:
    assert installation.process is not None
    installation.process.kill()
    installation.process.wait()

    installation.start()

    commands = [process.cmdline() for process in installation.processes()]
    assert sum("scheduler" in words for words in commands) == 1
    assert sum("worker" in words for words in commands) == 1


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "0x1F", "PORT must be a whole number"),
        ("HOST", "203.0.113.7", "cannot listen on port"),
        ("DATABASE_URL", "mysql://somewhere/else", "not the address of a PostgreSQL database"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing", "cannot reach the database"),
        ("WENMING_DATA", "/proc/nowhere", "cannot be written"),
    ],
)
def test_what_stands_in_the_way_is_one_line(variable: str, value: str, words: str, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    installation.environment[variable] = value

    done = installation.run("run")

    _assert_one_line(done, words)


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    with socket.create_server(("127.0.0.1", installation.port)):
        done = installation.run("run")

    _assert_one_line(done, f"cannot listen on port {installation.port}")
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_newer_database_is_one_line(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    installation = Installation(tmp_path / "var")
    installation.environment["DATABASE_URL"] = database_url

    _assert_one_line(installation.run("run"), "is newer than this program")


def _assert_one_line(done: "subprocess.CompletedProcess[str]", words: str) -> None:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert words in done.stderr
