"""A message leaves once, or says why it has not; what is no longer wanted never leaves."""

import smtplib
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.mail_server import Mailbox, free_port
from tests.factories.small_world import assigned
from tests.integration.mail.conftest import Office
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.database import transaction
from webapp.mail.jobs import sweep
from webapp.mail.models import MailSettings, MailTemplate
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import BACK_OFF, NO_ADDRESS, NO_SERVER, send_due
from webapp.tasks.operations import claim, complete_task

ONE_STEP = diagram(start(), assigned("decide", deadline='working_days="5"'), end(), chain("start", "decide", "end"))


@pytest.fixture
def clerk(office: Office) -> Actor:
    return office.person("clerk", office.world.unit, "unit_clerk")


@pytest.fixture
def reviewer(office: Office) -> Actor:
    return office.person("reviewer", office.world.county, "county_reviewer")


@pytest.fixture
def task(office: Office, clerk: Actor, reviewer: Actor) -> UUID:
    office.world.publish(ONE_STEP)
    instance = office.world.start(clerk)
    office.world.session.commit()
    return office.world.open_task(instance, "decide").id


def tell(kind: str, actor: Actor, task: UUID | None = None, **facts: object) -> int:
    with transaction() as session:
        (number,) = enqueue(session, kind, Recipients(people=[actor.user_id]), facts, task_id=task)
    return number


def test_a_message_says_what_whose_how_late_and_where(
    office: Office, mailbox: Mailbox, reviewer: Actor, task: UUID
) -> None:
    with transaction() as session:
        clock.set_now(session, clock.now() + timedelta(days=30))
    tell("escalation", reviewer, task)

    assert send_due() == 1

    (message,) = mailbox.messages
    assert mailbox.recipients == ["reviewer@example.org"]
    assert "逾期" in str(message["Subject"])
    assert "某单位" in str(message["Subject"])
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    for part in (plain.get_content(), html.get_content()):
        assert "个工作日" in part
        assert "/instances/1" in part
    assert "<script" not in html.get_content()
    assert [m.status for m in office.messages()] == ["sent"]
    assert send_due() == 0


def test_it_exists_only_with_its_transaction(office: Office, session: Session, mailbox: Mailbox, clerk: Actor) -> None:
    enqueue(session, "test", Recipients(people=[clerk.user_id]), {})
    session.rollback()

    assert send_due() == 0
    assert office.messages() == []


def test_html_of_others_is_text(office: Office, mailbox: Mailbox, reviewer: Actor, task: UUID) -> None:
    tell("returned", reviewer, task, by="<img src=x onerror=alert(1)>", comment="a\nBcc: x@example.org")

    send_due()

    (message,) = mailbox.messages
    html = message.get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert message["Bcc"] is None
    assert "<img" not in str(message["Subject"])


def test_nothing_leaves_for_a_task_that_is_done(
    office: Office, session: Session, mailbox: Mailbox, reviewer: Actor, task: UUID
) -> None:
    tell("returned", reviewer, task)
    tell("escalation", office.person("boss", office.world.city, "city_leader"), task)
    complete_task(session, reviewer, clock.now(), task, {}, 0)
    session.commit()

    assert send_due() == 0

    assert [(m.status, m.last_error) for m in office.messages()] == [("void", "任务已办理")] * 2
    assert mailbox.messages == []


def test_nothing_leaves_for_a_task_that_somebody_else_took(
    office: Office, session: Session, mailbox: Mailbox, reviewer: Actor, task: UUID
) -> None:
    other = office.person("other", office.world.county, "county_reviewer")
    tell("returned", other, task)
    claim(session, reviewer, clock.now(), task)
    session.commit()

    send_due()

    assert [m.status for m in office.messages()] == ["void"]


def test_without_a_server_mail_can_be_read(office: Office, clerk: Actor) -> None:
    tell("test", clerk)

    assert send_due() == 0

    (message,) = office.messages()
    assert (message.status, message.last_error) == ("held", NO_SERVER)
    assert "测试邮件" in (message.subject or "")
    assert "您好" in (message.text or "")


def test_a_recipient_without_address_is_seen(office: Office, mailbox: Mailbox) -> None:
    tell("test", office.person("nobody", office.world.unit, "unit_clerk", email=None))

    send_due()

    (message,) = office.messages()
    assert (message.status, message.last_error) == ("held", NO_ADDRESS)


@pytest.mark.parametrize("address", ["nonsense", "a b@example.org", "x@exa\nmple.org", "名字@example.org", "@", "<>"])
def test_an_address_that_is_none_fails_alone(office: Office, mailbox: Mailbox, clerk: Actor, address: str) -> None:
    tell("test", office.person("odd", office.world.unit, "unit_clerk", email=address))
    mailbox.recipient_answers["nonsense"] = "553 no such place"
    tell("test", clerk)

    assert send_due() == 1

    assert [m.status for m in office.messages()][1] == "sent"
    assert office.messages()[0].status == "failed"


