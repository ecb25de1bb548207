"""A mail server that closes at any point of the talk loses no message; it is sent again when the server is well."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from tests.factories.mail_server import Mailbox
from tests.integration.mail.conftest import Office
from webapp import clock
from webapp.access import Actor
from webapp.database import transaction
from webapp.mail.models import MailSettings
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import send_due

ABRUPTLY = struct.pack("ii", 1, 0)
ANSWERS = {b"EHLO": b"250 OK", b"MAIL": b"250 OK", b"RCPT": b"250 OK", b"DATA": b"354 go on", b"QUIT": b"221 bye"}


@pytest.fixture
def clerk(office: Office) -> Actor:
    person = office.person("clerk", office.world.unit, "unit_clerk")
    office.world.session.commit()
    return person


@contextmanager
def closing_at(stage: str) -> Iterator[int]:
    """The port of a server that talks until it hears ``stage`` and then closes, politely or abruptly."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _address = listener.accept()
                except OSError:
                    return
                with line:
                    _talk(line, stage)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _talk(line: socket.socket, stage: str) -> None:
    if stage == "greeting":
        return
    line.sendall(b"220 here\r\n")
    while word := line.recv(1024)[:4].upper():
        if word.decode(errors="replace") == stage:
            return
        line.sendall(ANSWERS.get(word, b"250 OK") + b"\r\n")
        if word == b"DATA" and stage == "content":
            line.recv(100)  # and no more of it
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPTLY)
            return


def _as_when_well(office: Office, port: int) -> None:
    office.use(port)
    office.set(paused_until=None, failures=0)
    office.change(due_at=clock.real_now())


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"])
def test_nothing_is_lost_wherever_it_closes(office: Office, mailbox: Mailbox, clerk: Actor, stage: str) -> None:
    with transaction() as session:
        enqueue(session, "test", Recipients(people=[clerk.user_id]), {})
    well = _port_of(office)
    with closing_at(stage) as port:
        office.use(port)
        assert send_due() == 0
    (message,) = office.messages()
    assert message.status == "queued"
    assert message.repeats == (1 if stage in {"DATA", "content"} else 0), (
        "only what it may have taken counts as repeated"
    )

    _as_when_well(office, well)
    assert send_due() == 1
    assert mailbox.ids() == [message.message_id]


def _port_of(office: Office) -> int:
    with transaction() as session:
        return session.scalars(select(MailSettings.port)).one()
