"""One's own deadlines in a calendar: without a login, only one's own, until the address is renewed or taken away."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.page_client import PageClient
from tests.integration.mail.test_causes import started
from webapp import clock
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.feeds.operations import count_read
from webapp.feeds.rules import PER_HOUR
from webapp.problems import Throttled

REVIEWER = "yunxi.reviewer1"


@pytest.fixture
def reviewer(demo_app: Flask) -> PageClient:
    return PageClient(demo_app, REVIEWER)


def address(client: PageClient) -> str:
    client.post("/calendar/feed")
    found = re.search(r"<code>(http\S+\.ics)</code>", client.read("/calendar/feed"))
    assert found
    return urlsplit(found[1]).path


def read(app: Flask, path: str) -> str:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return answer.text.replace("\r\n ", "")


def test_it_shows_ones_own_deadlines_and_nobody_elses(demo_app: Flask, reviewer: PageClient) -> None:
    case = started(demo_app)
    other = PageClient(demo_app, "city.reviewer1")

    mine, theirs = read(demo_app, address(reviewer)), read(demo_app, address(other))

    assert mine.count("BEGIN:VEVENT") == 1
    assert "县级初审" in mine
    assert "/tasks/" in mine
    assert theirs.count("BEGIN:VEVENT") == 0
    case.do("review_county", outcome="return")
    assert read(demo_app, address(reviewer)).count("BEGIN:VEVENT") == 0


def test_an_address_is_void_once_renewed_removed_forged_or_closed(demo_app: Flask, reviewer: PageClient) -> None:
    stranger = demo_app.test_client()
    first = address(reviewer)
    second = address(reviewer)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    assert stranger.get(second.replace(".ics", "x.ics")).status_code == 404
    assert stranger.get("/calendar/feeds/nonsense.ics").status_code == 404
    with demo_app.app_context(), transaction() as session:
        closed = update(User).where(User.username == REVIEWER)
        session.execute(closed.values(disabled_at=clock.real_now()))
    assert stranger.get(second).status_code == 404
    with demo_app.app_context(), transaction() as session:
        session.execute(closed.values(disabled_at=None))
    assert reviewer.post("/calendar/feed/remove").status_code == 302
    assert stranger.get(second).status_code == 404


def test_it_may_not_be_read_all_the_time(demo_app: Flask, reviewer: PageClient) -> None:
    address(reviewer)
    now = clock.real_now()
    with demo_app.app_context(), transaction() as session:
        owner = session.query(User.id).filter(User.username == REVIEWER).one()[0]
        for _ in range(PER_HOUR):
            count_read(session, owner, now)
        with pytest.raises(Throttled):
            count_read(session, owner, now)
        count_read(session, owner, now + timedelta(hours=1))
