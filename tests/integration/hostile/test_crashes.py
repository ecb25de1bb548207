"""A process that dies in the middle of a decision leaves nothing half-done: before the commit nothing, after it all."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.api_client import Case, Person
from tests.integration.hostile.conftest import World
from webapp.audit.models import AuditEntry
from webapp.config import ROOT
from webapp.database import transaction
from webapp.instances.models import HistoryEntry, Instance, Submission
from webapp.tasks.models import Task

_DYING = """
import json, os, signal, sys
from pathlib import Path
from tests.conftest import make_settings
from webapp import create_app
from webapp.database import db

url, data, moment, token, path, body = sys.argv[1:]
app = create_app(make_settings(Path(data)), url)
commit = db.session.commit

def die():
    if moment == "after":
        commit()
    os.kill(os.getpid(), signal.SIGKILL)

db.session.commit = die
app.test_client().post(path, json=json.loads(body), headers={"Authorization": "Bearer " + token})
"""


def die_while_completing(app: Flask, person: Person, task: dict[str, Any], body: str, moment: str) -> None:
    """Complete the task in a process of its own that is killed right before or after its commit."""
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("postgresql+psycopg://", "postgresql://")
    token = person.headers["Authorization"].removeprefix("Bearer ")
    path = f"/api/v1/tasks/{task['id']}/complete"
    words = [url, str(app.extensions["settings"].data), moment, token, path, body]
    done = subprocess.run(
        [sys.executable, "-c", _DYING, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def written(app: Flask, case: Case) -> dict[str, Any]:
    """Everything that a decision writes."""
    with app.app_context(), transaction() as session:

        def number(model: Any) -> int:
            return session.scalar(select(func.count()).where(model.instance_id == case.id)) or 0

        state, version = session.execute(select(Instance.state, Instance.version).where(Instance.id == case.id)).one()
        tasks = session.execute(select(Task.element, Task.status, Task.version).where(Task.instance_id == case.id))
        counts = {model.__name__: number(model) for model in (Submission, HistoryEntry, AuditEntry)}
        return counts | {"state": state, "version": version, "tasks": sorted(map(tuple, tasks))}


@pytest.fixture
def case(world: World) -> Case:
    clerk = world.office.person("yunxi.unit2.clerk")
    for old in clerk.get("/instances?status=running")["items"]:
        clerk.post(f"/instances/{old['id']}/withdraw", {"reason": "重新申报"})
    return Case(world.office, clerk, batch=str(world.batch), honour="provincial")


def test_killed_before_the_commit_nothing_happened(hostile_app: Flask, case: Case) -> None:
    person, task = case.who("fill_declaration")
    body = {"data": person.answers(task["form"]), "version": task["version"]}
    before = written(hostile_app, case)
    die_while_completing(hostile_app, person, task, json.dumps(body), "before")
    assert written(hostile_app, case) == before
    person.post(f"/tasks/{task['id']}/complete", body)
    assert case.open_steps() == ["attach_sealed_form"]


def test_killed_after_the_commit_it_happened_once(hostile_app: Flask, case: Case) -> None:
    person, task = case.who("fill_declaration")
    body = {"data": person.answers(task["form"]), "version": task["version"]}
    die_while_completing(hostile_app, person, task, json.dumps(body), "after")
    refusal = person.post(f"/tasks/{task['id']}/complete", body, 409)
    assert "已由" in refusal["detail"]
    assert written(hostile_app, case)["Submission"] == 1
    assert case.open_steps() == ["attach_sealed_form"]
