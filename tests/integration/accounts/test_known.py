"""A web worker keeps in mind whom it has seen, and forgets it the moment that anything about people changes."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.page_client import PageClient
from tests.factories.statements import counted
from webapp import standing
from webapp.accounts.known import KnownPeople

Browse = Callable[[str], PageClient]
CLERK, REVIEWER = "yunxi.unit1.clerk", "yunxi.reviewer1"


@pytest.fixture(autouse=True)
def worker(demo_app: Flask) -> Iterator[Flask]:
    """The application as a web worker has it."""
    before = demo_app.extensions["people"]
    demo_app.extensions["people"] = kept = KnownPeople()
    kept.keeps = True
    yield demo_app
    demo_app.extensions["people"] = before


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second in which a worker does not ask the database for marks has always passed."""
    monkeypatch.setattr(standing, "_FRESH_SECONDS", -1.0)


@pytest.fixture
def inattentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """That second never passes: what is noticed was announced by a request of the same server."""
    monkeypatch.setattr(standing, "_FRESH_SECONDS", 1e9)


@pytest.mark.usefixtures("inattentive")
def test_somebody_known_is_not_asked_for_again(browse: Browse, worker: Flask) -> None:
    reviewer = browse(REVIEWER)
    reviewer.read("/help/")
    with counted(worker) as statements:
        reviewer.read("/help/")
    assert not [said for said in statements.texts if "login_sessions" in said]


@pytest.mark.usefixtures("attentive")
@pytest.mark.parametrize(
    ("change", "path", "status"),
    [
        ("UPDATE users SET disabled_at = now() WHERE username = :person", "/help/", 302),
        ("UPDATE users SET must_change_password = true WHERE username = :person", "/help/", 302),
        ("UPDATE users SET roles = '{unit_clerk}' WHERE username = :person", "/users", 403),
        ("DELETE FROM login_sessions s USING users u WHERE u.id = s.user_id AND u.username = :person", "/help/", 302),
        ("UPDATE organisations SET name = '改了名的' WHERE id = {organisation}", "/help/", 200),
        ("UPDATE organisations SET region_code = NULL WHERE id = {organisation}", "/help/", 200),
        ("UPDATE regions SET name = '改名区' WHERE name = '云溪区'", "/help/", 200),
    ],
)
def test_what_others_change_counts_once_it_is_noticed(
    browse: Browse, records: Session, worker: Flask, change: str, path: str, status: int
) -> None:
    reviewer = browse(REVIEWER)
    assert reviewer.get(path).status_code == 200
    own = "(SELECT organisation_id FROM users WHERE username = :person)"
    change = change.format(organisation=own) if "{organisation}" in change else change
    records.execute(text(change), {"person": REVIEWER} if ":person" in change else {})
    with counted(worker) as statements:
        answer = reviewer.get(path)
    assert [said for said in statements.texts if "login_sessions" in said], "was not read again"
    assert answer.status_code == status


@pytest.mark.usefixtures("inattentive")
def test_who_is_disabled_by_a_request_is_out_at_once(browse: Browse, records: Session) -> None:
    clerk = browse(CLERK)
    clerk.read("/help/")
    number = records.scalar(text("SELECT id FROM users WHERE username = :name"), {"name": CLERK})
    assert browse(REVIEWER).post(f"/users/{number}/disable").status_code == 302
    assert clerk.get("/help/").status_code == 302


@pytest.mark.usefixtures("inattentive")
def test_a_cookie_is_worthless_after_the_logout(browse: Browse, worker: Flask) -> None:
    clerk = browse(CLERK)
    clerk.read("/help/")
    cookie = clerk._client.get_cookie("session")
    assert cookie is not None
    assert clerk.post("/logout").status_code == 302
    clerk._client.set_cookie("session", cookie.value)
    assert clerk.get("/help/").status_code == 302


@pytest.mark.usefixtures("inattentive")
def test_a_session_ends_at_its_time(browse: Browse, worker: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = browse(CLERK)
    clerk.read("/help/")
    (kept,) = worker.extensions["people"]._known.values()
    monkeypatch.setattr("webapp.clock.real_now", lambda: kept.found.expires_at)
    assert clerk.get("/help/").status_code == 302


@pytest.mark.usefixtures("attentive")
def test_what_was_rolled_back_changes_nothing(browse: Browse, records: Session, worker: Flask) -> None:
    reviewer = browse(REVIEWER)
    reviewer.read("/help/")
    with records.get_bind().connect().execution_options(isolation_level="READ COMMITTED") as other:  # type: ignore[union-attr]
        other.execute(text("UPDATE users SET disabled_at = now()"))
        with counted(worker) as meanwhile:
            assert reviewer.get("/help/").status_code == 200
        other.rollback()
    with counted(worker) as statements:
        assert reviewer.get("/help/").status_code == 200
    assert not [said for said in [*meanwhile.texts, *statements.texts] if "login_sessions" in said]
