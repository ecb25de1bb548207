"""Deadlines at scale: very many pending, a thousand due. What finding, doing and idling cost; when it is acted on.

Notices are reminders and escalations of tasks, timers those that diagrams draw; each due one belongs to a case of its
own with its own state, the pending ones lie far ahead.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from psycopg import Connection
from sqlalchemy import text

from tests.benchmarks.cases import CLERK, copy_instance
from tests.benchmarks.laboratory import Laboratory, connect
from tests.conftest import close
from tests.factories.api_client import Case, Office
from webapp import clock, create_app
from webapp.config import ROOT
from webapp.database import transaction
from webapp.instances.jobs import fire_timers, list_due_timers
from webapp.reminders.jobs import act_on_overdue, send_notices
from webapp.reminders.operations import BATCH, DUE

OTHER_CLERK = "junshan.unit1.clerk"
DUE_NOW = 1000
_REPEATS = 30
_LATENCIES = 3
_LEAD = 3.0
"""Seconds from setting a moment to the moment."""
_PATIENCE = 120.0
_HOSTS = 1000
"""Cases that the pending rows hang on; none of them has anything due."""

_PENDING_TASKS = """
    INSERT INTO tasks SELECT (copy).* FROM (
        SELECT jsonb_populate_record(t, jsonb_build_object(
            'id', gen_random_uuid(), 'instance_id', %(hosts)s[1 + n %% cardinality(%(hosts)s)],
            'due_at', now() + interval '310 days',
            'next_notice_at', now() + interval '300 days' + n * interval '1 second'
        )) AS copy
        FROM tasks t, generate_series(1, %(count)s) n WHERE t.id = %(task)s OFFSET 0
    ) copies
"""
_PENDING_TIMERS = """
    INSERT INTO waits (instance_id, kind, element, name, due_at)
    SELECT %(hosts)s[1 + n %% cardinality(%(hosts)s)], 'timer', 'bench', 'bench',
        now() + interval '300 days' + n * interval '1 second'
    FROM generate_series(1, %(count)s) n
"""
_FAR = """
    UPDATE tasks SET due_at = now() + interval '310 days', next_notice_at = now() + interval '300 days'
    WHERE id = ANY(%s) RETURNING instance_id
"""
_SOON = """
    UPDATE tasks SET opened_at = now() - interval '40 days', due_at = now() - interval '20 days',
        next_notice_at = now() + (%(seconds)s + %(offset)s) * interval '1 second', noticed_at = NULL
    WHERE id = (SELECT id FROM tasks WHERE next_notice_at > now() + interval '20 days' LIMIT 1) RETURNING id
"""
_TOLD = "SELECT 1 FROM tasks WHERE id = %(task)s AND noticed_at IS NOT NULL"
_LATE = """
    UPDATE tasks SET opened_at = now() - interval '40 days', due_at = now() - interval '20 days',
        next_notice_at = now() - interval '1 hour', noticed_at = NULL
    WHERE id = ANY(%s)
"""


@dataclass
class Sweep:
    """One kind of sweep."""

    name: str
    pending: int
    due: int
    seconds: float = 1.0
    finding: list[float] = field(default_factory=list)
    idling: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Due ones that were done in a second."""
        return self.due / self.seconds


@dataclass
class DeadlineFigures:
    """Everything that was measured."""

    sweeps: list[Sweep]
    latencies: list[float]
    """Seconds from the due moment of a task to its notice, with scheduler and worker as processes."""


def measure_deadlines(laboratory: Laboratory, pending: int) -> DeadlineFigures:
    """Sweep notices and timers among ``pending`` others, then let a scheduler and a worker do it."""
    url = laboratory.demonstration()
    app = create_app(laboratory.settings, url)
    office = Office(app)
    with connect(url) as connection, app.app_context():
        connection.execute("UPDATE quotas SET planned = planned + 10")  # none of these cases has to wait for a place
        case = Case(office, office.person(CLERK), batch="2", honour="city").submitted()
        hosts = _hosts(connection, case)
        notices = _notices(case, hosts, connection, pending)
        timers = _timers(office, hosts, connection, pending)
        at_tasks = _border_timers(office, connection, pending)
        latencies = list(_latencies(laboratory, url, connection))
    close(app)
    return DeadlineFigures([notices, timers, at_tasks], latencies)


def _hosts(connection: Connection[tuple[object, ...]], case: Case) -> list[object]:
    """Hung on cases that are due, the pending ones would be swept away with them."""
    tasks = copy_instance(connection, case.id, _HOSTS)
    return sorted(row[0] for row in connection.execute(_FAR, [tasks]).fetchall())  # type: ignore[type-var]


