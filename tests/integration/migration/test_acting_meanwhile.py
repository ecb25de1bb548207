"""People decide while a worker moves their cases: everybody gets through, and every case ends where it should."""

import threading
from collections import Counter

from flask import Flask
from sqlalchemy import select

from tests.integration.migration.conftest import Desk
from webapp import clock
from webapp.database import transaction
from webapp.instances.models import Instance
from webapp.migration import jobs
from webapp.tasks.models import Task
from webapp.tasks.operations import complete_task

CASES = 30


def test_decisions_and_moves_at_the_same_time(desk: Desk, app: Flask) -> None:
    migration = desk.begun(CASES)
    failures: list[Exception] = []
    workers = [threading.Thread(target=fill, args=(desk, app, part, failures)) for part in (0, 1)]
    workers.append(threading.Thread(target=move, args=(app, migration, failures)))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert desk.status(migration) == "done"
    assert Counter(item.status for item in desk.items(migration).values()) == {"moved": CASES}
    tasks = desk.session.execute(select(Task.element, Task.status).join(Instance, Instance.id == Task.instance_id))
    assert Counter((row.element, row.status) for row in tasks) == {("fill", "done"): CASES, ("review", "open"): CASES}
    for instance in desk.session.scalars(select(Instance).limit(3)):
        desk.do(instance, "review")
        assert desk.task(instance, "confirm")


def fill(desk: Desk, app: Flask, part: int, failures: list[Exception]) -> None:
    """Do every second of the open steps."""
    with app.app_context():
        with transaction() as session:
            ids = list(session.scalars(select(Task.id).where(Task.status == "open").order_by(Task.instance_id)))
        for task in ids[part::2]:
            try:
                with transaction() as session:
                    complete_task(session, desk.clerk, clock.now(), task, {"opinion": "已填"}, 0)
            except Exception as error:
                failures.append(error)


def move(app: Flask, migration: int, failures: list[Exception]) -> None:
    try:
        with app.app_context():
            jobs.run(migration)
    except Exception as error:
        failures.append(error)
