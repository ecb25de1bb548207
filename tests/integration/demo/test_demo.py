"""The demonstration as it stands after the first start."""

import stat
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from tests.conftest import make_settings
from webapp import clock
from webapp.accounts.bootstrap import ensure_administrator
from webapp.accounts.models import ROLES, User
from webapp.accounts.operations import change_password, log_in
from webapp.accounts.queries import get_actor
from webapp.accounts.rules import password_faults
from webapp.batches.models import Batch
from webapp.demo import demo_accounts, ensure_demo, protect_demo
from webapp.demo.passwords import DOCUMENTED, find_password
from webapp.problems import Unauthenticated
from webapp.quotas.models import Quota
from webapp.registry.models import Award, Organisation, Predecessor, Region
from webapp.registry.reference import ensure_reference


def test_the_printed_list_is_there_and_47_units_wait_for_a_person(demo_session):
    listed = Organisation.source.like("岳市文明委%")
    assert demo_session.scalar(select(func.count()).where(listed)) == 111
    assert demo_session.scalar(select(func.count()).where(listed, Organisation.region_code.is_(None))) == 47
    waiting = demo_session.scalars(select(Organisation.waiting_code).where(Organisation.region_code.is_(None)))
    assert set(waiting) == {"430600"}


def test_awards_stand_under_the_printed_names_by_honour_and_year(demo_session):
    rows = demo_session.execute(
        select(Award.honour_code, Award.term, Organisation.name, Award.granted_name).join(Organisation)
    )
    found = rows.all()
    assert all(name == granted for _honour, _term, name, granted in found)
    assert Counter((honour, term) for honour, term, *_names in found) == {
        ("national", "2008年"): 2,
        ("national", "2011年"): 4,
        ("national", "2014年"): 4,
        ("national", "2017年"): 4,
        ("provincial_model", "2016年"): 8,
        ("provincial_model", "2018年"): 7,
        ("provincial", "2014年"): 19,
        ("provincial", "2016年"): 28,
        ("provincial", "2018年"): 35,
    }


def test_tax_offices_of_before_the_merger_are_proposed_not_merged(demo_session):
    statuses = demo_session.scalars(select(Predecessor.status)).all()
    assert statuses == ["proposed"] * 3


def test_there_is_somebody_for_every_role_and_two_for_what_excludes_somebody(demo_session):
    accounts = demo_accounts(demo_session)
    roles = Counter(role for account in accounts for role in account["role"])
    assert set(roles) == set(ROLES)
    assert roles["inspector"] >= 4
    assert roles["city_reviewer"] >= 2
    reviewers = Counter(a["region"] for a in accounts if a["role"] == ["county_reviewer"])
    assert set(reviewers.values()) == {2}
    assert len(reviewers) == 12


def test_some_clerk_is_city_direct_and_some_unit_is_not_public(demo_session):
    of_clerks = select(Organisation).join(User).where(User.roles.contains(["unit_clerk"]))
    units = demo_session.scalars(of_clerks).all()
    assert any(unit.city_direct and unit.region_code == "430600" for unit in units)
    assert any(unit.ownership == "非公" for unit in units)


def test_batches_are_open_today_and_one_has_a_single_place(demo_session):
    today = clock.today()
    batches = demo_session.scalars(select(Batch)).all()
    assert batches
    assert all(batch.opens_on <= today <= batch.closes_on and batch.status == "open" for batch in batches)
    assert demo_session.scalar(select(func.min(Quota.planned))) == 1


def test_the_documented_password_opens_an_account_and_keeps_the_rules(demo_session):
    (account,) = [a for a in demo_accounts(demo_session) if a["username"] == "city.reviewer1"]
    assert set(account) == {"username", "password", "role", "organisation", "region"}
    assert account["password"] == DOCUMENTED
    assert password_faults(DOCUMENTED, "city.reviewer1") == []
    assert log_in(demo_session, account["username"], account["password"], kind="token", address="::1")


def test_the_second_start_changes_nothing(demo_session, demo_data):
    tables = demo_session.scalars(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    ).all()

    def sizes():
        return {name: demo_session.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in tables}

    before = sizes()
    ensure_demo(demo_session, make_settings(demo_data))
    assert sizes() == before


@pytest.fixture
def fresh(session, settings):
    """A demonstration of its own, with its password file in the test's folder."""
    ensure_demo(session, settings, random_passwords=False)
    return session


def test_passwords_become_random_before_others_can_reach_the_server(fresh, settings):
    ensure_demo(fresh, settings, random_passwords=True)
    account = next(a for a in demo_accounts(fresh) if a["username"] == "admin")
    assert account["password"] != DOCUMENTED
    assert log_in(fresh, "admin", account["password"], kind="token", address="::1")
    fresh.commit()
    with pytest.raises(Unauthenticated):
        log_in(fresh, "admin", DOCUMENTED, kind="token", address="::1")


def test_random_passwords_stay_when_the_server_is_local_again(fresh, settings):
    ensure_demo(fresh, settings, random_passwords=True)
    known = find_password(settings)
    ensure_demo(fresh, settings, random_passwords=False)
    assert find_password(settings) == known


def test_an_account_whose_password_was_changed_is_left_alone(fresh, settings):
    user = fresh.scalars(select(User).where(User.username == "designer")).one()
    change_password(fresh, get_actor(fresh, user.id), DOCUMENTED, "my-own-words-1", None)
    ensure_demo(fresh, settings, random_passwords=True)
    assert "designer" not in {account["username"] for account in demo_accounts(fresh)}
    assert log_in(fresh, "designer", "my-own-words-1", kind="token", address="::1")


def test_the_documented_password_is_gone_when_the_demonstration_is_switched_off(fresh, settings):
    protect_demo(fresh, settings)
    assert {account["password"] for account in demo_accounts(fresh)} == {find_password(settings).password}
    assert find_password(settings).password != DOCUMENTED


def test_the_demonstration_leaves_the_administrator_of_before_alone(session, settings):
    ensure_reference(session)
    password = ensure_administrator(session)
    ensure_demo(session, settings, random_passwords=False)
    assert log_in(session, "admin", password, kind="token", address="::1")
    assert "admin" not in {account["username"] for account in demo_accounts(session)}


def test_the_password_is_readable_for_its_owner_only(fresh, settings):
    (path,) = settings.keys.glob("demo*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reference_data_come_without_the_demonstration_and_only_once(session):
    for _ in range(2):
        ensure_reference(session)
    assert session.scalar(select(func.count()).select_from(Region)) == 3219
    jiyuan = session.get_one(Region, "419001")
    assert (jiyuan.level, jiyuan.path) == ("city", "410000/419001")


def test_reference_data_never_overwrite_what_an_office_has_changed(session):
    ensure_reference(session)
    session.get_one(Region, "430603").name = "云溪新区"
    session.flush()
    ensure_reference(session)
    session.expire_all()
    assert session.get_one(Region, "430603").name == "云溪新区"
