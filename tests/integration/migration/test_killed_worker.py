"""A worker is killed in the middle of a migration: no case is moved twice, none is lost, none is broken."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from tests.integration.migration.conftest import Desk
from webapp.audit.models import AuditEntry
from webapp.config import ROOT
from webapp.instances.models import HistoryEntry
from webapp.migration import jobs
from webapp.migration.models import MigrationItem

CASES = 120


def moved(desk: Desk, migration: int) -> int:
    desk.session.commit()
    query = select(func.count()).where(MigrationItem.migration_id == migration, MigrationItem.status == "moved")
    return desk.session.scalar(query) or 0


def test_the_next_worker_goes_on_where_the_killed_one_stopped(
    desk: Desk, app: Flask, database_url: str, tmp_path: Path
) -> None:
    migration = desk.begun(CASES)
    command = [sys.executable, "-m", "tests.factories.mortal_mover", database_url, str(tmp_path), str(migration)]
    worker = subprocess.Popen(command, cwd=ROOT)
    patience = time.monotonic() + 60
    while moved(desk, migration) < 5:
        assert worker.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    done = moved(desk, migration)
    assert 5 <= done <= CASES
    queued = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'migration.run' AND status = 'todo'")
    desk.session.execute(text("DELETE FROM procrastinate_jobs"))
    desk.session.commit()
    for _ in range(2):  # what was given up is queued again, once
        jobs.sweep()
        assert desk.session.scalar(queued) == 1
        desk.session.commit()
    jobs.run(migration)
    assert (moved(desk, migration), desk.status(migration)) == (CASES, "done")
    told = select(HistoryEntry.instance_id).where(HistoryEntry.act == "migrate")
    assert Counter(desk.session.scalars(told)).most_common(1)[0][1] == 1
    noted = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "instance.migrate")
    assert desk.session.scalar(noted) == CASES
    versions = text("SELECT DISTINCT process_version_id FROM instances")
    assert len(desk.session.execute(versions).all()) == 1
