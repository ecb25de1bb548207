"""Cases examined and moved to another version by one worker, and the figures of a version over very many cases."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.benchmarks.cases import copy_instance
from tests.benchmarks.laboratory import Laboratory, connect
from tests.conftest import close
from tests.factories.api_client import Case, Office
from tests.factories.migrating import CLERK, publish_next
from webapp import clock, create_app
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.database import transaction
from webapp.heatmap.operations import compute, figures_of, latest_of
from webapp.migration import jobs, operations
from webapp.migration.models import CaseMigration

MOVED = 2_000
_READS = 20


@dataclass
class MigrationFigures:
    """Seconds, and of the worker itself seconds of its processor."""

    cases: int
    examined: float
    moved: float
    processor: float
    heat_cases: int
    computed: float
    first: float = 0.0
    """The first look, before anything was computed."""
    read: list[float] = field(default_factory=list)


def measure_migration(laboratory: Laboratory, most: int) -> MigrationFigures:
    """Move some thousand cases; then count the ways of very many."""
    url = laboratory.demonstration()
    app = create_app(laboratory.settings, url)
    case = Case(Office(app), Office(app).person(CLERK)).submitted()
    with connect(url) as connection:
        copy_instance(connection, case.id, MOVED - 1)
    publish_next(app)
    migration, examined = _timed(lambda: _examine(app))
    began = time.process_time()
    _nothing, moved = _timed(lambda: _move(app, migration))
    processor = time.process_time() - began
    found = MigrationFigures(MOVED, examined, moved, processor, 0, 0.0)
    with connect(url) as connection:
        copy_instance(connection, case.id, max(0, most - MOVED))
    _look(app, found)
    close(app)
    return found


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return act(), time.monotonic() - began


def _examine(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        admin = get_actor(session, session.scalars(select(User.id).where(User.username == "admin")).one())
        made = operations.propose(session, admin, clock.now(), "declaration", (1, 2), {})
        number = made.id
    with app.app_context():
        jobs.check(number)
        with transaction() as session:
            operations.start(session, admin, clock.now(), number, "measure")
    return number


def _move(app: Flask, migration: int) -> None:
    with app.app_context():
        while True:
            jobs.run(migration)
            with transaction() as session:
                if session.get_one(CaseMigration, migration).status == "done":
                    return


def _look(app: Flask, found: MigrationFigures) -> None:
    with app.app_context():
        with transaction() as session:
            version = session.scalars(select(CaseMigration.to_version_id)).one()
            _latest, found.first = _timed(
                lambda: figures_of(session, clock.now(), version) or latest_of(session, clock.now(), version)
            )
            summary, found.computed = _timed(lambda: compute(session, clock.now(), version))
            found.heat_cases = summary.cases
        for _ in range(_READS):
            with transaction() as session:
                _summary, took = _timed(lambda: figures_of(session, clock.now(), version))
                found.read.append(took)
