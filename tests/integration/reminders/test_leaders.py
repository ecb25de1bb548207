"""What leaders see of who is late, and how they say who is whose superior."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from tests.factories.statements import counted
from webapp import clock
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.database import db, transaction
from webapp.registry.models import Organisation


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


def late_case(office: Office, clerk: str = "yunxi.unit1.clerk", days: int = 0) -> Case:
    """A case that waits for the unit; the clock is moved on."""
    case = Case(office, office.person(clerk), batch="1", honour="city")
    if days:
        with office.app.app_context(), transaction() as session:
            clock.advance(session, timedelta(days=days))
    return case


def test_late_tasks_are_counted_by_county_and_process_within_the_subtree(office: Office) -> None:
    first = late_case(office)
    late_case(office, "junshan.unit1.clerk", days=60)
    city = office.person("city.reviewer1").get("/laggards")["items"]
    assert {(row["region_name"], row["process"], row["late"], row["serious"]) for row in city} == {
        ("云溪区", "declaration", 1, 1),
        ("君山区", "declaration", 1, 1),
    }
    county = office.with_role("county_reviewer", region="430603")[0]
    assert [row["region_name"] for row in county.get("/laggards")["items"]] == ["云溪区"]
    tasks = county.get("/laggards/tasks")["items"]
    assert [(row["instance"], row["element"], row["severity"]) for row in tasks] == [
        (first.id, "fill_declaration", "serious")
    ]
    assert tasks[0]["days_late"] > 5
    narrowed = office.person("city.reviewer1").get(f"/laggards/tasks?region={city[0]['region']}&process=declaration")
    assert narrowed["total"] == 1
    assert office.person("city.reviewer1").get("/laggards/tasks?region=999999")["items"] == []
    first.clerk.get("/laggards", expect=403)


def test_the_pages_and_the_file_say_the_same(demo_app: Flask, office: Office) -> None:
    browser = PageClient(demo_app, "city.reviewer1")
    assert "没有逾期的事项" in browser.read("/late")
    late_case(office, days=60)
    assert "云溪区" in browser.read("/late")
    assert "填写申报材料" in browser.read("/late/tasks?process=declaration")
    book = load_workbook(BytesIO(browser.get("/late/export").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][0] == "地区"
    assert (rows[1][0], rows[1][3]) == ("云溪区", "填写申报材料")
    assert PageClient(demo_app, "yunxi.unit1.clerk").get("/late").status_code == 403


def test_lists_take_as_many_statements_for_many(demo_app: Flask, office: Office) -> None:
    late_case(office, days=60)
    browser = PageClient(demo_app, "city.reviewer1")

    def read(path: str) -> int:
        browser.read(path)
        with counted(demo_app) as found:
            browser.read(path)
        return len(found.own)

    few = [read("/late"), read("/late/tasks")]
    late_case(office, "junshan.unit1.clerk", days=60)
    assert [read("/late"), read("/late/tasks")] == few


def test_superiors_are_set_seen_and_written_down(demo_app: Flask) -> None:
    browser = PageClient(demo_app, "admin")
    assert "上级关系" in browser.read("/users/superiors")
    with demo_app.app_context():
        county = db.session.query(Organisation).filter_by(kind="office", region_code="430603").one()
        city = db.session.query(Organisation).filter_by(kind="office", region_code="430600").one()
        person = db.session.query(User).filter_by(organisation_id=county.id).order_by(User.id).first()
        leader = db.session.query(User).filter_by(username="city.leader").one_or_none()
        leader = leader or db.session.query(User).filter(User.roles.any("city_leader")).first()
        ids = county.id, city.id, person.id, leader.id
    chosen = {"superior": str(ids[1]), f"person-{ids[2]}-leader": str(ids[3])}
    assert browser.post(f"/users/superiors/{ids[0]}", chosen).status_code == 302
    page = browser.read(f"/users/superiors/{ids[0]}")
    assert re.search(r'href="/users" aria-current="page"', page), "it is a page of 账号, not of 督办"
    assert f'value="{ids[1]}" selected' in page
    assert f'value="{ids[3]}" selected' in page
    with demo_app.app_context():
        assert db.session.get_one(User, ids[2]).leader_id == ids[3]
        assert db.session.get_one(Organisation, ids[0]).superior_id == ids[1]
        acts = db.session.query(AuditEntry).filter_by(act="organisation.superior").all()
        assert acts[0].after == {"superior": ids[1], "leaders": {str(ids[2]): ids[3]}}


@pytest.mark.parametrize("superior", ["999999", "x", "-1"])
def test_what_is_not_on_offer_is_refused(demo_app: Flask, superior: str) -> None:
    browser = PageClient(demo_app, "admin")
    with demo_app.app_context():
        county = db.session.query(Organisation).filter_by(kind="office", region_code="430603").one().id
    answer = browser.post(f"/users/superiors/{county}", {"superior": superior})
    assert answer.status_code == 422
    assert browser.get("/users/superiors/99999999").status_code == 404


def test_offices_set_only_what_lies_below_them(demo_app: Flask) -> None:
    assert PageClient(demo_app, "yunxi.reviewer1").get("/users/superiors").status_code == 403
