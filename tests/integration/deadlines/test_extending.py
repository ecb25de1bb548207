"""More time for a task: who may give it, what it changes, and what happens when somebody decides meanwhile."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import COUNTY, assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import boundary, chain, diagram, end, start, timer
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.database import db, transaction
from webapp.deadlines.extending import extend
from webapp.instances.interventions import suspend
from webapp.instances.models import HistoryEntry, Instance
from webapp.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from webapp.registry.models import Region
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task

NOW = at("2021-04-23T10:00")


@pytest.fixture
def instance(world: DatedWorld) -> Instance:
    world.publish(
        diagram(
            start(),
            assigned("decide", deadline='working_days="5"'),
            assigned("look"),
            end(),
            chain("start", "decide", "look", "end"),
        )
    )
    return world.start_at("2021-04-22T10:00")


def give(world: DatedWorld, task: Task, actor: Actor, **how: Any) -> datetime:
    return extend(world.session, actor, NOW, task.id, how.pop("version", task.version), "材料较多", **how)


def test_a_leader_gives_working_days_from_the_present_due_time(world: DatedWorld, instance: Instance) -> None:
    task = world.open_task(instance, "decide")
    assert give(world, task, world.leader, working_days=3) == at("2021-05-06T23:59:59")
    after = world.open_task(instance, "decide")
    assert (after.due_at, after.version) == (at("2021-05-06T23:59:59"), 1)
    due = select(TaskCandidate.due_at).where(TaskCandidate.task_id == task.id)
    assert set(world.session.scalars(due)) == {after.due_at}
    line = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "extend_deadline")).one()
    assert line.comment == "办理期限由 2021-04-28 23:59 延至 2021-05-06 23:59。理由：材料较多"
    assert line.actor_id == world.leader.user_id
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.act == "task.extend")).one()
    assert entry.after["reason"] == "材料较多"


def test_a_leader_names_a_day(world: DatedWorld, instance: Instance) -> None:
    task = world.open_task(instance, "decide")
    until = at("2021-05-10T23:59:59")
    assert give(world, task, world.leader, until=until) == until
    assert world.open_task(instance, "decide").due_rule["until"] == until.isoformat()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"working_days": 0},
        {"working_days": 99999},
        {"working_days": 3, "until": at("2021-05-10T23:59:59")},
        {"until": at("2021-04-22T23:59:59")},
        {"until": at("2021-04-27T23:59:59")},
    ],
)
def test_an_extension_leads_to_a_later_time(world: DatedWorld, instance: Instance, how: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        give(world, world.open_task(instance, "decide"), world.leader, **how)


def test_only_officers_of_the_office_or_above_may_extend(world: DatedWorld, instance: Instance) -> None:
    task = world.open_task(instance, "decide")
    for actor in (world.reviewer, world.clerk):
        with pytest.raises(Forbidden):
            give(world, task, actor, working_days=3)
    world.session.add(Region(code="430700", name="另一市", parent_code="430000", level="city", path="430000/430700"))
    world.session.flush()
    stranger = world.person("stranger", world._organisation("另一市文明办", "office", "430700"), "city_leader")
    with pytest.raises(NotFound):
        give(world, task, stranger, working_days=3)
    province = world._organisation("省文明办", "office", "430000")
    assert give(world, task, world.person("officer", province, "provincial_officer"), working_days=3)


def test_a_stale_version_a_suspended_case_and_a_drawn_timer_refuse(world: DatedWorld, instance: Instance) -> None:
    task = world.open_task(instance, "decide")
    with pytest.raises(Conflict) as refused:
        give(world, task, world.leader, working_days=3, version=task.version + 7)
    assert refused.value.extra["current_version"] == task.version
    suspend(world.session, world.leader, NOW, instance.id, "核实")
    with pytest.raises(Conflict, match="已挂起"):
        give(world, task, world.leader, working_days=3)


def test_where_the_diagram_goes_on_by_itself_nobody_extends(world: DatedWorld) -> None:
    late = boundary("late", "decide", timer("end_of_working_day(5)"))
    parts = (assigned("decide", deadline='working_days="5"'), late, end(), end("missed"))
    world.publish(diagram(start(), *parts, chain("start", "decide", "end"), chain("late", "missed")))
    task = world.open_task(world.start_at("2021-04-22T10:00"), "decide")
    with pytest.raises(Conflict, match="按流程图"):
        give(world, task, world.leader, working_days=3)


class Second:
    """Somebody who acts at the same time, in a thread and transaction of their own."""

    def __init__(self, app: Flask, act: Any) -> None:
        self.outcome: Any = None
        self._app, self._act = app, act
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._app.app_context(), transaction() as session:
                self.outcome = self._act(session)
        except Problem as problem:
            self.outcome = problem

    def wait(self) -> Any:
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.outcome


@pytest.fixture
def waits(world: DatedWorld) -> Callable[[], None]:
    """Returns once some transaction waits for a lock."""

    def until_somebody_waits() -> None:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(db.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                connection.execute(db.text("SELECT pg_sleep(0.01)"))

    return until_somebody_waits


def test_whoever_decides_first_leaves_nothing_to_extend(
    app: Flask, world: DatedWorld, instance: Instance, waits: Any
) -> None:
    task = world.open_task(instance, "decide")
    world.session.commit()
    complete_task(world.session, world.reviewer, NOW, task.id, {}, task.version)

    def act(session: Session) -> datetime:
        return extend(session, world.leader, NOW, task.id, task.version, "材料较多", working_days=3)

    second = Second(app, act)
    waits()
    world.session.commit()
    outcome = second.wait()
    assert isinstance(outcome, Conflict)
    assert "reviewer" in outcome.detail
    assert world.session.get_one(Task, task.id, populate_existing=True).due_at == at("2021-04-28T23:59:59")


def test_whoever_extends_first_does_not_keep_others_from_deciding(
    app: Flask, world: DatedWorld, instance: Instance, waits: Any
) -> None:
    task = world.open_task(instance, "decide")
    world.session.commit()
    extend(world.session, world.leader, NOW, task.id, task.version, "材料较多", working_days=3)

    def act(session: Session) -> str:
        return complete_task(session, world.reviewer, NOW, task.id, {}, task.version).instance.status

    second = Second(app, act)
    waits()
    world.session.commit()
    assert second.wait() == "running"
    closed = world.session.get_one(Task, task.id, populate_existing=True)
    assert (closed.status, closed.due_at) == ("done", at("2021-05-06T23:59:59"))


def test_two_leaders_do_not_extend_twice(app: Flask, world: DatedWorld, instance: Instance, waits: Any) -> None:
    task = world.open_task(instance, "decide")
    world.session.commit()
    extend(world.session, world.leader, NOW, task.id, task.version, "材料较多", working_days=3)

    def act(session: Session) -> datetime:
        return extend(session, world.leader, NOW, task.id, task.version, "材料较多", working_days=3)

    second = Second(app, act)
    waits()
    world.session.commit()
    outcome = second.wait()
    assert isinstance(outcome, Conflict)
    assert outcome.extra["current_version"] == task.version + 1
    assert COUNTY in task.due_rule["region"]
