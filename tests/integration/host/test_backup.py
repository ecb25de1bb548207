"""Saving and restoring: what comes back is what was saved, or nothing changes at all."""

import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import Databases
from webapp.config import Settings
from webapp.host.backup import KEPT, BackupFile, create_backup, create_daily_backup
from webapp.host.failure import HostError
from webapp.host.locks import FileLock
from webapp.host.migrate import newest_revision
from webapp.host.restore import restore_backup

ATTACHMENT = b"sealed form " * 1000


@pytest.fixture
def saved(settings: Settings, database_url: str, tmp_path: Path) -> BackupFile:
    """A backup of an installation with a row, an attachment and a key."""
    _put(database_url, 86400)
    (settings.attachments / "ab").mkdir(parents=True)
    (settings.attachments / "ab" / "abcd").write_bytes(ATTACHMENT)
    (settings.attachments / "incoming-xyz").write_bytes(b"half an upload")
    assert settings.secret_key()
    return create_backup(settings, database_url, tmp_path / "saved.backup")


@pytest.fixture
def other(databases: Databases, tmp_path: Path) -> Settings:
    """Another installation: an empty database and an empty folder."""
    folder = tmp_path / "other clone"
    return Settings(folder, databases.create(), "127.0.0.1", 8000, True, 1, 20 << 20)


def _put(url: str, seconds: float) -> None:
    _execute(url, f"DELETE FROM clock_offset; INSERT INTO clock_offset (id, seconds) VALUES (1, {seconds})")


def _read(url: str | None) -> float | None:
    engine = create_engine(str(url))
    with engine.connect() as connection:
        found: float | None = connection.scalar(text("SELECT seconds FROM clock_offset"))
    engine.dispose()
    return found


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_fresh_clone_gets_everything_back(saved: BackupFile, settings: Settings, other: Settings) -> None:
    manifest = restore_backup(other, saved.path)

    assert manifest["revision"] == newest_revision()
    assert _read(other.database_url) == 86400
    assert (other.attachments / "ab" / "abcd").read_bytes() == ATTACHMENT
    assert not list(other.attachments.glob("incoming-*"))
    assert other.secret_key() == settings.secret_key()


def test_a_restored_installation_can_be_saved_and_restored_again(
    saved: BackupFile, other: Settings, tmp_path: Path
) -> None:
    restore_backup(other, saved.path)
    again = create_backup(other, str(other.database_url), tmp_path / "again.backup")
    _put(str(other.database_url), 1)
    (other.attachments / "ab" / "abcd").unlink()

    restore_backup(other, again.path)

    assert _read(other.database_url) == 86400
    assert (other.attachments / "ab" / "abcd").read_bytes() == ATTACHMENT


@pytest.mark.parametrize("damage", ["byte", "tail", "foreign"])
def test_a_damaged_file_changes_nothing(damage: str, saved: BackupFile, other: Settings) -> None:
    restore_backup(other, saved.path)
    _put(str(other.database_url), 7)
    content = bytearray(saved.path.read_bytes())
    if damage == "byte":
        content[content.index(b"sealed form") + 3] ^= 1
    elif damage == "tail":
        del content[len(content) // 2 :]
    else:
        content = bytearray(b"PK\x03\x04 something else")
    saved.path.write_bytes(content)

    with pytest.raises(HostError, match="damaged"):
        restore_backup(other, saved.path)

    assert _read(other.database_url) == 7
    assert (other.attachments / "ab" / "abcd").read_bytes() == ATTACHMENT
    assert not list(other.data.glob("restore-*"))


def test_a_member_that_points_outside_is_refused(other: Settings, tmp_path: Path) -> None:
    evil = tmp_path / "evil.backup"
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"format": 1, "revision": newest_revision(), "sha256": {}}))
    with tarfile.open(evil, "w") as tar:
        tar.add(manifest, "../outside")
        tar.add(manifest, "manifest.json")

    with pytest.raises(HostError, match="damaged"):
        restore_backup(other, evil)

    assert not (other.data / "outside").exists()


def test_a_backup_of_a_newer_version_is_refused(
    saved: BackupFile, other: Settings, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    _execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    newer = create_backup(settings, database_url, tmp_path / "newer.backup")

    with pytest.raises(HostError, match="newer than this program"):
        restore_backup(other, newer.path)

    assert not list(other.attachments.iterdir())


def test_a_running_application_is_not_overwritten(saved: BackupFile, other: Settings) -> None:
    other.data.mkdir()
    with FileLock(other.data / "run.lock") as lock:
        lock.take()

        with pytest.raises(HostError, match="stop it first"):
            restore_backup(other, saved.path)


def test_an_older_backup_is_not_overwritten(saved: BackupFile, settings: Settings, database_url: str) -> None:
    before = saved.path.read_bytes()

    with pytest.raises(HostError, match="not overwritten"):
        create_backup(settings, database_url, saved.path)

    assert saved.path.read_bytes() == before


def test_a_missing_file_is_named(other: Settings, tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"no such backup: .*absent"):
        restore_backup(other, tmp_path / "absent")


def test_an_empty_database_is_not_saved(other: Settings, tmp_path: Path) -> None:
    other.data.mkdir()

    with pytest.raises(HostError, match="nothing to save"):
        create_backup(other, str(other.database_url), tmp_path / "empty.backup")

    assert not list(tmp_path.glob("*.backup"))


def test_daily_backups_keep_the_last_fourteen(settings: Settings, database_url: str) -> None:
    first = datetime(2026, 11, 1, 3, 10, tzinfo=UTC)
    folder = settings.data / "backups"
    folder.mkdir()
    for day in range(KEPT):
        (folder / f"wenming-{first + timedelta(days=day):%Y%m%d-%H%M%S}.backup").write_bytes(b"old")

    written = create_daily_backup(settings, database_url, first + timedelta(days=KEPT))

    kept = sorted(folder.iterdir())
    assert len(kept) == KEPT
    assert kept[-1] == written.path
    assert kept[0].name == "wenming-20261102-031000.backup"
