"""What nobody needs any more goes: unused uploads with their files, ended sessions, old failed logins."""

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import SmallWorld
from webapp import clock
from webapp.access import Actor
from webapp.accounts.jobs import forget_ended_sessions
from webapp.accounts.models import LoginFailure, LoginSession
from webapp.accounts.operations import digest
from webapp.attachments.jobs import remove_orphans
from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of, store_upload
from webapp.config import Settings


@pytest.fixture
def clerk(session: Session) -> Actor:
    world = SmallWorld(session)
    return world.person("clerk", world.unit, "unit_clerk")


def upload(session: Session, settings: Settings, clerk: Actor, content: bytes, *, age: timedelta) -> tuple[int, Path]:
    """An upload that was made `age` ago, and its file."""
    row = store_upload(session, settings, clerk, "表.pdf", BytesIO(b"%PDF-1.4\n" + content + b"\n%%EOF"))
    row.uploaded_at = clock.now() - age
    file = path_of(settings, row.sha256)
    at = (clock.real_now() - age).timestamp()
    os.utime(file, (at, at))
    session.commit()
    return row.id, file


def test_unused_uploads_go_and_their_files_after_them(session: Session, settings: Settings, clerk: Actor) -> None:
    old, old_file = upload(session, settings, clerk, b"old", age=timedelta(days=2))
    new, new_file = upload(session, settings, clerk, b"new", age=timedelta(hours=2))

    remove_orphans()
    session.expire_all()
    assert list(session.scalars(select(Attachment.id))) == [new]
    assert old_file.exists(), "only what is committed decides about files"

    remove_orphans()
    assert not old_file.exists()
    assert new_file.exists()
    assert old != new


def test_files_that_nothing_names_go_after_a_day(session: Session, settings: Settings, clerk: Actor) -> None:
    _id, file = upload(session, settings, clerk, b"kept", age=timedelta(hours=2))
    incoming = settings.attachments / "incoming-left-by-a-crash"
    incoming.write_bytes(b"half")
    remove_orphans()
    assert incoming.exists(), "it may be on its way"

    at = (clock.real_now() - timedelta(days=2)).timestamp()
    os.utime(incoming, (at, at))
    remove_orphans()
    assert not incoming.exists()
    assert file.exists()


def test_ended_sessions_and_old_failures_go(session: Session, clerk: Actor) -> None:
    now = clock.real_now()
    for name, expires in (("ended", now - timedelta(minutes=1)), ("living", now + timedelta(hours=1))):
        session.add(
            LoginSession(
                digest=digest(name),
                kind="browser",
                user_id=clerk.user_id,
                created_at=now,
                seen_at=now,
                expires_at=expires,
            )
        )
    for at in (now, now - timedelta(days=2)):
        session.add(LoginFailure(username="x", address="10.0.0.1", at=at))
    session.commit()

    forget_ended_sessions()

    assert list(session.scalars(select(LoginSession.digest))) == [digest("living")]
    assert len(session.scalars(select(LoginFailure.id)).all()) == 1
