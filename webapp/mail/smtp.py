"""One connection to the mail server, and what its answers mean for the message at hand.

A refused recipient or content is final, a server that cannot be used at all says nothing about the message, and a
connection that breaks while the message is handed over leaves open whether it was taken.
"""

import os
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from types import TracebackType
from typing import Self

from webapp.mail.models import MailSettings

USER, PASSWORD = "SMTP_USER", "SMTP_PASSWORD"
_ADDRESS = re.compile(r'[^\s<>@,;:"()\[\]\\\x80-\U0010ffff]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?')
_HERE = {"127.0.0.1", "::1", "localhost"}


class DeliveryError(Exception):
    """A message was not accepted now and may be tried again."""


class RefusedError(DeliveryError):
    """The server will never take this message."""


class UncertainError(DeliveryError):
    """The connection broke while the message was handed over: the server may have it."""


class ServerError(DeliveryError):
    """The server cannot be used; no message could have been sent."""


@dataclass(frozen=True)
class Server:
    """How to reach the mail server."""

    host: str
    port: int
    security: str
    sender: str
    sender_name: str
    timeout: float
    user: str | None = None
    password: str | None = None


def server_of(settings: MailSettings) -> Server:
    """The server of the settings with the credentials of the environment."""
    return Server(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        sender=settings.sender,
        sender_name=settings.sender_name,
        timeout=settings.timeout_seconds,
        user=os.environ.get(USER) or None,
        password=os.environ.get(PASSWORD) or None,
    )


def has_credentials() -> bool:
    """Whether the environment holds a user name for the mail server."""
    return bool(os.environ.get(USER))


def compose(server: Server, to: str, message_id: str, subject: str, text: str, html: str) -> EmailMessage:
    """The message as it travels.

    Raises:
        RefusedError: the address can never be one.
    """
    message = EmailMessage(policy=SMTP)
    try:
        if not _ADDRESS.fullmatch(to):
            raise ValueError(to)
        message["From"] = formataddr((server.sender_name, server.sender))
        message["To"] = to
    except (ValueError, IndexError) as error:
        raise RefusedError(f"邮箱地址“{to}”无法使用。") from error
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    return message


class Line:
    """An open connection, used for one message after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect, encrypt and log in, unless that has been done.

        Raises:
            ServerError: it cannot be.
        """
        if self._client is not None:
            return
        try:
            self._client = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerError(words(error)) from error

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                client.starttls(context=context)
            if server.user:
                self._log_in(client)
            else:
                client.ehlo_or_helo_if_needed()
        except BaseException:
            client.close()
            raise
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        server = self._server
        if server.security == "none" and server.host not in _HERE:
            raise smtplib.SMTPException("连接没有加密，不能发送用户名和密码；请改用 STARTTLS 或 TLS。")
        client.login(server.user or "", server.password or "")

    def close(self) -> None:
        """Say good-bye, if anybody still listens."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
            self._client = None

    def send(self, to: str, message: EmailMessage) -> None:
        """Hand one message over; when this returns, the server has it.

        Raises:
            RefusedError, UncertainError, ServerError, DeliveryError: see there.
        """
        client = self._begin()
        self._address(client, to)
        try:
            code, said = client.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, _bytes(error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UncertainError(f"交付过程中连接中断：{words(error)}") from error
        if code != 250:
            self._refuse(code, said)

    def _begin(self) -> smtplib.SMTP:
        """Start a message; a server that has closed an idle connection is called once more."""
        for is_last in (self._client is None, True):
            self.open()
            assert self._client is not None  # noqa: S101 (just opened)
            try:
                code, said = self._client.mail(self._server.sender)
            except (OSError, smtplib.SMTPException) as error:
                self._drop()
                if is_last:
                    raise ServerError(words(error)) from error
            else:
                if code == 250:
                    return self._client
                self._drop()
                if is_last:
                    raise ServerError(f"服务器不接受发件人：{code} {_text(said)}")
        raise AssertionError

    def _address(self, client: smtplib.SMTP, to: str) -> None:
        try:
            code, said = client.rcpt(to)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise DeliveryError(words(error)) from error
        if code not in {250, 251}:
            self._refuse(code, said)

    def _refuse(self, code: int, said: bytes) -> None:
        """Raise what an answer means; the connection stays usable where the server allows it."""
        client = self._client
        if code == 421 or client is None:
            self._drop()
        else:
            try:
                client.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        words_ = f"{code} {_text(said)}"
        raise RefusedError(words_) if 500 <= code < 600 else DeliveryError(words_)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def words(error: Exception) -> str:
    """What went wrong, in one line for the administrator."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(_bytes(error.smtp_error))}"
    if isinstance(error, TimeoutError) or str(error).endswith("timed out"):
        return "服务器没有在规定时间内答复"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return f"服务器断开了连接（{error}）"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"服务器的证书不可信（{error.verify_message}）；自建证书请在启动时用 SSL_CERT_FILE 指定"
    if isinstance(error, ConnectionRefusedError):
        return "服务器拒绝连接，请核对地址和端口"
    return f"{error}"[:500] or type(error).__name__


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _text(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[:500]
