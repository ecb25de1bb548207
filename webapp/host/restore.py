"""Bringing a backup back: everything is checked before anything is replaced, and the database changes at one stroke."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.audit.anchors import set_anchors_aside
from webapp.config import Settings
from webapp.host.addresses import libpq_environment
from webapp.host.archive import unpack
from webapp.host.backup import ATTACHMENTS, DUMP, KEYS
from webapp.host.failure import HostError
from webapp.host.heartbeats import BACKGROUND, is_alive
from webapp.host.migrate import is_known, migrate, newest_revision
from webapp.host.preflight import check_folders, refuse_running
from webapp.host.programs import run_program
from webapp.host.server import reach_database


def restore_backup(settings: Settings, path: Path) -> dict[str, Any]:
    """Replace database, attachments and keys of this installation by those in ``path``; returns the manifest.

    Raises:
        HostError: the application runs, or the backup is damaged or newer than this program; nothing was replaced.
    """
    check_folders(settings)
    with refuse_running(settings.data), tempfile.TemporaryDirectory(dir=settings.data, prefix="restore-") as folder:
        staged = Path(folder)
        manifest = unpack(path, staged)
        _refuse_newer(manifest)
        with reach_database(settings) as (url, _):
            _refuse_busy(url)
            _load(url, staged)
            migrate(url)
            for name, place in ((ATTACHMENTS, settings.attachments), (KEYS, settings.keys)):
                _swap(staged / name, place, staged / f"before-{name}")
            set_anchors_aside(settings)
    return manifest


def _refuse_newer(manifest: dict[str, Any]) -> None:
    revision = str(manifest.get("revision"))
    if not is_known(revision):
        raise HostError(
            f"备份的数据库结构（{revision}）比本程序新，请使用更新版本的程序",
            f"the schema of the backup ({revision}) is newer than this program ({newest_revision()})",
        )


def _refuse_busy(url: str) -> None:
    engine = create_engine(url)
    try:
        with Session(engine) as session:
            busy = any(is_alive(session, name) for name in BACKGROUND)
    except SQLAlchemyError:
        busy = False  # an empty database has no heartbeats
    finally:
        engine.dispose()
    if busy:
        raise HostError(
            "数据库正被运行中的程序使用，请先停止", "a running application uses the database: stop it first"
        )


def _load(url: str, staged: Path) -> None:
    environment = libpq_environment(url)
    script = staged / "database.sql"
    content = ("--no-owner", "--no-privileges", f"--file={script}", str(staged / DUMP))
    run_program("pg_restore", *content, environment=environment)
    words = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    empty = ("--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public")
    run_program("psql", *words, *empty, f"--file={script}", environment=environment)


def _swap(fresh: Path, place: Path, old: Path) -> None:
    fresh.mkdir(exist_ok=True, mode=0o700)
    place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old)
