"""An office looks after the accounts of its own units: rights, one-time passwords, what ends when it ends."""

import re

import pytest
from sqlalchemy import func, select

from tests.factories.page_client import PageClient
from webapp.accounts.models import LoginSession, User
from webapp.accounts.operations import log_in
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.demo.passwords import DOCUMENTED
from webapp.problems import Unauthenticated
from webapp.registry.models import Organisation

NEW = {"username": "New.Clerk", "name": "新来的", "roles": ["unit_clerk"], "email": "a@b.cn", "mobile": "13800138000"}


def organisation(session, name):
    return session.scalars(
        select(Organisation.id).where(Organisation.name == name, Organisation.kind != "office")
    ).one()


def user(session, username):
    return session.scalars(
        select(User).where(User.username == username).execution_options(populate_existing=True)
    ).one()


def shown_password(answer):
    return re.search(r'id="one-time-password">([^<]+)<', answer.text)[1]


@pytest.fixture
def bureau(records):
    return organisation(records, "云溪区水利局")


def test_a_county_creates_an_account_with_a_password_that_must_be_changed_first(browse, records, demo_app, bureau):
    answer = browse("yunxi.reviewer1").post(f"/users/new/{bureau}", NEW)
    assert answer.status_code == 200
    made = user(records, "new.clerk")
    assert (made.organisation_id, made.roles, made.must_change_password) == (bureau, ["unit_clerk"], True)
    newcomer = PageClient(demo_app, "new.clerk", shown_password(answer))
    assert newcomer.get("/units").headers["Location"] == "/password"
    changed = {"current": shown_password(answer), "new": "my-own-words-1", "again": "my-own-words-1"}
    assert newcomer.post("/password", changed).status_code == 302
    assert "云溪区水利局" in newcomer.read("/units")


def test_the_password_is_neither_stored_nor_audited(browse, records, bureau):
    password = shown_password(browse("yunxi.reviewer1").post(f"/users/new/{bureau}", NEW))
    entries = records.scalars(select(AuditEntry)).all()
    assert all(password not in str(entry.after) for entry in entries)
    (entry,) = (entry for entry in entries if entry.act == "user.create" and entry.actor_id)
    assert entry.after["username"] == "new.clerk"


def test_wrong_input_is_explained_and_creates_nothing(browse, records, bureau):
    before = records.scalar(select(func.count()).select_from(User))
    yunxi = browse("yunxi.reviewer1")
    changes = [
        ({"username": "yunxi.unit1.clerk"}, "已被使用"),
        ({"username": "a b"}, "空白"),
        ({"name": ""}, "请填写姓名"),
        ({"roles": []}, "至少选择一个角色"),
        ({"email": "nowhere"}, "@"),
        ({"mobile": "123"}, "11 位"),
    ]
    for change, word in changes:
        answer = yunxi.post(f"/users/new/{bureau}", NEW | change)
        assert answer.status_code == 422
        assert word in answer.text
    assert records.scalar(select(func.count()).select_from(User)) == before


def test_roles_that_an_office_may_not_give_are_not_taken(browse, bureau):
    yunxi = browse("yunxi.reviewer1")
    for role in ("county_reviewer", "city_reviewer", "administrator", "no_such_role"):
        assert yunxi.post(f"/users/new/{bureau}", NEW | {"roles": [role]}).status_code == 422


def test_units_and_accounts_of_another_county_do_not_exist(browse, records):
    foreign = organisation(records, "平江县财政局")
    other = user(records, "pingjiang.unit1.clerk").id
    yunxi = browse("yunxi.reviewer1")
    assert yunxi.get(f"/users/new/{foreign}").status_code == 404
    assert yunxi.post(f"/users/new/{foreign}", NEW).status_code == 404
    for part in ("", "/disable", "/enable", "/reset"):
        assert yunxi.post(f"/users/{other}{part}", NEW).status_code == 404
    assert "pingjiang" not in yunxi.read("/users")
    assert user(records, "pingjiang.unit1.clerk").disabled_at is None
    refused = records.scalars(select(AuditEntry).where(AuditEntry.refused)).all()
    assert {entry.act for entry in refused} >= {"post users.disable", "post users.reset"}


