"""Mail leaves encrypted and after a login, by servers whose certificate is trusted, and by no others."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.factories.mail_server import Mailbox, mail_server
from tests.integration.mail.conftest import Office
from webapp.access import Actor
from webapp.database import transaction
from webapp.mail.models import MailSettings
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import send_due

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
"""Behind implicit TLS the server of the tests sees no STARTTLS and warns."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that a server on this machine signed itself, with its key in the same file."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key.pem"), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "both.pem").write_text(made.read_text() + (folder / "key.pem").read_text())
    return made


@pytest.fixture(params=["tls", "starttls"])
def mailbox(request: pytest.FixtureRequest, office: Office, certificate: Path, allow_mail: None) -> Iterator[Mailbox]:
    """A server that wants encryption and a login; the settings name it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.with_name("both.pem"))
    options: dict[str, Any] = {"authenticator": _authenticate, "auth_required": True}
    if request.param == "tls":
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    with mail_server(**options) as (box, port):
        office.use(port)
        office.set(security=request.param)
        yield box


def _authenticate(_server: object, _session: object, _envelope: object, _way: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=given.login == b"wenming" and given.password == b"right", handled=False)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def send(office: Office, monkeypatch: pytest.MonkeyPatch, password: str) -> int:
    """Write a message and send it with a login; returns how many the server took."""
    monkeypatch.setenv("SMTP_USER", "wenming")
    monkeypatch.setenv("SMTP_PASSWORD", password)
    clerk: Actor = office.person("clerk", office.world.unit, "unit_clerk")
    with transaction() as session:
        enqueue(session, "test", Recipients(people=[clerk.user_id]), {})
    return send_due()


def trouble() -> str:
    with transaction() as session:
        return session.get_one(MailSettings, 1).last_error or ""


@pytest.mark.usefixtures("trusted")
def test_mail_leaves_encrypted_after_a_login(office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(office, monkeypatch, "right") == 1
    assert len(mailbox.messages) == 1


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_stops_everything_and_loses_nothing(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(office, monkeypatch, "wrong") == 0
    assert [(m.status, m.attempts) for m in office.messages()] == [("queued", 0)]
    assert "535" in trouble()
    assert "wrong" not in trouble()


def test_a_certificate_that_nobody_vouches_for_stops_everything(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(office, monkeypatch, "right") == 0
    assert [(m.status, m.attempts) for m in office.messages()] == [("queued", 0)]
    assert "证书不可信" in trouble()
    assert mailbox.messages == []
