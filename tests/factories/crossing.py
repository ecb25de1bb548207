"""One person decides many rows together while others decide, take and pause some of the same, all at once."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from tests.factories.api_client import Office
from tests.factories.crowd import gather_consulted
from tests.factories.insiders import Insider
from webapp import clock
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.instances.models import Submission
from webapp.tasks.following import follow_person
from webapp.tasks.models import Task

ANSWERS = {"outcome": "agree", "opinion": "没有意见。"}
_PATIENCE = 300


@dataclass
class Crossing:
    """What came of it, as each of them was told."""

    app: Flask
    first: str
    """Who decided the rows together."""
    tasks: list[str]
    results: list[dict[str, Any]] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)
    waited: list[float] = field(default_factory=list)
    """Seconds that the others waited for each answer."""

    def authors(self) -> dict[str, str]:
        """Who decided each task; one that was decided twice fails here."""
        query = select(Submission.task_id, User.username).join(User, User.id == Submission.actor_id)
        with self.app.app_context(), transaction() as session:
            found = [(str(task), name) for task, name in session.execute(query.where(Submission.task_id.in_(self.ids)))]
        assert len(found) == len(dict(found))
        return dict(found)

    @property
    def ids(self) -> list[UUID]:
        return [UUID(task) for task in self.tasks]


def decide_among_others(app: Flask, url: str, count: int) -> Crossing:
    """Decide ``count`` rows together while a colleague decides, another takes, and a leader pauses some of them."""
    username, tasks = gather_consulted(app, url, count)
    crossing = Crossing(app, username, [str(task) for task in tasks])
    for name in ("second.consultee", "third.consultee"):
        _add_colleague(app, username, name)
    second, third, leader = (Insider(app, name) for name in ("second.consultee", "third.consultee", "city.leader"))
    person, cases = Office(app).person(username), _cases(crossing)

    def together() -> None:
        rows = [{"id": task, "version": 0} for task in crossing.tasks]
        crossing.results.extend(person.post("/tasks/bulk", {"items": rows, "data": ANSWERS})["items"])

    def decide() -> None:
        deciding = {"data": ANSWERS, "version": 0}
        _send(crossing, second, "/tasks/{task}/complete", deciding, reversed(crossing.tasks), crossing.decided)

    def take() -> None:
        _send(crossing, third, "/tasks/{task}/claim", {}, crossing.tasks[1::4], crossing.held)

    def pause() -> None:
        address, reason = "/instances/{case}/suspend", {"reason": "核实举报"}
        _send(crossing, leader, address, reason, crossing.tasks[2::10], crossing.paused, cases)

    _at_once(together, decide, take, pause)
    return crossing


def _add_colleague(app: Flask, username: str, name: str) -> None:
    """Somebody else of the same office, with the same tasks."""
    with app.app_context(), transaction() as session:
        body = session.scalar(select(User.organisation_id).where(User.username == username))
        colleague = User(username=name, name=name, organisation_id=body)
        colleague.roles, colleague.password_hash, colleague.created_at = ["department_consultee"], "!", clock.real_now()
        session.add(colleague)
        session.flush()
        follow_person(session, colleague.id)


def _cases(crossing: Crossing) -> dict[str, int]:
    with crossing.app.app_context(), transaction() as session:
        rows = session.execute(select(Task.id, Task.instance_id).where(Task.id.in_(crossing.ids)))
        return {str(task): case for task, case in rows}


def _send(
    crossing: Crossing,
    person: Insider,
    address: str,
    body: dict[str, Any],
    tasks: Iterable[str],
    kept: set[str],
    cases: Mapping[str, int] | None = None,
) -> None:
    """Ask the same of one task after the other; a conflict is an answer, anything else is not."""
    for task in tasks:
        began = time.perf_counter()
        path = address.format(task=task, case=(cases or {}).get(task))
        answer = person.http.post(f"/api/v1{path}", json=body, headers=person.headers)
        crossing.waited.append(time.perf_counter() - began)
        assert answer.status_code in {200, 409}, answer.text
        if answer.status_code == 200:
            kept.add(task)


def _at_once(*acts: Any) -> None:
    barrier = Barrier(len(acts))

    def begin(act: Any) -> None:
        barrier.wait()
        act()

    threads = [Thread(target=begin, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
