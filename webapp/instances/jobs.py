"""Timers that are due fire, and incidents are tried again: found by index, each instance in a transaction of its own.

What is busy is skipped until the next sweep; what fails stops no other and becomes an incident.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from webapp import clock
from webapp.background.registry import periodic
from webapp.database import transaction
from webapp.instances.incidents import postpone
from webapp.instances.repairs import report_stuck, retry_due
from webapp.instances.running import LOST
from webapp.instances.timers import fire_due

log = logging.getLogger(__name__)
BATCH = 200
THREADS = 3

_DUE_TIMERS = text("""
    SELECT w.instance_id, w.due_at AS at, w.id FROM waits w
    JOIN instances i ON i.id = w.instance_id AND i.status = 'running'
    WHERE w.kind = 'timer' AND w.due_at < :now AND (w.due_at, w.id) > (:after, :after_id) AND NOT EXISTS (
        SELECT FROM incidents x WHERE x.instance_id = w.instance_id AND x.status = 'open'
            AND x.kind = 'replay' AND x.pending->>'act' = 'advance'
    ) ORDER BY w.due_at, w.id LIMIT :batch
""")
_DUE_RETRIES = text("""
    SELECT x.instance_id, x.next_retry_at AS at, x.id FROM incidents x
    JOIN instances i ON i.id = x.instance_id AND i.status = 'running'
    WHERE x.status = 'open' AND x.next_retry_at <= :now AND (x.next_retry_at, x.id) > (:after, :after_id)
    ORDER BY x.next_retry_at, x.id LIMIT :batch
""")
_BEGINNING = datetime(1, 1, 2, tzinfo=clock.SHANGHAI)

Act = Callable[[Session, datetime, int], bool]
Report = Callable[[Session, datetime, int, Exception], None]


@periodic("instances.timers", every=timedelta(seconds=10))
def fire_timers() -> None:
    """Let the timers that are due by the business clock fire."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def fire(instance_id: int) -> bool:
        with app.app_context():
            return _attempt(fire_due, report_stuck, instance_id)

    with ThreadPoolExecutor(THREADS) as pool:  # one computes while another waits for the database
        fired = sum(pool.map(fire, list_due_timers(clock.now())))
    if fired:
        log.info("%s instances went on by their timers", fired)


@periodic("instances.retries", every=timedelta(seconds=30))
def retry_incidents() -> None:
    """Try again what failed, where the machine's own turn has come."""
    mended = sum(_attempt(retry_due, postpone, instance_id) for instance_id in list_due_retries(clock.now()))
    if mended:
        log.info("%s instances went on after a retry", mended)


def list_due_timers(now: datetime) -> Iterator[int]:
    """The running instances with timers due before ``now``, longest due first, read in batches."""
    return _in_batches(_DUE_TIMERS, now)


def list_due_retries(now: datetime) -> Iterator[int]:
    """The running instances with incidents that the machine tries again now, read in batches."""
    return _in_batches(_DUE_RETRIES, now)


def _in_batches(query: TextClause, now: datetime) -> Iterator[int]:
    after, after_id, seen = _BEGINNING, 0, set()
    while True:
        with transaction() as session:
            values = {"now": now, "after": after, "after_id": after_id, "batch": BATCH}
            rows = session.execute(query, values).all()
        for row in rows:
            if row.instance_id not in seen:
                seen.add(row.instance_id)
                yield row.instance_id
        if len(rows) < BATCH:
            return
        after, after_id = rows[-1].at, rows[-1].id


def _attempt(act: Act, report: Report, instance_id: int) -> bool:
    try:
        with transaction() as session:
            return act(session, clock.now(), instance_id)
    except LOST:
        raise  # the database is away: nothing else would fare better, the next sweep comes soon
    except Exception as error:
        log.exception("instance %s", instance_id)
        with transaction() as session:
            report(session, clock.now(), instance_id, error)
        return False
