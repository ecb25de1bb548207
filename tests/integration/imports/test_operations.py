"""Imports into a real database: whole or not at all, twice without effect, within the importer's reach."""

import json
from dataclasses import replace

import pytest
from flask import current_app
from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.accounts.operations import log_in
from webapp.accounts.queries import get_actor
from webapp.audit.models import AuditEntry
from webapp.demo import demo_accounts
from webapp.demo.units import LIST_FILE
from webapp.imports.operations import Upload, check_file, import_file
from webapp.problems import Unauthenticated
from webapp.registry.models import Award, Organisation, Predecessor, Region

UNITS = """单位名称,统一社会信用代码,地区,管辖地区,是否市直,行业,称号,届次,前身
平江实验小学,,430626,430626,否,教育,县级文明单位,2024年,
岳阳示范中心,,,430600,是,政务,,,
湘阴县示范地方税务局,,湘阴县,,,,,,
国家税务总局湘阴县示范税务局,,湘阴县,,,,,,平江实验小学
"""


def load(session, kind, text, actor=None, run=import_file, **options):
    return run(session, actor, Upload(kind, "file.csv", text.encode(), **options))


def counts(session):
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model))
        for model in (Organisation, Award, Predecessor, User, Region, AuditEntry)
    }


def actor(session, username):
    return get_actor(session, session.scalars(select(User.id).where(User.username == username)).one())


def test_units_come_in_with_awards_and_proposals(demo_session):
    before = counts(demo_session)
    report = load(demo_session, "units", UNITS)
    after = counts(demo_session)
    assert report.applied
    assert after["organisations"] - before["organisations"] == 4
    assert after["awards"] - before["awards"] == 1
    assert after["predecessors"] - before["predecessors"] == 2
    school = demo_session.scalars(select(Organisation).where(Organisation.name == "平江实验小学")).one()
    assert (school.region_code, school.sector, school.source) == ("430626", "教育", "导入：file.csv")


def test_the_same_file_twice_changes_nothing(demo_session):
    load(demo_session, "units", UNITS)
    before = counts(demo_session)
    report = load(demo_session, "units", UNITS)
    assert (report.changes, counts(demo_session)) == (0, before)


def test_the_printed_list_imported_over_the_demonstration_changes_nothing(demo_session):
    before = counts(demo_session)
    report = import_file(demo_session, None, Upload("units", "list.csv", LIST_FILE.read_bytes()))
    assert (report.count("refused"), report.changes, counts(demo_session)) == (0, 0, before)


def test_a_dry_run_changes_nothing_and_says_the_same(demo_session):
    before = counts(demo_session)
    said = load(demo_session, "units", UNITS, run=check_file).as_json()
    assert counts(demo_session) == before
    assert load(demo_session, "units", UNITS).as_json() == said | {"applied": True}


def test_one_refused_row_keeps_the_whole_file_out(demo_session):
    before = counts(demo_session)
    report = load(demo_session, "units", UNITS + "坏单位,,火星,,,,,,\n")
    assert not report.applied
    assert counts(demo_session) == before


def test_a_city_reaches_its_own_regions_only(demo_session):
    city = actor(demo_session, "city.reviewer1")
    report = load(demo_session, "units", "name,jurisdiction\n长沙某局,430100\n", city)
    assert {reason.code for item in report.items for reason in item.reasons} == {"foreign_region"}
    report = load(demo_session, "units", "name\n某局\n", city)
    assert report.applied
    unit = demo_session.scalars(select(Organisation).where(Organisation.name == "某局")).one()
    assert (unit.region_code, unit.waiting_code) == (None, "430600")


def test_a_code_out_of_reach_is_taken_without_saying_whose_it_is(demo_session):
    load(demo_session, "units", "name,uscc,jurisdiction\n长沙密局,91430600MA4L16JQ97,430100\n")
    city = actor(demo_session, "city.reviewer1")
    report = load(demo_session, "units", "name,uscc,jurisdiction\n岳阳某局,91430600MA4L16JQ97,430603\n", city)
    document = json.dumps(report.as_json(), ensure_ascii=False)
    assert "uscc_taken" in document
    assert "长沙密局" not in document


def test_people_imported_into_a_demonstration_have_its_password(demo_session):
    people = "用户名,姓名,单位,角色\nxiaoxue,某某,平江县财政局,文明专干\n"
    (item,) = load(demo_session, "users", people, with_passwords=True).as_json()["items"]
    assert log_in(demo_session, "xiaoxue", item["password"], kind="token", address="::1")
    shown = {account["username"]: account["password"] for account in demo_accounts(demo_session)}
    assert shown["xiaoxue"] == item["password"]


def test_people_of_an_import_log_in_with_their_one_time_password(demo_session, monkeypatch):
    settings = replace(current_app.extensions["settings"], demo=False)
    monkeypatch.setitem(current_app.extensions, "settings", settings)
    load(demo_session, "units", UNITS)
    people = "用户名,姓名,单位,角色\nxiaoxue,某某,平江实验小学,文明专干、单位负责人\n"
    report = load(demo_session, "users", people, with_passwords=True)
    (item,) = report.as_json()["items"]
    assert log_in(demo_session, "xiaoxue", item["password"], kind="token", address="::1")
    user = demo_session.scalars(select(User).where(User.username == "xiaoxue")).one()
    assert user.must_change_password
    assert set(user.roles) == {"unit_clerk", "unit_leader"}


def test_people_imported_without_passwords_cannot_log_in(demo_session):
    people = "用户名,姓名,单位,角色\nnobody,某某,平江县财政局,文明专干\n"
    load(demo_session, "users", people)
    demo_session.commit()
    for guess in ("", "!", "nobody"):
        with pytest.raises(Unauthenticated):
            log_in(demo_session, "nobody", guess, kind="token", address="::1")


def test_a_change_of_post_by_import_is_recorded(demo_session):
    people = "用户名,姓名,单位,角色\nyunxi.unit1.clerk,新姓名,平江县财政局,单位负责人\n"
    report = load(demo_session, "users", people)
    assert report.items[0].status == "flagged"
    entry = demo_session.scalars(select(AuditEntry).where(AuditEntry.act == "user.change")).one()
    assert entry.before["roles"] == ["unit_clerk"]
    assert entry.after["roles"] == ["unit_leader"]


def test_regions_come_in_below_their_parents(demo_session):
    report = load(demo_session, "regions", "代码,名称,上级,类型\n4306Z9,临港新区,岳阳市,功能区\n")
    assert report.applied
    region = demo_session.get_one(Region, "4306Z9")
    assert (region.path, region.level, region.kind) == ("430000/430600/4306Z9", "county", "zone")
    assert load(demo_session, "regions", "代码,名称,上级\n4306Z9,临港新区,岳阳市\n").changes == 0


def test_an_import_is_recorded_with_the_digest_of_its_file(demo_session):
    load(demo_session, "units", UNITS)
    entry = demo_session.scalars(select(AuditEntry).where(AuditEntry.act == "import.units")).one()
    assert len(entry.after["sha256"]) == 64
    assert len(entry.after["changes"]["added"]) == 4
