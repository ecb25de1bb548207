"""One digest per person and working day, at their time, with what is open; nothing to say, no mail."""

import re
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.factories.mail_server import Mailbox, mail_server
from tests.factories.page_client import PageClient
from tests.factories.small_world import assigned
from tests.integration.mail.conftest import Office
from tests.integration.mail.test_causes import started
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.deadlines.operations import ensure_calendar
from webapp.mail.digests import SUPERSEDED, build_digests
from webapp.mail.models import MailPreference, MailSettings
from webapp.mail.notifications import tell_nudged
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import send_due
from webapp.tasks.operations import complete_task

FRIDAY = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai."""
ONE_STEP = diagram(start(), assigned("decide", deadline='working_days="5"'), end(), chain("start", "decide", "end"))


@pytest.fixture
def reviewer(office: Office, session: Session) -> Actor:
    ensure_calendar(session)
    session.commit()
    return office.person("reviewer", office.world.county, "county_reviewer")


@pytest.fixture
def task(office: Office, reviewer: Actor) -> UUID:
    clerk = office.person("clerk", office.world.unit, "unit_clerk")
    office.world.publish(ONE_STEP)
    with transaction() as session:
        clock.set_now(session, FRIDAY)
    office.set(digested_until=FRIDAY)
    instance = office.world.start(clerk)
    office.world.session.commit()
    return office.world.open_task(instance, "decide").id


def at(**later: float) -> int:
    """Let the digests of that moment be built."""
    return build_digests(FRIDAY + timedelta(**later))


def prefer(actor: Actor, **wanted: object) -> None:
    usual = {"digest_at": time(8, 30), "wants_immediate": True, "wants_digest": True, "rests": True}
    with transaction() as session:
        session.add(MailPreference(user_id=actor.user_id, **(usual | wanted)))


def test_it_comes_at_its_time_and_once(office: Office, mailbox: Mailbox, task: UUID) -> None:
    assert at(minutes=29) == 0
    assert at(minutes=31) == 1
    assert at(minutes=40) == 0
    send_due()

    (message,) = mailbox.messages
    assert str(message["Subject"]) == "11月20日待办 1 件"
    plain = message.get_body(("plain",))
    assert plain is not None
    assert f"/tasks/{task}" in plain.get_content()
    assert "未到期" in plain.get_content()


def test_who_was_idle_in_the_morning_gets_none_at_noon(office: Office, reviewer: Actor, session: Session) -> None:
    office.set(digested_until=FRIDAY)
    assert at(hours=1) == 0
    enqueue(session, "outcome", Recipients(people=[reviewer.user_id]), {})
    session.commit()

    assert at(hours=4) == 0
    assert at(days=3, hours=1) == 1


def test_each_at_the_time_of_their_choice(office: Office, reviewer: Actor, task: UUID) -> None:
    prefer(reviewer, digest_at=time(14, 0))

    assert at(hours=1) == 0
    assert at(hours=6, minutes=1) == 1


def test_days_of_rest_are_quiet(office: Office, reviewer: Actor, task: UUID) -> None:
    assert at(days=1, hours=1) == 0
    assert at(days=2, hours=1) == 0
    assert at(days=3, hours=1) == 1


def test_who_does_not_want_to_rest_gets_it_on_saturday(office: Office, reviewer: Actor, task: UUID) -> None:
    prefer(reviewer, rests=False)

    assert at(days=1, hours=1) == 1


def test_who_wants_none_gets_none(office: Office, reviewer: Actor, task: UUID) -> None:
    prefer(reviewer, wants_digest=False)

    assert at(hours=1) == 0


def test_three_days_without_a_scheduler_make_one_digest(office: Office, task: UUID) -> None:
    assert at(days=5, hours=2) == 1

    (digest,) = office.messages(kind="digest")
    assert str(digest.day) == "2026-11-25"


def test_what_waited_is_carried_and_what_is_moot_is_not(
    office: Office, reviewer: Actor, task: UUID, session: Session
) -> None:
    tell_nudged(session, [task], by="市文明办")
    session.commit()
    assert at(minutes=31) == 1

    (nudge,), (digest,) = office.messages(kind="nudge"), office.messages(kind="digest")
    assert (nudge.status, nudge.digest_id) == ("digest", digest.id)
    assert "催办" in digest.facts["notes"][0]["title"]

    tell_nudged(session, [task], by="市文明办")
    session.commit()
    complete_task(session, reviewer, clock.now(), task, {}, 0)
    session.commit()
    assert at(days=3, minutes=31) == 0
    assert [m.status for m in office.messages(kind="nudge")] == ["digest", "void"]


def test_immediate_mail_joins_the_digest_where_a_person_wants_that(
    office: Office, reviewer: Actor, session: Session
) -> None:
    prefer(reviewer, wants_immediate=False)
    enqueue(session, "escalation", Recipients(people=[reviewer.user_id]), {})
    session.commit()

    assert [m.status for m in office.messages()] == ["digest"]


def test_who_wants_no_digest_is_urged_at_once(
    office: Office, mailbox: Mailbox, reviewer: Actor, task: UUID, session: Session
) -> None:
    prefer(reviewer, wants_digest=False, wants_immediate=False)
    tell_nudged(session, [task], by="市文明办")
    enqueue(session, "escalation", Recipients(people=[reviewer.user_id]), {})
    session.commit()
    send_due()

    assert [m.status for m in office.messages()] == ["sent", "sent"]
    assert "催办" in str(mailbox.messages[0]["Subject"])
    assert at(hours=1) == 0


def test_what_waits_leaves_by_itself_when_the_digest_is_turned_off(
    office: Office, mailbox: Mailbox, reviewer: Actor, task: UUID, session: Session
) -> None:
    tell_nudged(session, [task], by="市文明办")
    session.commit()
    at(minutes=1)
    assert [m.status for m in office.messages()] == ["digest"]
    prefer(reviewer, wants_digest=False)
    assert at(minutes=2) == 0
    send_due()

    assert [m.status for m in office.messages()] == ["sent"]
    assert len(mailbox.messages) == 1
    assert at(hours=1) == 0


def test_old_news_stays_in_the_bell(office: Office, reviewer: Actor, task: UUID, session: Session) -> None:
    tell_nudged(session, [task], by="市文明办")
    session.commit()
    office.change(created_at=FRIDAY - timedelta(days=8))
    prefer(reviewer, wants_digest=False)
    at(minutes=1)

    assert [m.status for m in office.messages()] == ["digest"]


def test_a_digest_that_never_left_is_replaced(office: Office, task: UUID) -> None:
    at(minutes=31)
    send_due()
    at(days=3, minutes=31)

    assert [(m.status, m.last_error) for m in office.messages(kind="digest")] == [
        ("void", SUPERSEDED),
        ("queued", None),
    ]


def test_what_it_carried_goes_with_the_next_and_is_said_once(office: Office, session: Session, task: UUID) -> None:
    for words in ("请尽快", "请尽快", "今天要结果"):
        tell_nudged(session, [task], by="市文明办", words=words)
    session.commit()
    at(minutes=31)
    send_due()
    at(days=3, minutes=31)

    void, digest = office.messages(kind="digest")
    assert (void.status, void.last_error) == ("void", SUPERSEDED)
    assert len(void.facts["notes"]) == len(digest.facts["notes"]) == 1, "what a line says does not differ"
    assert {nudge.digest_id for nudge in office.messages(kind="nudge")} == {digest.id}


def test_many_are_built_in_few_statements(office: Office, session: Session, task: UUID) -> None:
    """Two thousand people, thousand at a time; the figure of ten thousand is a benchmark's."""
    session.execute(
        text("""
            INSERT INTO users (username, name, organisation_id, roles, password_hash, must_change_password, created_at)
            SELECT 'many' || n, 'x', :unit, ARRAY['county_reviewer'], '!', false, now() FROM generate_series(1, 2000) n
        """),
        {"unit": office.world.county},
    )
    session.execute(
        text("""
            INSERT INTO task_candidates (task_id, user_id, reason, is_open)
            SELECT :task, id, 'role', true FROM users WHERE username LIKE 'many%'
        """),
        {"task": task},
    )
    session.commit()

    assert at(minutes=31) == 2001
    assert session.scalar(select(text("count(*) FROM mail_messages"))) == 2001
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'mail.send'")) == 1


def test_its_links_open_the_task_with_the_action_chosen(demo_app: Flask, allow_mail: None) -> None:
    """The county reviewer's digest of the next working day offers what the step can be answered with."""
    case = started(demo_app)
    reviewer = "yunxi.reviewer1"
    with demo_app.app_context(), mail_server() as (box, port):
        with transaction() as session:
            session.execute(update(MailSettings).values(host="127.0.0.1", port=port, security="none", sender="w@x.cn"))
            session.execute(update(MailSettings).values(per_minute=0, digested_until=FRIDAY))
            session.execute(update(User).where(User.username == reviewer).values(email="r@example.org"))
        build_digests(FRIDAY + timedelta(hours=1))
        send_due()
    (digest,) = [m for m in box.messages if m["To"] == "r@example.org"]
    plain = digest.get_body(("plain",))
    assert plain is not None
    links = dict(re.findall(r"  (\S+)：https?://[^/]+(/mail/act/\S+)", plain.get_content()))

    assert set(links) == {"通过", "退回补正", "不予推荐"}
    answer = PageClient(demo_app, reviewer).get(links["退回补正"])
    assert "choose=return" in answer.headers["Location"]
    assert case.open_steps() == ["review_county"]
