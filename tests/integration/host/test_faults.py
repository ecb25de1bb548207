"""Faults in the middle of work: a decision is whole or did not happen, and people can go on."""

import json
import os
import resource
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.factories.api_client import Person
from tests.factories.form_answers import fill_in
from tests.factories.remote_app import RemoteApp
from tests.integration.host.installation import Installation, wait_until
from webapp.config import Settings
from webapp.demo.passwords import DOCUMENTED

CLERKS = ("yunxi.unit1.clerk", "yunxi.unit2.clerk", "junshan.unit1.clerk")
FIRST, SECOND = "fill_declaration", "attach_sealed_form"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running demonstration with two web workers."""
    running = Installation(tmp_path_factory.mktemp("faults") / "var", WENMING_DEMO="1", WENMING_WEB_WORKERS="2")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def clerks(installation: Installation) -> list[Person]:
    remote: Any = RemoteApp(f"http://127.0.0.1:{installation.port}")
    return [Person(remote, name, DOCUMENTED) for name in CLERKS]


def _declare(clerk: Person, honour: str) -> int:
    form = next(d for d in clerk.get("/definitions")["items"] if d["process"] == "declaration")["start_form"]
    return int(clerk.post("/instances", {"process": "declaration", "data": fill_in(form, honour=honour)}, 201)["id"])


def _prepared(clerk: Person, instance: int) -> tuple[Person, dict[str, Any], dict[str, Any]]:
    task = clerk.find_task(instance, FIRST)
    assert task is not None
    return clerk, task, {"data": clerk.answers(task["form"]), "version": task["version"]}


def _complete(clerk: Person, task: dict[str, Any], body: dict[str, Any]) -> int:
    path = f"/api/v1/tasks/{task['id']}/complete"
    return int(clerk.http.post(path, json=body, headers=clerk.headers).status_code)


def test_a_web_server_killed_in_the_middle_of_completions(installation: Installation, clerks: list[Person]) -> None:
    work = [(clerk, instance) for clerk in clerks for instance in (_declare(clerk, "county"), _declare(clerk, "city"))]
    prepared = [_prepared(clerk, instance) for clerk, instance in work]
    server = installation.find("web")
    assert server is not None
    with ThreadPoolExecutor(len(prepared)) as pool:
        running = [pool.submit(_complete, *one) for one in prepared]
        wait_until(lambda: any(one.done() for one in running), installation.console)
        os.killpg(server.pid, signal.SIGKILL)
        answers = [one.result() for one in running]
    installation.await_ready()

    for (clerk, instance), one, answer in zip(work, prepared, answers, strict=True):
        steps = [task["element"] for task in clerk.get(f"/instances/{instance}")["tasks"]]
        assert steps in ([FIRST], [SECOND])
        assert steps == [SECOND] or answer != 200, "an answered decision was lost"
        assert _complete(*one) == (200 if steps == [FIRST] else 409)
        acts = [item["element"] for item in clerk.get(f"/instances/{instance}/history")["items"] if item["actor"]]
        assert acts.count(FIRST) == 1
        assert clerk.find_task(instance, SECOND) is not None


def test_a_database_killed_under_load(installation: Installation, clerks: list[Person]) -> None:
    seen: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        path = "/api/v1/tasks?view=mine"
        while not enough.is_set():
            seen.append(clerks[0].http.get(path, headers=clerks[0].headers).status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(seen) > 10, installation.console)
    server = int((installation.data / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: 503 in seen, installation.console)
    wait_until(lambda: seen[-20:] == [200] * 20, lambda: seen[-20:])
    enough.set()
    for thread in threads:
        thread.join()
    installation.await_ready()

    assert set(seen) == {200, 503}


def test_a_full_disk_is_said_and_keeps_nothing(demo_app: Flask) -> None:
    clerk = Person(demo_app, CLERKS[0], DOCUMENTED)
    settings: Settings = demo_app.extensions["settings"]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    known = set(settings.attachments.rglob("*"))
    content = b"%PDF-1.4\n" + os.urandom(300_000)

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        files = {"file": (BytesIO(content), "scan.pdf")}
        answer = clerk.http.post("/api/v1/attachments", data=files, headers=clerk.headers)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert answer.status_code == 507, json.dumps(answer.get_json())
    assert set(settings.attachments.rglob("*")) == known
    assert clerk.upload(content=content)
