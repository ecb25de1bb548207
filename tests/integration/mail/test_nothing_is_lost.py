"""Workers are killed at random points while a thousand messages leave: each arrives, repeats are counted."""

import random
import subprocess
import sys
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.mail_server import Mailbox
from tests.integration.mail.conftest import Office
from webapp.config import ROOT
from webapp.database import transaction
from webapp.mail.operations import Recipients, enqueue
from webapp.mail.sending import has_due, send_due

MESSAGES, KILLS = 1000, 40


@pytest.fixture
def prepared(office: Office) -> None:
    people = [office.person(f"p{number}", office.world.unit, "unit_clerk").user_id for number in range(10)]
    with transaction() as session:
        for _ in range(MESSAGES // len(people)):
            enqueue(session, "test", Recipients(people=people), {})
        session.execute(text("DELETE FROM procrastinate_jobs"))


@pytest.mark.usefixtures("prepared")
def test_a_thousand_messages_while_workers_die(app: Flask, office: Office, mailbox: Mailbox) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "", 1)
    workers = subprocess.Popen(
        [sys.executable, "-m", "tests.factories.mortal_workers", url, app.extensions["settings"].data],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    assert workers.stdin is not None
    moments = set(random.sample(range(MESSAGES), KILLS))

    def kill_now_and_then(_message: object, number: int) -> str:
        if number in moments:
            assert workers.stdin is not None
            workers.stdin.write(b"k")
            workers.stdin.flush()
        return "250 OK"

    mailbox.answer = kill_now_and_then
    try:
        while has_due():
            if workers.poll() is not None:
                break
            mailbox.arrived.clear()
            mailbox.arrived.wait(0.5)
    finally:
        workers.stdin.close()
        workers.wait(20)
    send_due(most=MESSAGES)

    arrived = Counter(mailbox.ids())
    messages = office.messages()
    assert {m.status for m in messages} == {"sent"}
    assert set(arrived) == {m.message_id for m in messages}
    assert len(arrived) == MESSAGES
    for message in messages:
        assert arrived[message.message_id] <= 1 + message.repeats
    assert sum(m.repeats for m in messages) <= KILLS


@pytest.mark.usefixtures("prepared")
def test_several_workers_send_nothing_twice(app: Flask, office: Office, mailbox: Mailbox) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "", 1)
    office.change(status="void")
    with transaction() as session:
        session.execute(text("UPDATE mail_messages SET status = 'queued' WHERE id % 5 = 0"))
    arguments = [sys.executable, "-m", "tests.factories.mortal_workers", url, app.extensions["settings"].data]
    subprocess.run(arguments, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=60, check=True)

    assert sorted(mailbox.ids()) == sorted(m.message_id for m in office.messages(status="sent"))
    assert len(mailbox.ids()) == MESSAGES / 5
    assert [m.repeats for m in office.messages(status="sent")] == [0] * (MESSAGES // 5)