def test_a_unit_that_waits_for_its_place_gets_no_accounts(browse, records):
    waiting = organisation(records, "岳阳市财政局")
    assert browse("city.reviewer1").get(f"/users/new/{waiting}").status_code == 404


def test_nobody_manages_themselves_or_their_colleagues(browse, records):
    yunxi = browse("yunxi.reviewer1")
    for username in ("yunxi.reviewer1", "yunxi.reviewer2"):
        number = user(records, username).id
        assert "不能修改" in yunxi.read(f"/users/{number}")
        assert yunxi.post(f"/users/{number}/reset").status_code == 403
    city = browse("city.reviewer1")
    assert city.post(f"/users/{user(records, 'yunxi.reviewer2').id}/reset").status_code == 200
    assert city.post(f"/users/{user(records, 'admin').id}/disable").status_code == 403


def test_those_without_the_right_find_no_accounts(browse):
    for username in ("yunxi.unit1.leader", "gongan.consultee", "auditor", "inspector1"):
        person = browse(username)
        assert person.get("/users").status_code == 403
        assert person.get("/users/export").status_code == 403


@pytest.fixture
def token(demo_app):
    """Tries to get a token for an account; tells whether that worked."""

    def get(username, password=DOCUMENTED):
        with demo_app.app_context(), transaction() as session:
            try:
                return bool(log_in(session, username, password, kind="token", address="::1"))
            except Unauthenticated:
                return False

    return get


def test_a_disabled_account_is_out_at_once_and_can_come_back(browse, records, token):
    clerk, number = browse("yunxi.unit1.clerk"), user(records, "yunxi.unit1.clerk").id
    assert token("yunxi.unit1.clerk")
    yunxi = browse("yunxi.reviewer1")
    assert yunxi.post(f"/users/{number}/disable").status_code == 302
    assert records.scalar(select(func.count()).where(LoginSession.user_id == number)) == 0
    assert clerk.get("/units").headers["Location"].startswith("/login")
    assert not token("yunxi.unit1.clerk")
    assert yunxi.post(f"/users/{number}/disable").status_code == 409
    assert yunxi.post(f"/users/{number}/enable").status_code == 302
    assert yunxi.post(f"/users/{number}/enable").status_code == 409
    assert token("yunxi.unit1.clerk")


def test_a_reset_ends_throttling_and_gives_a_new_password(browse, records, token):
    number = user(records, "yunxi.unit1.clerk").id
    for _ in range(5):
        assert not token("yunxi.unit1.clerk", "forgotten")
    answer = browse("yunxi.reviewer1").post(f"/users/{number}/reset")
    assert user(records, "yunxi.unit1.clerk").must_change_password
    assert not token("yunxi.unit1.clerk")
    assert token("yunxi.unit1.clerk", shown_password(answer))


def test_a_change_is_recorded_with_what_was_before(browse, records):
    number = user(records, "yunxi.unit1.clerk").id
    form = {"name": "文明专干二", "roles": ["unit_clerk", "unit_leader"], "email": "", "mobile": ""}
    assert browse("yunxi.reviewer1").post(f"/users/{number}", form).status_code == 302
    entry = records.scalars(select(AuditEntry).where(AuditEntry.act == "user.change")).one()
    assert entry.before["roles"] == ["unit_clerk"]
    assert entry.after["roles"] == ["unit_clerk", "unit_leader"]


def test_pages_of_accounts_open_and_are_narrowed(browse, bureau):
    city = browse("city.reviewer1")
    assert "云溪区水利局" in city.read(f"/users?organisation={bureau}")
    assert "inspector4" in city.read("/users?role=inspector")
    assert "没有符合条件" in city.read("/users?disabled=y")
    assert f"/users/new/{bureau}" in city.read("/users/choose-organisation?q=云溪区水利")
    assert "没有找到" in city.read("/users/choose-organisation?q=长沙")
    assert city.get("/users/export").status_code == 200
