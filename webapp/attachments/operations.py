"""Keep uploaded bytes by digest, written before the row is committed; orphans are swept.

Two uploads of the same bytes share one file. A file is removed only when no row has named it for a day.
"""

import hashlib
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.attachments.models import Attachment
from webapp.attachments.rules import clean_name, media_type
from webapp.audit.operations import record
from webapp.config import Settings
from webapp.problems import InputError, Invalid, Problem, TooLarge

_CHUNK = 1024 * 1024
_GRACE = timedelta(days=1)


def path_of(settings: Settings, sha256: str) -> Path:
    """Where the bytes of a digest lie."""
    return settings.attachments / sha256[:2] / sha256


def store_upload(session: Session, settings: Settings, actor: Actor, name: str, stream: IO[bytes]) -> Attachment:
    """Keep one uploaded file.

    Raises:
        TooLarge: over the limit of the installation.
        Invalid: the type is not accepted or the bytes are something else.
        Problem: 507, the disk is full; nothing was kept.
    """
    name = clean_name(name)
    try:
        kind, size, sha256 = _keep(settings, name, stream)
    except OSError as error:
        full = Problem("服务器存储空间不足或不可写，附件没有保存。请稍后再试，并告知管理员。")
        full.status, full.title = 507, "存储空间不足"
        raise full from error
    row = Attachment(
        name=name, media_type=kind, size=size, sha256=sha256, uploaded_by=actor.user_id, uploaded_at=clock.now()
    )
    session.add(row)
    session.flush()
    record(session, actor, "attachment.upload", subject=f"attachment:{row.id}", after={"name": name, "sha256": sha256})
    return row


def _keep(settings: Settings, name: str, stream: IO[bytes]) -> tuple[str, int, str]:
    settings.attachments.mkdir(parents=True, exist_ok=True)
    head = stream.read(_CHUNK)
    try:
        kind = media_type(name, head[:64])
    except ValueError as error:
        raise Invalid([InputError("file", "type", str(error))]) from error
    if not head:
        raise Invalid([InputError("file", "empty", f"“{name}”是空文件，请重新选择。")])
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=settings.attachments, prefix="incoming-", delete=False) as target:
        try:
            while head:
                size += len(head)
                if size > settings.attachment_limit:
                    raise TooLarge(
                        f"“{name}”超过 {settings.attachment_limit // 1024 // 1024} MB 的上限，请压缩或拆分后再传。"
                    )
                digest.update(head)
                target.write(head)
                head = stream.read(_CHUNK)
            target.flush()
            os.fsync(target.fileno())
            place = path_of(settings, digest.hexdigest())
            place.parent.mkdir(exist_ok=True)
            Path(target.name).replace(place)
            _sync_folder(place.parent)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    return kind, size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file as lasting as the row that will refer to it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_orphans(session: Session, settings: Settings, now: datetime) -> int:
    """Remove uploads that nobody used for a day, and files that no row names; returns how many files.

    The file of a row that goes now stays until the next time: only what is committed decides about files.
    """
    known = set(session.scalars(select(Attachment.sha256)))
    session.execute(delete(Attachment).where(Attachment.instance_id.is_(None), Attachment.uploaded_at < now - _GRACE))
    old = clock.real_now().timestamp() - _GRACE.total_seconds()
    gone = 0
    for file in settings.attachments.glob("**/*"):
        if file.is_file() and file.name not in known and file.stat().st_mtime < old:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