def _notices(case: Case, hosts: list[object], connection: Connection[tuple[object, ...]], pending: int) -> Sweep:
    tasks = copy_instance(connection, case.id, DUE_NOW)
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        values = {"count": pending - DUE_NOW, "hosts": hosts, "task": tasks[0]}
        connection.execute(_PENDING_TASKS, values)
        connection.execute(_LATE, [tasks])
    connection.execute("VACUUM ANALYZE tasks")
    found = Sweep("notices", pending, DUE_NOW)
    found.finding = [_spent(_find_notices) for _ in range(_REPEATS)]
    found.seconds = _spent(send_notices)
    _must(connection, "SELECT count(*) FROM tasks WHERE next_notice_at <= now()")
    _must(connection, f"SELECT {DUE_NOW} - count(*) FROM history_entries WHERE act = 'escalate'")
    found.idling = [_spent(send_notices) + _spent(act_on_overdue) for _ in range(_REPEATS)]
    return found


def _find_notices() -> None:
    with transaction() as session:
        session.execute(DUE, {"until": clock.now(), "most": BATCH}).all()


def _timers(office: Office, hosts: list[object], connection: Connection[tuple[object, ...]], pending: int) -> Sweep:
    """The end of a public notice: the decision is opened."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(_PENDING_TIMERS, {"count": pending - DUE_NOW, "hosts": hosts})
    case = Case(office, office.person(OTHER_CLERK), batch="2", honour="city").submitted()
    case.do("review_county", outcome="pass").assessed().do("publish_notice")
    return _fired(Sweep("timers between steps", pending, DUE_NOW), case, connection)


def _border_timers(office: Office, connection: Connection[tuple[object, ...]], pending: int) -> Sweep:
    """Departments that did not answer: their tasks end, the city's are opened; several timers of one case at once."""
    case = Case(office, office.person(CLERK), batch="1", honour="city").submitted().do("review_county", outcome="pass")
    return _fired(Sweep("timers at tasks", pending, DUE_NOW), case, connection)


def _fired(found: Sweep, case: Case, connection: Connection[tuple[object, ...]]) -> Sweep:
    """Let the timers of a case and its copies fire, among the pending ones that are there."""
    with transaction() as session:
        values = {"case": case.id}
        timers = session.scalars(text("SELECT due_at FROM waits WHERE instance_id = :case AND kind = 'timer'"), values)
        moments = timers.all()
        clock.set_now(session, max(moments) + timedelta(seconds=2))
    cases = -(-DUE_NOW // len(moments))
    copy_instance(connection, case.id, cases - 1)
    found.due = cases * len(moments)
    connection.execute("VACUUM ANALYZE waits")
    found.finding = [_spent(lambda: next(list_due_timers(clock.now()))) for _ in range(_REPEATS)]
    found.seconds = _spent(fire_timers)
    _must(connection, "SELECT count(*) FROM waits WHERE kind = 'timer' AND due_at <= now() + interval '200 days'")
    _must(connection, f"SELECT {found.pending - DUE_NOW} - count(*) FROM waits WHERE element = 'bench'")
    found.idling = [_spent(fire_timers) for _ in range(_REPEATS)]
    return found


def _latencies(laboratory: Laboratory, url: str, connection: Connection[tuple[object, ...]]) -> Iterator[float]:
    """A task becomes due while scheduler and worker run: how long until its superiors are told."""
    with _running(laboratory, url, "scheduler"), _running(laboratory, url, "worker"):
        for _ in range(_LATENCIES):
            row = connection.execute(_SOON, {"seconds": _LEAD, "offset": clock.offset().total_seconds()}).fetchone()
            assert row is not None
            began = time.monotonic() + _LEAD
            while connection.execute(_TOLD, {"task": row[0]}).fetchone() is None:
                if time.monotonic() - began > _PATIENCE:
                    raise RuntimeError("nobody was told in two minutes")
                time.sleep(0.2)
            yield time.monotonic() - began


@contextmanager
def _running(laboratory: Laboratory, url: str, part: str) -> Iterator[None]:
    environment = os.environ | {"DATABASE_URL": url, "WENMING_DATA": str(laboratory.settings.data)}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("wenming")), part],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _spent(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _must(connection: Connection[tuple[object, ...]], nothing_left: str) -> None:
    row = connection.execute(nothing_left.encode()).fetchone()
    if row is None or row[0] != 0:
        raise RuntimeError(f"the sweep left {row} of the due ones")
