"""What workers do of migrations: each case in a transaction of its own, in batches, until told to stop.

A worker that dies loses nothing: what a case became is written down with the case, the next one goes on from there.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.queries import get_actor
from webapp.background.deferral import defer
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.instances.running import LOST
from webapp.migration.checking import check_some
from webapp.migration.models import CaseMigration, MigrationItem
from webapp.migration.moving import StaysError, move_case, take_back
from webapp.migration.operations import BACK, CHECK, RUN
from webapp.migration.passages import Passage, passage_of
from webapp.migration.rules import Finding, refusal, verdict_of

log = logging.getLogger(__name__)
BATCH = 50
SECONDS = 20.0
"""After so long a job makes room for others and goes on in a new one."""

Verb = Callable[[Session, Actor, datetime, Passage, int], None]


@task(CHECK)
def check(migration_id: int) -> None:
    """Examine the cases that were not examined yet."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with transaction() as session:
            migration = _locked(session, migration_id, "checking")
            if migration is None:
                return
            if check_some(session, clock.now(), passage_of(session, migration), BATCH) < BATCH:
                migration.status = "ready"
                return
    _go_on(CHECK, migration_id)


@task(RUN)
def run(migration_id: int) -> None:
    """Move the cases that can be moved."""
    if _carry_out(migration_id, "running", "done", "waiting", move_case, "refused"):
        _go_on(RUN, migration_id)


@task(BACK)
def back(migration_id: int) -> None:
    """Put the cases back on which nothing was done since."""
    if _carry_out(migration_id, "undoing", "undone", "moved", take_back, "kept"):
        _go_on(BACK, migration_id)


@periodic("migration.sweep", every=timedelta(minutes=2))
def sweep() -> None:
    """Queue again what a worker ought to be doing and nobody does, because its job was given up."""
    with transaction() as session:
        for migration_id, status in session.execute(_DESERTED).all():
            defer(session, _JOB_OF[status], {"migration_id": migration_id}, lock=f"migration-{migration_id}")


_JOB_OF = {"checking": CHECK, "running": RUN, "undoing": BACK}
_DESERTED = text("""
    SELECT m.id, m.status FROM case_migrations m
    WHERE m.status IN ('checking', 'running', 'undoing') AND NOT EXISTS (
        SELECT FROM procrastinate_jobs j WHERE j.lock = 'migration-' || m.id AND j.status IN ('todo', 'doing')
    ) ORDER BY m.id
""")


@periodic("migration.housekeeping", cron="50 4 * * *")
def forget_ways_back() -> None:
    """Let go of what was kept for taking cases back on which something was done since."""
    with transaction() as session:
        session.execute(_FORGET)


_FORGET = text("""
    UPDATE case_migration_items m SET before = NULL FROM instances i
    WHERE m.before IS NOT NULL AND i.id = m.instance_id AND i.version <> m.version_after
""")


def _go_on(job: str, migration_id: int) -> None:
    with transaction() as session:
        defer(session, job, {"migration_id": migration_id}, lock=f"migration-{migration_id}")


def _carry_out(migration_id: int, status: str, end: str, which: str, verb: Verb, refused: str) -> bool:
    """Do ``verb`` to batch after batch; returns whether time ran out before all was done."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with transaction() as session:
            migration = _locked(session, migration_id, status)
            if migration is None:
                return False
            cases = _next(session, migration_id, which)
            if not cases:
                migration.status, migration.ended_at = end, clock.now()
                return False
            passage, actor = passage_of(session, migration), get_actor(session, migration.started_by or 0)
        for case in cases:
            _attempt(passage, actor, case, verb, refused)
    return True


def _locked(session: Session, migration_id: int, status: str) -> CaseMigration | None:
    """The migration, locked for a moment, if it is still in that state."""
    query = select(CaseMigration).where(CaseMigration.id == migration_id, CaseMigration.status == status)
    return session.scalar(query.with_for_update())


def _next(session: Session, migration_id: int, which: str) -> list[int]:
    query = select(MigrationItem.instance_id).where(
        MigrationItem.migration_id == migration_id, MigrationItem.status == which, MigrationItem.verdict == "safe"
    )
    return list(session.scalars(query.order_by(MigrationItem.instance_id).limit(BATCH)))


def _attempt(passage: Passage, actor: Actor, case: int, verb: Verb, refused: str) -> None:
    try:
        with transaction() as session:
            verb(session, actor, clock.now(), passage, case)
    except StaysError as stays:
        _write_down(passage.migration_id, case, refused, stays.findings)
    except LOST:
        raise  # the database is away: the job is tried again
    except Exception as error:
        log.exception("migration %s, instance %s", passage.migration_id, case)
        words = f"迁移时发生意外错误，办件没有变化：{type(error).__name__}。请联系维护人员。"
        _write_down(passage.migration_id, case, refused, [refusal("error", words)])


def _write_down(migration_id: int, case: int, status: str, findings: list[Finding]) -> None:
    with transaction() as session:
        item = update(MigrationItem).where(
            MigrationItem.migration_id == migration_id, MigrationItem.instance_id == case
        )
        values = {"status": status, "findings": findings}
        if status == "refused":
            values |= {"verdict": verdict_of(findings)}
        session.execute(item.values(values))
