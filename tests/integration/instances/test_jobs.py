"""The sweeps: due timers fire once however many sweep, one failure stops no other, the business clock decides."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from tests.factories.small_world import SmallWorld, assigned, registered
from tests.processes.drawing import boundary, catch, chain, diagram, end, service, start, timer
from webapp import clock
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.instances import jobs
from webapp.instances.incidents import BACK_OFF
from webapp.instances.jobs import BATCH, fire_timers, list_due_timers, retry_incidents
from webapp.instances.models import Incident, Instance, Wait
from webapp.instances.queries import open_incidents
from webapp.instances.timers import fire_due

BROKEN: list[bool] = []


def archive(_case: Any) -> str:
    if BROKEN:
        raise ConnectionError("档案系统没有应答")
    return "done"


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    BROKEN.clear()
    with registered(data={"n": 1}, services={"archive": archive}):
        yield


@pytest.fixture
def clerk(world: SmallWorld) -> Actor:
    world.person("reviewer", world.county, "county_reviewer")
    return world.person("clerk", world.unit, "unit_clerk")


WAITING = diagram(
    start(),
    assigned("answer"),
    boundary("overdue", "answer", timer("end_of_working_day(3)")),
    service("archive", 'name="archive"'),
    end(),
    end("late"),
    chain("start", "answer", "end"),
    chain("overdue", "archive", "late"),
)


def run_many(world: SmallWorld, clerk: Actor, number: int) -> list[Instance]:
    world.publish(WAITING)
    instances = [world.start(clerk) for _ in range(number)]
    world.session.commit()
    return instances


def statuses(world: SmallWorld) -> list[str]:
    world.session.rollback()
    return list(world.session.scalars(select(Instance.status).order_by(Instance.id)))


def test_timers_follow_the_business_clock(world: SmallWorld, clerk: Actor) -> None:
    run_many(world, clerk, 2)
    fire_timers()
    assert statuses(world) == ["running", "running"]

    clock.advance(world.session, timedelta(days=20))
    world.session.commit()
    fire_timers()

    assert statuses(world) == ["completed", "completed"]
    fired = world.session.scalars(select(AuditEntry).where(AuditEntry.act == "timer.fire")).all()
    assert len(fired) == 2
    assert all(entry.business_at - entry.at > timedelta(days=19) for entry in fired)


def test_two_sweeps_at_once_fire_once(app: Flask, world: SmallWorld, clerk: Actor) -> None:
    run_many(world, clerk, 6)
    clock.advance(world.session, timedelta(days=20))
    world.session.commit()
    barrier = threading.Barrier(3)

    def sweep() -> None:
        with app.app_context():
            barrier.wait()
            fire_timers()

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fire_timers()  # what all of them found busy

    assert statuses(world) == ["completed"] * 6
    assert len(world.session.scalars(select(AuditEntry.id).where(AuditEntry.act == "timer.fire")).all()) == 6


def test_what_is_busy_is_skipped(app: Flask, world: SmallWorld, clerk: Actor) -> None:
    (instance,) = run_many(world, clerk, 1)
    late = clock.now() + timedelta(days=20)
    world.session.execute(select(Instance).where(Instance.id == instance.id).with_for_update())
    found: list[bool] = []

    def sweep() -> None:
        with app.app_context(), transaction() as session:
            found.append(fire_due(session, late, instance.id))

    thread = threading.Thread(target=sweep)
    thread.start()
    thread.join()
    assert found == [False]


def test_one_broken_instance_stops_no_other(world: SmallWorld, clerk: Actor) -> None:
    first, *_others = run_many(world, clerk, 3)
    world.session.execute(update(Instance).where(Instance.id == first.id).values(state="not a state"))
    clock.advance(world.session, timedelta(days=20))
    world.session.commit()

    fire_timers()
    fire_timers()

    assert statuses(world) == ["running", "completed", "completed"]
    (incident,) = open_incidents(world.session, first.id)
    assert (incident.kind, incident.pending, incident.retries) == ("replay", {"act": "advance"}, 0)
    assert list(list_due_timers(clock.now())) == []


def test_a_lost_database_ends_the_sweep_and_is_no_incident(
    world: SmallWorld, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_many(world, clerk, 2)
    clock.advance(world.session, timedelta(days=20))
    world.session.commit()

    def lose(*_arguments: Any) -> bool:
        raise OperationalError("SELECT 1", {}, ConnectionError("the server went away"))

    with monkeypatch.context() as away:
        away.setattr(jobs, "fire_due", lose)
        with pytest.raises(OperationalError):
            fire_timers()
    assert world.count(Incident) == 0

    fire_timers()
    assert statuses(world) == ["completed", "completed"]


def test_more_than_a_batch_is_found_and_each_instance_once(world: SmallWorld, clerk: Actor) -> None:
    instances = run_many(world, clerk, 2)
    due = clock.now() - timedelta(minutes=5)
    rows = [
        Wait(instance_id=instances[n % 2].id, kind="timer", element="overdue", name="overdue", due_at=due)
        for n in range(BATCH + 10)
    ]
    world.session.add_all(rows)
    world.session.commit()

    assert sorted(list_due_timers(clock.now())) == [instance.id for instance in instances]


def test_suspended_instances_wait(world: SmallWorld, clerk: Actor) -> None:
    (instance,) = run_many(world, clerk, 1)
    world.session.execute(update(Instance).where(Instance.id == instance.id).values(status="suspended"))
    world.session.commit()

    assert list(list_due_timers(clock.now() + timedelta(days=20))) == []


def test_incidents_are_retried_in_time(world: SmallWorld, clerk: Actor) -> None:
    BROKEN.append(True)
    run_many(world, clerk, 1)
    clock.advance(world.session, timedelta(days=20))
    world.session.commit()
    fire_timers()
    assert [i.kind for i in world.session.scalars(select(Incident))] == ["engine"]

    BROKEN.clear()
    retry_incidents()
    assert statuses(world) == ["running"], "its turn has not come"
    clock.advance(world.session, timedelta(days=20) + BACK_OFF[0])
    world.session.commit()
    retry_incidents()

    assert statuses(world) == ["completed"]
    assert [i.status for i in world.session.scalars(select(Incident))] == ["resolved"]


def test_a_retry_that_cannot_even_be_made_is_put_off(world: SmallWorld, clerk: Actor) -> None:
    BROKEN.append(True)
    (instance,) = run_many(world, clerk, 1)
    clock.advance(world.session, timedelta(days=20))
    world.session.commit()
    fire_timers()
    world.session.execute(update(Instance).where(Instance.id == instance.id).values(state="not a state"))
    clock.advance(world.session, timedelta(days=20) + BACK_OFF[0])
    world.session.commit()

    retry_incidents()

    world.session.rollback()
    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.retries, incident.error_type) == (1, "StateError")
    assert incident.next_retry_at is not None
    assert incident.next_retry_at > clock.now()


def test_a_drawn_catch_event_waits_too(world: SmallWorld, clerk: Actor) -> None:
    world.publish(
        diagram(start(), catch("pause", timer("end_of_working_day(1)")), end(), chain("start", "pause", "end"))
    )
    world.start(clerk)
    clock.advance(world.session, timedelta(days=15))
    world.session.commit()

    fire_timers()

    assert statuses(world) == ["completed"]
