"""The database is gone for a while: schedulers and workers stay, catch up and do each thing once."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.conftest import close, make_settings
from tests.factories.mail_server import Mailbox, mail_server
from tests.factories.small_world import assigned, registered
from tests.integration.deadlines.conftest import DatedWorld
from tests.integration.host.installation import WENMING, wait_until
from tests.integration.mail.conftest import Office
from tests.processes.drawing import chain, diagram, end, start
from webapp import create_app
from webapp.config import ROOT
from webapp.database import db, transaction
from webapp.definitions import library
from webapp.host.migrate import migrate
from webapp.host.server import EmbeddedServer
from webapp.instances.models import HistoryEntry
from webapp.mail.models import MailMessage
from webapp.mail.operations import Recipients, enqueue

AWAY_SECONDS = 12
"""Long enough for every process to ask in vain, several times."""
_SOON = "UPDATE tasks SET next_notice_at = now() + interval '5 seconds'"


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """A server of this test alone, which it may stop."""
    with tempfile.TemporaryDirectory(prefix="wm-away-") as folder:
        found = EmbeddedServer(Path(folder), durable=False)
        yield found
        found.stop()


@contextmanager
def running(url: str, data: Path, *parts: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """``wenming worker`` and the like, as on machines of their own: nobody starts them again."""
    environment = os.environ | {"DATABASE_URL": url, "WENMING_DATA": str(data)}
    with (data / "processes.log").open("ab") as log, ExitStack() as stack:
        found = [
            stack.enter_context(subprocess.Popen([WENMING, part], cwd=ROOT, env=environment, stdout=log, stderr=log))
            for part in parts
        ]
        try:
            yield found
        finally:
            for process in found:
                process.terminate()


@contextmanager
def closing_app(app: Flask) -> Iterator[None]:
    try:
        yield
    finally:
        close(app)


def _prepare(app: Flask, port: int) -> tuple[Office, int]:
    """A late task, whose superiors are told while the database is away; and somebody to write to."""
    world = DatedWorld(db.session())
    office = Office(world, app)
    world.publish(
        diagram(start(), assigned("decide", deadline='working_days="5"'), end(), chain("start", "decide", "end"))
    )
    world.start_at("2021-04-22T10:00")
    world.session.execute(text("UPDATE users SET email = username || '@example.org'"))
    world.session.execute(text("UPDATE tasks SET next_notice_at = NULL"))
    world.session.commit()
    office.use(port)
    return office, world.clerk.user_id


def _arrived(office: Office, box: Mailbox) -> list[MailMessage]:
    """Which of those that the test is about the server has; digests come beside them when it is the time of the day."""
    ids = set(box.ids())
    messages = office.messages(kind="test") + office.messages(kind="escalation")
    return [message for message in messages if message.message_id in ids]


def _write(person: int) -> None:
    with transaction() as session:
        enqueue(session, "test", Recipients(people=[person]), {})


@pytest.mark.usefixtures("allow_mail")
def test_everything_goes_on_when_it_is_back(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_published", {})
    url = server.own()
    migrate(url)
    app = create_app(make_settings(tmp_path), url)
    log = tmp_path / "processes.log"
    with closing_app(app), mail_server() as (box, port), app.app_context(), registered(data={}):
        office, clerk = _prepare(app, port)
        with running(url, tmp_path, "worker", "worker", "scheduler", "scheduler") as processes:
            _write(clerk)
            wait_until(lambda: len(_arrived(office, box)) == 1, log.read_text)
            with transaction() as session:
                session.execute(text(_SOON))
            db.session.remove()
            server.stop()
            time.sleep(AWAY_SECONDS)
            assert [process.poll() for process in processes] == [None] * 4, log.read_text()
            assert server.own() == url
            db.engine.dispose()
            _write(clerk)
            wait_until(lambda: len(_arrived(office, box)) == 3, log.read_text)
            assert [process.poll() for process in processes] == [None] * 4, log.read_text()
        for message in _arrived(office, box):
            assert message.status == "sent"
            assert box.ids().count(message.message_id) <= 1 + message.repeats
        with transaction() as session:
            assert len(session.scalars(select(HistoryEntry).where(HistoryEntry.act == "escalate")).all()) == 1
