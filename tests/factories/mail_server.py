"""A real SMTP server for tests, that takes, refuses, breaks off or dawdles as it is told."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[EmailMessage, int], str | None]


class Mailbox:
    """What arrived, and what the server answers; an answer of ``None`` breaks the connection off."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.mail_answer = "250 OK"
        self.recipient_answers: dict[str, str] = {}
        self.answer: Answer = lambda _message, _number: "250 OK"
        self.delay = 0.0
        self.arrived = threading.Event()
        """Set when something has arrived; whoever waits for the next clears it."""

    def ids(self) -> list[str]:
        """The Message-IDs in the order in which they arrived."""
        return [str(message["Message-ID"]) for message in self.messages]

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail_answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail_answer

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipient_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay)
        content = envelope.content
        assert isinstance(content, bytes)
        message: Any = message_from_bytes(content, policy=policy.default)
        answer = self.answer(message, len(self.messages))
        if answer is None or answer.startswith("250"):
            self.messages.append(message)
            self.recipients.extend(envelope.rcpt_tos)
            self.arrived.set()
        if answer is None:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        return answer


class _Controller(Controller):
    """Knocks at its own server once, encrypted where that is wanted."""

    def _trigger_server(self) -> None:
        if self.ssl_context is None:
            super()._trigger_server()
            return
        knocking = ssl.create_default_context()
        knocking.check_hostname, knocking.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.hostname, self.port), 5) as plain, knocking.wrap_socket(plain) as line:
            line.recv(1024)


@contextmanager
def mail_server(port: int | None = None, **options: Any) -> Iterator[tuple[Mailbox, int]]:
    """A server on this machine and its port; the options are those of aiosmtpd."""
    box, port = Mailbox(), port or free_port()
    controller = _Controller(box, hostname="127.0.0.1", port=port, ready_timeout=20, **options)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
