"""What mail servers report later marks the message that came back: once, by program or by hand."""

from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.orm import Session

from tests.factories.bounces import STYLES, bounce, ordinary
from tests.factories.mail_server import Mailbox
from tests.factories.page_client import PageClient
from tests.integration.mail.conftest import Office
from webapp import cli, clock
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.mail.administering import send_again
from webapp.mail.bouncing import note_bounce
from webapp.mail.models import MailMessage
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import send_due
from webapp.problems import Conflict, Invalid

TO = "zhangsan@example.org"
FULL = "552 5.2.2 <zhangsan@example.org>: 邮箱已满"


@pytest.fixture
def person(office: Office) -> Actor:
    return office.person("zhangsan", office.world.county, "county_reviewer")


@pytest.fixture
def sent(office: Office, mailbox: Mailbox, person: Actor, session: Session) -> MailMessage:
    """A message that the server has accepted."""
    enqueue(session, "escalation", Recipients(people=[person.user_id]), {})
    session.commit()
    assert send_due() == 1
    (message,) = office.messages()
    return message


def note(raw: bytes) -> str:
    with transaction() as session:
        return note_bounce(session, None, clock.now(), raw).words


def refusal(raw: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        note(raw)
    return caught.value.errors[0].message


def acts() -> list[str]:
    with transaction() as session:
        query = (
            select(AuditEntry.act).where(AuditEntry.act.in_(("mail.bounce", "mail.delayed"))).order_by(AuditEntry.id)
        )
        return list(session.scalars(query))


@pytest.mark.parametrize("style", STYLES)
def test_what_came_back_is_marked_once(office: Office, sent: MailMessage, style: str) -> None:
    raw = bounce(style, sent.message_id, TO.upper(), status="5.2.2", said=FULL)

    assert "被退信" in note(raw)
    (message,) = office.messages()
    assert (message.status, message.last_error) == ("bounced", f"退信 5.2.2：{FULL}")
    assert message.bounced_at is not None
    assert message.sent_at == sent.sent_at
    assert "已经登记过" in note(raw)
    assert acts() == ["mail.bounce"]


def test_what_is_late_is_noted_only_and_may_come_back_after_all(office: Office, sent: MailMessage) -> None:
    late = bounce("postfix", sent.message_id, TO, action="delayed", status="4.4.1", said="451 busy")

    assert "还在重试" in note(late)
    assert "已经登记过" in note(late)
    (message,) = office.messages()
    assert (message.status, message.last_error) == ("sent", "暂未送达 4.4.1：451 busy")
    note(bounce("postfix", sent.message_id, TO, status="4.4.1", said="451 busy"))
    assert office.messages()[0].status == "bounced"
    assert "已经登记过" in note(late)
    assert acts() == ["mail.delayed", "mail.bounce"]


def test_a_receipt_changes_nothing(office: Office, sent: MailMessage) -> None:
    assert "无需处理" in note(bounce("postfix", sent.message_id, TO, action="delivered", status="2.0.0"))

    assert [m.status for m in office.messages()] == ["sent"]


def test_what_is_about_no_message_of_ours_changes_nothing(office: Office, sent: MailMessage) -> None:
    assert "没有 Message-ID 为 <unknown@example.org>" in refusal(bounce("postfix", "<unknown@example.org>", TO))
    assert "不是邮件" in refusal(bounce("postfix", sent.message_id, "lisi@example.org"))
    assert "不是退信" in refusal(ordinary())

    assert [(m.status, m.last_error) for m in office.messages()] == [("sent", None)]
    assert acts() == []


def test_what_never_left_did_not_come_back(office: Office, person: Actor, session: Session) -> None:
    enqueue(session, "escalation", Recipients(people=[person.user_id]), {})
    session.commit()
    office.change(address=TO)
    (message,) = office.messages()

    assert "没有发出过" in refusal(bounce("postfix", message.message_id, TO))
    assert [m.status for m in office.messages()] == ["queued"]


def test_a_report_may_be_faster_than_the_note_that_it_was_accepted(
    office: Office, mailbox: Mailbox, person: Actor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers when the report has come: what the worker notes then does not undo it."""
    enqueue(session, "escalation", Recipients(people=[person.user_id]), {})
    session.commit()
    (message,) = office.messages()
    monkeypatch.setattr(
        "webapp.mail.sending.Line.send", lambda *_arguments: note(bounce("postfix", message.message_id, TO))
    )
    send_due()

    assert [m.status for m in office.messages()] == ["bounced"]
    assert send_due() == 0


def test_it_is_sent_again_by_hand_as_a_new_message(
    office: Office, mailbox: Mailbox, sent: MailMessage, person: Actor
) -> None:
    raw = bounce("postfix", sent.message_id, TO)
    note(raw)
    with transaction() as session:
        made = send_again(session, person, sent.id)
    send_due()

    assert made != sent.id
    assert [m.status for m in office.messages()] == ["bounced", "sent"]
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2
    assert "已经登记过" in note(raw)


def test_a_digest_that_came_back_goes_out_again_itself(office: Office, sent: MailMessage, person: Actor) -> None:
    office.change(
        kind="digest",
        day=clock.today(),
        facts={"day": "2026-11-20", "total": 0, "late": 0, "more": 0} | {"tasks": {}, "notes": []},
    )
    with pytest.raises(Conflict), transaction() as session:
        send_again(session, person, sent.id)
    note(bounce("postfix", sent.message_id, TO))
    with transaction() as session:
        assert send_again(session, person, sent.id) == sent.id
    assert send_due() == 1

    assert [(m.status, m.bounced_at) for m in office.messages()] == [("sent", None)]


@pytest.fixture
def accepted(demo_app: Flask) -> MailMessage:
    """A message of the demonstration that the server has accepted."""
    with demo_app.app_context(), transaction() as session:
        (number,) = enqueue(session, "outcome", Recipients(people=[1]), {})
        values = {"status": "sent", "sent_at": clock.now(), "address": TO, "attempts": 1}
        session.execute(update(MailMessage).where(MailMessage.id == number).values(values))
        return session.get_one(MailMessage, number, populate_existing=True)


def test_administrators_take_reports_by_file_or_pasted(demo_app: Flask, accepted: MailMessage) -> None:
    admin, path, number = PageClient(demo_app, "admin"), "/administration/mail/bounce", accepted.message_id

    refused = admin.post(path, {"source": "乱写的"})
    assert refused.status_code == 422
    assert "不是退信" in refused.text
    assert "乱写的" in refused.text
    assert "没有读到" in admin.post(path).text
    assert "不是退信" in admin.post(path, {"file": (BytesIO(ordinary()), "r.eml")}).text
    assert admin.post(path, {"source": bounce("chinese", number, TO).decode()}).status_code == 302
    again = admin.post(path, {"file": (BytesIO(bounce("exchange", number, TO)), "r.eml")})
    assert "已经登记过" in admin.read(again.headers["Location"])
    listed = admin.read("/administration/mail?status=bounced")
    assert "被退信" in listed
    assert "退信 5.1.1" in listed
    assert "再发一封" in admin.read(f"/administration/mail/{accepted.id}")


def test_nobody_else_takes_reports(demo_app: Flask) -> None:
    path, auditor = "/administration/mail/bounce", PageClient(demo_app, "auditor")

    assert PageClient(demo_app, "yunxi.reviewer1").get(path).status_code == 403
    assert "只有管理员" in auditor.read(path)
    assert auditor.post(path, {"source": "x"}).status_code == 403


class Pipe:
    """``wenming mail bounce`` as an alias of the mail server runs it."""

    def __init__(self, data: Path, url: str) -> None:
        self.environment = {"WENMING_DATA": str(data), "DATABASE_URL": url, "WENMING_DEMO": "0"}
        cli._gather()

    def run(self, raw: bytes, *words: str) -> Result:
        return CliRunner().invoke(cli.main_group, ["mail", "bounce", *words], input=raw, env=self.environment)


def test_the_command_reads_standard_input_or_a_file(
    office: Office, sent: MailMessage, tmp_path: Path, database_url: str
) -> None:
    pipe, raw = Pipe(tmp_path, database_url), bounce("postfix", sent.message_id, TO)
    (tmp_path / "r.eml").write_bytes(raw)

    done = pipe.run(raw)
    assert (done.exit_code, done.output) == (0, f"邮件 {sent.id} 已标为“被退信”。\n")
    again = pipe.run(b"", str(tmp_path / "r.eml"))
    assert (again.exit_code, "已经登记过" in again.output) == (0, True)
    for spoilt in (b"", b"x" * 3_000_000, ordinary(), raw[:800], bounce("postfix", "<unknown@example.org>", TO)):
        failed = pipe.run(spoilt)
        assert failed.exit_code == 1
        assert len(failed.stderr.strip().splitlines()) == 1
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        entries = connection.execute(text("SELECT machine FROM audit_entries WHERE act LIKE 'mail.%'")).scalars().all()
    engine.dispose()
    assert entries == [True]
