"""The command line of an installation that does not run."""

import json
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.conftest import Databases
from tests.integration.host.installation import Installation


def test_commands_work_before_the_first_start(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var", WENMING_DEMO="1")

    done = installation.run("demo", "accounts", "--json")

    assert done.returncode == 0, done.stderr
    assert {"username", "password", "role", "organisation", "region"} <= json.loads(done.stdout)[0].keys()
    assert installation.processes() == []


def test_the_doctor_makes_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")

    done = installation.run("doctor")

    assert done.returncode == 0, done.stderr
    assert "make run" in done.stdout
    assert not (tmp_path / "var").exists()


def test_the_doctor_says_what_is_wrong(database_url: str, tmp_path: Path) -> None:
    three_days_ago = "VALUES (now() - interval '3 days', 'x', 1, '')"
    _execute(database_url, f"INSERT INTO backups (taken_at, path, size, sha256) {three_days_ago}")
    installation = Installation(tmp_path / "missing")
    installation.environment["DATABASE_URL"] = database_url

    done = installation.run("doctor", "--json")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    by_name = {check["name"]: check["status"] for check in json.loads(done.stdout)["checks"]}
    assert by_name["folder:missing"] == "error"
    assert by_name["backup"] == "warning"
    assert by_name["database"] == "ok"


def test_a_command_does_not_migrate_the_database_of_others(databases: Databases, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    installation.environment["DATABASE_URL"] = databases.create()

    done = installation.run("demo", "accounts")

    assert done.returncode == 1
    assert "run wenming migrate first" in done.stderr


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