def test_a_refused_recipient_is_final(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    mailbox.recipient_answers["clerk@example.org"] = "550 5.1.1 no such user"
    tell("test", clerk)
    tell("test", office.person("second", office.world.unit, "unit_clerk"))

    assert send_due() == 1

    first, second = office.messages()
    assert (first.status, first.attempts) == ("failed", 1)
    assert "550 5.1.1" in (first.last_error or "")
    assert second.status == "sent"


def test_a_busy_server_is_asked_again_later_and_not_for_ever(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    mailbox.answer = lambda _message, _number: "451 try again"
    tell("test", clerk)

    for _attempt in BACK_OFF:
        send_due()
        (message,) = office.messages()
        assert message.status == "queued"
        assert message.due_at > clock.real_now()
        assert send_due() == 0
        office.change(due_at=clock.real_now())
    send_due()

    (message,) = office.messages()
    assert (message.status, message.attempts) == ("failed", len(BACK_OFF) + 1)
    assert mailbox.messages == []


def test_a_connection_that_breaks_at_the_end_may_have_delivered(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    mailbox.answer = lambda _message, number: None if number == 0 else "250 OK"
    tell("test", clerk)
    send_due()
    (message,) = office.messages()
    assert (message.status, message.repeats) == ("queued", 1)

    office.change(due_at=clock.real_now())
    assert send_due() == 1

    assert len(mailbox.ids()) == 2
    assert set(mailbox.ids()) == {message.message_id}


def test_a_slow_server_costs_no_more_than_its_time_limit(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    mailbox.delay = 3.0
    office.set(timeout_seconds=1)
    tell("test", clerk)

    assert send_due() == 0

    (message,) = office.messages()
    assert message.status == "queued"
    assert "规定时间" in (message.last_error or "")


@pytest.mark.usefixtures("allow_mail")
def test_a_server_that_is_not_there_costs_no_message_an_attempt(office: Office, clerk: Actor) -> None:
    office.use(free_port())
    for _ in range(3):
        tell("test", clerk)

    assert send_due() == 0

    assert [(m.status, m.attempts) for m in office.messages()] == [("queued", 0)] * 3
    with transaction() as session:
        settings = session.get_one(MailSettings, 1)
        assert settings.failures == 1
        assert "拒绝连接" in (settings.last_error or "")
        assert settings.paused_until is not None
    assert send_due() == 0


def test_a_refused_sender_stops_everything_and_loses_nothing(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    mailbox.mail_answer = "550 who are you"
    tell("test", clerk)
    tell("test", clerk)
    send_due()
    assert [(m.status, m.attempts) for m in office.messages()] == [("queued", 0)] * 2

    mailbox.mail_answer = "250 OK"
    office.set(paused_until=None)
    assert send_due() == 2


def test_the_rate_limit_spreads_messages(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    office.set(per_minute=60)
    for _ in range(3):
        tell("test", clerk)

    assert send_due() == 1

    later = [m.due_at for m in office.messages(status="queued")]
    assert later[1] - later[0] == timedelta(seconds=1)
    office.change(due_at=clock.real_now())
    assert send_due() == 2


def test_what_a_dead_worker_left_is_sent_again_and_counted(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    tell("test", clerk)
    office.change(status="sending", subject="x", text="y", html="z")

    assert send_due() == 1

    (message,) = office.messages()
    assert (message.status, message.repeats) == ("sent", 1)


def test_a_template_that_fails_is_replaced_by_the_shipped_one(office: Office, mailbox: Mailbox, clerk: Actor) -> None:
    with transaction() as session:
        session.add(
            MailTemplate(
                kind="test",
                version=1,
                subject="{{ mail.nothing }}",
                text="t",
                html="h",
                is_current=True,
                changed_at=clock.now(),
                reason="test",
            )
        )
    tell("test", clerk)

    assert send_due() == 1

    (message,) = office.messages()
    assert message.subject == "测试邮件"


def test_the_sweep_puts_a_job_where_something_is_due(office: Office, session: Session, clerk: Actor) -> None:
    sweep()
    tell("test", clerk)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    session.commit()

    sweep()
    sweep()

    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 1


def test_no_mail_leaves_a_test_by_accident(office: Office, app: Flask, clerk: Actor) -> None:
    office.use(free_port())
    tell("test", clerk)

    with pytest.raises(pytest.fail.Exception, match="wanted to send mail"):
        send_due()
    with pytest.raises(pytest.fail.Exception):
        smtplib.SMTP("127.0.0.1", free_port())


def test_passwords_do_not_travel_in_the_open(
    office: Office, mailbox: Mailbox, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_USER", "somebody")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    monkeypatch.setattr("webapp.mail.smtp._HERE", set())
    tell("test", clerk)

    assert send_due() == 0

    with transaction() as session:
        assert "没有加密" in (session.get_one(MailSettings, 1).last_error or "")


def test_the_same_topic_is_said_once(office: Office, session: Session, clerk: Actor) -> None:
    to = Recipients(people=[clerk.user_id])
    assert enqueue(session, "test", to, {}, topic="t")
    assert enqueue(session, "test", to, {}, topic="t") == []
    assert enqueue(session, "test", to, {}, topic="t", again_after=timedelta(0))
    assert enqueue(session, "test", to, {}, topic="u")


def test_recipients_of_every_sort_are_told_once(office: Office, session: Session, reviewer: Actor, task: UUID) -> None:
    admin = office.person("admin", office.world.city, "administrator", "county_reviewer")
    to = Recipients(people=[admin.user_id, reviewer.user_id], tasks=[task], administrators=True)

    enqueue(session, "outcome", to, {}, task_id=task)
    session.commit()

    assert sorted(m.user_id for m in office.messages()) == sorted([admin.user_id, reviewer.user_id])
