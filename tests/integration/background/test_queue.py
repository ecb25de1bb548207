"""Background work: each tick once, each job with its transaction, the jobs of the dead taken over."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.background import registry
from webapp.background.deferral import defer, tick
from webapp.background.jobs import forget_finished_work
from webapp.background.pulse import take_over
from webapp.background.scheduler import catch_up
from webapp.background.worker import make_queue, work
from webapp.database import transaction

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the jobs of this test did; ``test.note`` notes its word, ``test.tick`` is due every 15 seconds."""
    words: list[str] = []
    monkeypatch.setattr(registry, "_JOBS", {job.name: job for job in registry.list_jobs()})

    def note(word: str) -> None:
        with transaction() as session:
            words.append(f"{word} {session.scalar(text('SELECT 1'))}")

    def fail() -> None:
        raise RuntimeError("on purpose")

    registry.task("test.note")(note)
    registry.task("test.fail", attempts=1)(fail)
    registry.periodic("test.tick", every=timedelta(seconds=15))(lambda: words.append("tick"))
    return words


def _drain(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    asyncio.run(work(make_queue(app, url)))


def _states(session: Session, name: str) -> list[str]:
    session.rollback()
    query = text("SELECT status::text FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    return list(session.scalars(query, {"name": name}))


def test_a_job_exists_only_with_its_transaction(app: Flask, session: Session, done: list[str]) -> None:
    defer(session, "test.note", {"word": "撤销"})
    session.rollback()
    defer(session, "test.note", {"word": "提交"})
    session.commit()

    _drain(app)

    assert done == ["提交 1"]
    assert _states(session, "test.note") == ["succeeded"]


def test_a_job_waits_for_its_time(app: Flask, session: Session, done: list[str]) -> None:
    defer(session, "test.note", {"word": "later"}, run_at=datetime.now(UTC) + timedelta(hours=1))
    session.commit()

    _drain(app)

    assert done == []
    assert _states(session, "test.note") == ["todo"]


@pytest.mark.usefixtures("done")
def test_a_failing_job_is_kept_as_failed(app: Flask, session: Session) -> None:
    defer(session, "test.fail", {})
    session.commit()

    _drain(app)

    assert _states(session, "test.fail") == ["failed"]


@pytest.mark.usefixtures("done")
def test_a_tick_that_does_not_commit_never_was(session: Session) -> None:
    assert tick(session, "test.tick", NOON) is True
    session.rollback()

    assert tick(session, "test.tick", NOON) is True
    session.commit()
    assert tick(session, "test.tick", NOON) is False


def test_ticks_do_not_pile_up_while_no_worker_runs(app: Flask, session: Session, done: list[str]) -> None:
    for number in range(40):
        assert tick(session, "test.tick", NOON + timedelta(seconds=15 * number))
    session.commit()

    _drain(app)

    assert done == ["tick"]


def test_two_schedulers_and_three_workers_do_each_thing_once(app: Flask, session: Session, done: list[str]) -> None:
    def schedule() -> None:
        with app.app_context():
            for number in range(10):
                with transaction() as own:
                    tick(own, "test.tick", NOON + timedelta(seconds=15 * number))

    for number in range(30):
        defer(session, "test.note", {"word": str(number)})
    session.commit()
    _together([schedule, schedule])
    _together([lambda: _drain(app)] * 3)

    assert sorted(done, key=str) == sorted([*(f"{n} 1" for n in range(30)), "tick"], key=str)
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM ticks WHERE job = 'test.tick'")) == 10


def _together(functions: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_job_of_a_dead_worker_is_taken_over(app: Flask, session: Session, done: list[str]) -> None:
    dead = session.scalar(
        text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id")
    )
    alive = session.scalar(text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id"))
    numbers = [defer(session, "test.note", {"word": word}) for word in ("dead", "alive")]
    for number, worker in zip(numbers, (dead, alive), strict=True):
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :id"),
            {"worker": worker, "id": number},
        )
    session.commit()

    assert take_over(session) == 1
    session.commit()
    _drain(app)

    assert done == ["dead 1"]
    assert _states(session, "test.note") == ["succeeded", "doing"]


@pytest.mark.usefixtures("done")
def test_a_job_that_kills_its_workers_is_given_up(session: Session) -> None:
    number = defer(session, "test.note", {"word": "poison"})
    for _ in range(6):
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE id = :id"), {"id": number}
        )
        take_over(session)
    session.commit()

    assert _states(session, "test.note") == ["failed"]


@pytest.mark.usefixtures("done")
def test_what_was_missed_is_made_up_once(app: Flask, session: Session) -> None:
    catch_up(app)
    catch_up(app)

    daily = session.scalar(text("SELECT count(*) FROM ticks WHERE job = 'host.backup'"))
    assert daily == 1
    assert _states(session, "host.backup") == ["todo"]


@pytest.mark.usefixtures("done")
def test_every_area_s_periodic_job_has_a_schedule_and_an_own_name(app: Flask) -> None:
    names = [job.name for job, _ in registry.list_periodic_jobs()]

    assert {"host.backup", "background.housekeeping"} <= set(names)
    assert len(names) == len(set(names))


def test_finished_work_is_forgotten_after_a_day(app: Flask, session: Session, done: list[str]) -> None:
    for word in ("old", "fresh"):
        defer(session, "test.note", {"word": word})
    session.commit()
    _drain(app)
    first = "SELECT min(id) FROM procrastinate_jobs"
    session.execute(text(f"UPDATE procrastinate_events SET at = at - interval '2 days' WHERE job_id = ({first})"))
    session.commit()

    forget_finished_work()

    assert _states(session, "test.note") == ["succeeded"]
