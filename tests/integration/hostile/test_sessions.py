"""Logins, sessions and tokens: what they open, when they end, and what never travels."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from tests.factories.browsers import csrf_of
from tests.factories.insiders import new_token
from tests.integration.hostile.conftest import World
from webapp import clock
from webapp.accounts import operations
from webapp.accounts.models import LoginFailure, LoginSession, User
from webapp.accounts.operations import digest, hash_password
from webapp.accounts.rules import FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS
from webapp.audit.operations import record
from webapp.database import transaction
from webapp.demo.passwords import DOCUMENTED
from webapp.notices.limits import PER_HOUR, veiled

WHO = "junshan.unit2.leader"


@pytest.fixture
def account(hostile_app: Flask) -> Iterator[str]:
    """An account that a test may change; afterwards it is as before."""
    with hostile_app.app_context(), transaction() as session:
        user = session.scalars(select(User).where(User.username == WHO)).one()
        before = {"password_hash": user.password_hash, "must_change_password": False, "disabled_at": None}
    yield WHO
    with hostile_app.app_context(), transaction() as session:
        session.execute(update(User).where(User.username == WHO).values(before))
        session.execute(delete(LoginFailure))


def change(app: Flask, username: str, **values: object) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(User).where(User.username == username).values(values))


def log_in(client: FlaskClient, username: str, password: str = DOCUMENTED, **extra: str) -> TestResponse:
    token = csrf_of(client.get("/login"))
    return client.post("/login", data={"csrf_token": token, "username": username, "password": password, **extra})


def tokens(client: FlaskClient, username: str, password: str, address: str = "10.9.9.9") -> TestResponse:
    body = {"username": username, "password": password}
    return client.post("/api/v1/tokens", json=body, environ_overrides={"REMOTE_ADDR": address})


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(hostile_app: Flask, account: str) -> None:
    answer = log_in(hostile_app.test_client(), account)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    with hostile_app.app_context(), transaction() as session:
        assert "key" not in cookie.split(";")[0].split("=")[0]
        assert not [row for row in session.scalars(select(LoginSession.digest)) if row in cookie]


def test_a_login_never_goes_on_with_the_session_of_before(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    client.get("/login")
    with client.session_transaction() as session:
        session["key"] = planted = "planted-by-somebody-else"
        session["stowaway"] = "x"
    before = csrf_of(client.get("/login"))
    log_in(client, account)
    with client.session_transaction() as session:
        assert session["key"] != planted
        assert "stowaway" not in session
    after = csrf_of(client.get("/password"))
    assert after != before
    assert client.post("/logout", data={"csrf_token": before}).status_code == 409
    assert client.post("/logout", data={"csrf_token": after}).status_code == 302


def test_a_logout_ends_the_session_itself(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    log_in(client, account)
    with client.session_transaction() as session:
        key = session["key"]
    client.post("/logout", data={"csrf_token": csrf_of(client.get("/password"))})
    with client.session_transaction() as session:
        session["key"] = key
    assert client.get("/tasks").status_code == 302


def test_a_changed_password_ends_all_other_sessions_and_tokens(hostile_app: Flask, account: str) -> None:
    here, there = hostile_app.test_client(), hostile_app.test_client()
    log_in(here, account)
    log_in(there, account)
    token = {"Authorization": f"Bearer {new_token(hostile_app, account)}"}
    fields = {"current": DOCUMENTED, "new": "neues-wort-7788", "again": "neues-wort-7788"}
    answer = here.post("/password", data={"csrf_token": csrf_of(here.get("/password")), **fields})
    assert answer.status_code == 302
    assert here.get("/password").status_code == 200
    assert there.get("/password").status_code == 302
    assert there.get("/api/v1/me", headers=token).status_code == 401


def test_the_password_can_be_changed_through_the_api(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    mine, other = ({"Authorization": f"Bearer {new_token(hostile_app, account)}"} for _ in range(2))
    change(hostile_app, account, must_change_password=True)
    refusal = client.get("/api/v1/tasks", headers=mine)
    assert refusal.status_code == 403
    assert "/me/password" in refusal.get_json()["detail"]
    assert client.get("/api/v1/me", headers=mine).status_code == 200
    body = {"current": DOCUMENTED, "new": "short"}
    assert client.post("/api/v1/me/password", json=body, headers=mine).status_code == 422
    body["new"] = "neues-wort-7788"
    assert client.post("/api/v1/me/password", json=body, headers=mine).status_code == 204
    assert client.get("/api/v1/tasks", headers=mine).status_code == 200
    assert client.get("/api/v1/tasks", headers=other).status_code == 401


def test_a_one_time_password_opens_no_page_but_its_change(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    log_in(client, account)
    change(hostile_app, account, must_change_password=True)
    for page in ("/", "/tasks", "/instances", "/units", "/help/"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/password"), page


def test_a_disabled_account_is_out_at_once(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    log_in(client, account)
    token = {"Authorization": f"Bearer {new_token(hostile_app, account)}"}
    assert client.get("/api/v1/me", headers=token).status_code == 200
    change(hostile_app, account, disabled_at=clock_now(hostile_app))
    assert client.get("/api/v1/me", headers=token).status_code == 401
    assert client.get("/tasks").status_code == 302
    refusal = tokens(client, account, DOCUMENTED)
    assert refusal.status_code == 401
    assert refusal.get_json()["detail"] == tokens(client, "nobody.at.all", "x").get_json()["detail"]


def clock_now(app: Flask) -> object:
    with app.app_context():
        return clock.real_now()


def test_sessions_and_tokens_end_with_their_time_and_keep_to_their_kind(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    token, key = new_token(hostile_app, account), new_token(hostile_app, account, "browser")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    with client.session_transaction() as session:
        session["key"] = token
    assert client.get("/tasks").status_code == 302
    with hostile_app.app_context(), transaction() as session:
        over = clock.real_now() - timedelta(seconds=1)
        session.execute(update(LoginSession).where(LoginSession.digest == digest(token)).values(expires_at=over))
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_session_cookie_is_no_token(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    log_in(client, account)
    assert client.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/instances", json={}).status_code == 401


def test_failed_logins_of_one_account_are_throttled(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    for number in range(FAILURES_PER_ACCOUNT):
        assert tokens(client, account.upper(), "wrong", f"10.1.0.{number}").status_code == 401
    refusal = tokens(client, account, DOCUMENTED, "10.1.1.1")
    assert refusal.status_code == 429
    assert "15 分钟" in refusal.get_json()["detail"]
    assert log_in(hostile_app.test_client(), account).status_code == 422


def test_failed_logins_from_one_address_are_throttled(hostile_app: Flask, account: str) -> None:
    with hostile_app.app_context(), transaction() as session:
        at = clock.real_now()
        rows = [LoginFailure(username=f"u{n}", address="10.2.0.1", at=at) for n in range(FAILURES_PER_ADDRESS)]
        session.add_all(rows)
    client = hostile_app.test_client()
    assert tokens(client, account, DOCUMENTED, "10.2.0.1").status_code == 429
    assert tokens(client, account, DOCUMENTED, "10.2.0.2").status_code == 201


def test_guesses_of_the_current_password_are_throttled(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    token = {"Authorization": f"Bearer {new_token(hostile_app, account)}"}
    body = {"current": "wrong", "new": "neues-wort-7788"}
    answers = [client.post("/api/v1/me/password", json=body, headers=token).status_code for _ in range(6)]
    assert answers == [422] * FAILURES_PER_ACCOUNT + [429]


def test_objections_from_one_address_are_throttled(hostile_app: Flask, world: World) -> None:
    client = hostile_app.test_client()
    body = {"name": "张某", "contact": "x", "text": "y", "instance": 0}
    path = f"/api/v1/public/notices/{world.notice}/objections"
    with hostile_app.app_context(), transaction() as session:
        for _time in range(PER_HOUR):
            record(session, None, "objection.raise", address=veiled("10.3.0.1"))
    here = {"REMOTE_ADDR": "10.3.0.1"}
    assert client.post(path, json=body, environ_overrides=here).status_code == 429
    assert client.post(path, json=body, environ_overrides={"REMOTE_ADDR": "10.3.0.2"}).status_code == 422


def test_passwords_never_travel_in_what_is_offered_again(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    fields = {"current": "geheim-1", "new": "geheim-2", "again": "geheim-3", "password": "geheim-4", "name": "张三"}
    answer = client.post("/password", data=fields)
    assert answer.status_code == 401
    assert "geheim" not in answer.text
    assert "张三" in html.unescape(answer.text).encode().decode("unicode_escape", "ignore") or "typed" in answer.text


def test_what_was_typed_before_the_session_ended_is_offered_again(hostile_app: Flask, account: str) -> None:
    client = hostile_app.test_client()
    path = "/tasks/00000000-0000-0000-0000-000000000000/complete"
    refused = client.post(path, data={"opinion": '同意"><script>', "csrf_token": "old"})
    assert refused.status_code == 401
    typed = re.search(r'name="typed" value="([^"]+)"', refused.text)
    assert typed
    answer = log_in(client, account, typed=html.unescape(typed[1]), next=path)
    assert answer.status_code == 200
    assert 'name="opinion" value="同意&#34;&gt;&lt;script&gt;"' in answer.text
    assert f'action="{path}"' in answer.text
    assert "old" not in re.findall(r'name="csrf_token" value="([^"]+)"', answer.text)


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\x00", "/\t/evil.example"],
)
def test_a_login_leads_nowhere_else(hostile_app: Flask, account: str, target: str) -> None:
    answer = log_in(hostile_app.test_client(), account, next=target)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


def test_strange_characters_at_the_login(hostile_app: Flask, account: str) -> None:
    for username in ("a\x00b", "\ud7ff", "x" * 5000, "' OR 1=1 --"):
        assert log_in(hostile_app.test_client(), username, "x").status_code == 422


def test_passwords_are_argon2id(slow_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_hasher", slow_hasher)
    assert hash_password("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nobody_is_checked_as_slowly_as_somebody(slow_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_hasher", slow_hasher)
    nobody = operations._hash_of_nobody()
    assert extract_parameters(nobody) == extract_parameters(hash_password("x"))
    assert not operations._verify(nobody, "x")
