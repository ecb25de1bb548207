"""Saving an installation into one file while it runs: database, attachments and keys.

Attachments are linked before and after the dump: whatever the dump refers to is there, whatever is deleted meanwhile.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from webapp.config import Settings
from webapp.host.addresses import libpq_environment
from webapp.host.archive import write_archive
from webapp.host.failure import HostError
from webapp.host.migrate import current_revision
from webapp.host.programs import run_program

DUMP = "database.dump"
ATTACHMENTS = "attachments"
KEYS = "keys"
KEPT = 14
_PATTERN = "wenming-*.backup"


@dataclass(frozen=True)
class BackupFile:
    """A backup that was written."""

    path: Path
    size: int
    sha256: str


def create_backup(settings: Settings, url: str, path: Path) -> BackupFile:
    """Write a backup of the installation to ``path``; the application may run.

    Raises:
        HostError: the file exists, or cannot be written.
    """
    path = path.absolute()
    if path.exists() and path.stat().st_size > 0:
        raise HostError(f"{path} 已存在，不会覆盖", f"{path} exists and is not overwritten")
    try:
        with _connection(url) as connection, tempfile.TemporaryDirectory(dir=settings.data, prefix="backup-") as folder:
            about = {"created_at": datetime.now(UTC).isoformat(), "revision": _revision(connection)}
            _collect(settings, url, Path(folder))
            with write_archive(path, about) as archive:
                for file in sorted(Path(folder).rglob("*")):
                    if file.is_file():
                        archive.add(file.relative_to(folder).as_posix(), file)
            written = BackupFile(path, path.stat().st_size, _sha256(path))
            _note(connection, written)
    except OSError as error:
        raise HostError(
            f"无法写备份文件 {path}：{error.strerror}", f"the backup cannot be written to {path}"
        ) from error
    return written


def _collect(settings: Settings, url: str, folder: Path) -> None:
    _link(settings.attachments, folder / ATTACHMENTS)
    run_program("pg_dump", "--format=custom", f"--file={folder / DUMP}", environment=libpq_environment(url))
    _link(settings.attachments, folder / ATTACHMENTS)
    _link(settings.keys, folder / KEYS)


def create_daily_backup(settings: Settings, url: str, now: datetime) -> BackupFile:
    """Write today's backup into the data folder and keep the last fourteen there.

    Raises:
        HostError: it cannot be written.
    """
    folder = settings.data / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    written = create_backup(settings, url, folder / f"wenming-{now:%Y%m%d-%H%M%S}.backup")
    for old in sorted(folder.glob(_PATTERN))[:-KEPT]:
        old.unlink(missing_ok=True)
    return written


def _link(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        if not file.is_file() or file.name.startswith("incoming-"):
            continue
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, place)
        except (FileExistsError, FileNotFoundError):
            continue  # linked before the dump, or an orphan that was swept meanwhile
        except OSError:
            shutil.copy2(file, place)  # another file system


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str:
    found = current_revision(connection)
    connection.commit()
    if found is None:
        raise HostError("数据库是空的，没有可备份的内容", "the database is empty: there is nothing to save")
    return found


def _note(connection: Connection, written: BackupFile) -> None:
    row = {"path": str(written.path), "size": written.size, "sha256": written.sha256}
    connection.execute(text("INSERT INTO backups (path, size, sha256) VALUES (:path, :size, :sha256)"), row)
    connection.commit()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
