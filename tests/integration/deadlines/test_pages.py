"""The calendar in the browser, more time given there, and how the time of a case is shown to both sides."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from tests.integration.deadlines.test_changes import NOTICE_2027
from webapp.clock import SHANGHAI
from webapp.database import transaction
from webapp.deadlines.models import CalendarClosure, CalendarDay, CalendarYear, DeadlineSettings
from webapp.tasks.models import Task


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def declare(office: Office) -> Callable[..., Case]:
    """Starts a declaration in the demonstration's first batch."""

    def make(honour: str) -> Case:
        person = office.person("yunxi.unit1.clerk")
        form = person.get("/definitions")["items"][0]["start_form"]
        batches = next(c["values"] for c in form["components"] if c.get("key") == "batch")
        return Case(office, person, batch=batches[0]["value"], honour=honour)

    return make


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    return lambda username: PageClient(demo_app, username)


@pytest.fixture
def administrator(browse: Callable[[str], PageClient]) -> PageClient:
    return browse("admin")


def test_everybody_sees_the_year_and_only_administrators_change_it(browse, administrator):
    page = browse("yunxi.unit1.clerk").read("/calendar?year=2021")
    assert "4月25日；调休上班" in page
    assert "5月1日；法定节假日（劳动节）" in page
    assert "2021 年工作日历" in page
    assert "导入放假安排" not in page
    assert "导入放假安排" in administrator.read("/calendar?year=2021")
    for path in ("/calendar/days/2021-04-26", "/calendar/closures", "/calendar/notice", "/calendar/settings"):
        assert browse("city.reviewer1").post(path).status_code == 403


@pytest.mark.parametrize("year", ["", "x", "0", "99999", "2031", "2004"])
def test_any_year_opens(administrator, year):
    assert "工作日历" in administrator.read(f"/calendar?year={year}")


def test_a_year_that_is_not_published_says_so(administrator):
    page = administrator.read("/calendar?year=2031")
    assert "尚未公布或尚未导入" in page
    assert (
        administrator.post("/calendar/days/2031-07-01", {"kind": "holiday", "name": "某日", "source": "x"}).status_code
        == 409
    )


def test_a_day_is_changed_in_the_picture(administrator, demo_app):
    assert "平常日子（工作日）" in administrator.read("/calendar/days/2026-07-01")
    assert administrator.get("/calendar/days/soon").status_code == 404
    wrong = administrator.post("/calendar/days/2026-07-01", {"kind": "holiday", "name": "", "source": "市政府通知"})
    assert wrong.status_code == 422
    assert "没有写节日名称" in wrong.text
    given = {"kind": "holiday", "name": "建党节", "source": "市政府通知"}
    assert administrator.post("/calendar/days/2026-07-01", given).status_code == 302
    assert "7月1日；法定节假日（建党节）" in administrator.read("/calendar?year=2026")
    with demo_app.app_context(), transaction() as session:
        assert session.get_one(CalendarDay, date(2026, 7, 1)).source == "市政府通知"


def test_a_closure_comes_and_goes(administrator, demo_app):
    given = {"region": "430603", "first": "2026-07-01", "last": "2026-07-02", "part": "pm", "reason": "停电"}
    assert administrator.post("/calendar/closures", given).status_code == 302
    page = administrator.read("/calendar?year=2026")
    assert "云溪区下午不办公（停电）" in page
    again = administrator.post("/calendar/closures", given)
    assert again.status_code == 409
    assert administrator.post("/calendar/closures", given | {"last": "2026-06-01"}).status_code == 422
    assert administrator.post("/calendar/closures", given | {"reason": ""}).status_code == 422
    with demo_app.app_context(), transaction() as session:
        ids = list(session.scalars(select(CalendarClosure.id)))
    assert len(ids) == 2
    for closure in ids:
        assert administrator.post(f"/calendar/closures/{closure}/remove").status_code == 302
    assert "云溪区下午不办公" not in administrator.read("/calendar?year=2026")


def upload(content: str) -> dict[str, object]:
    return {"source": "国办发明电〔2026〕1号", "file": (io.BytesIO(content.encode()), "2027.csv")}


def test_a_notice_is_tried_refused_and_imported(administrator, demo_app):
    tried = administrator.post("/calendar/notice", upload(NOTICE_2027) | {"act": "try"})
    assert tried.status_code == 200
    assert "新增 14 天" in tried.text
    wrong = administrator.post("/calendar/notice", upload(NOTICE_2027 + "2027-02-19,上班,春节\n") | {"act": "import"})
    assert wrong.status_code == 422
    assert "星期五" in wrong.text
    assert administrator.post("/calendar/notice", {"source": "x"}).status_code == 422
    with demo_app.app_context(), transaction() as session:
        assert session.get(CalendarYear, 2027) is None
    assert administrator.post("/calendar/notice", upload(NOTICE_2027) | {"act": "import"}).status_code == 302
    assert "2月20日；调休上班" in administrator.read("/calendar?year=2027")


def test_the_customs_are_changed(administrator, demo_app):
    hours = {"morning_from": "08:30", "morning_until": "12:00", "afternoon_from": "14:30", "afternoon_until": "18:00"}
    assert administrator.post("/calendar/settings", hours | {"morning_until": "08:00"}).status_code == 422
    assert administrator.post("/calendar/settings", hours).status_code == 302
    with demo_app.app_context(), transaction() as session:
        row = session.scalars(select(DeadlineSettings)).one()
        assert (row.rest_day_end_moves, row.before_includes_day) == (False, False)
        assert f"{row.afternoon_until:%H:%M}" == "18:00"


def test_a_leader_gives_more_time_and_both_sides_read_why(declare: Callable[..., Case], browse, demo_app, office):
    case = declare("county").submitted()
    _person, task = case.who("review_county")
    leader = browse("city.reviewer1")
    address = f"/tasks/{task['id']}/extend"
    assert "延长期限" in leader.read(f"/tasks/{task['id']}")
    assert "现在的期限" in leader.read(address)
    assert browse("yunxi.reviewer1").get(address).status_code == 403
    for wrong in ({}, {"working_days": "3"}, {"working_days": "x", "reason": "材料较多"}, {"reason": "材料较多"}):
        assert leader.post(address, wrong | {"version": str(task["version"])}).status_code == 422
    given = {"working_days": "3", "reason": "材料较多", "version": str(task["version"])}
    assert leader.post(address, given | {"version": "99"}).status_code == 409
    assert leader.post(address, given).status_code == 302
    with demo_app.app_context(), transaction() as session:
        row = session.scalars(select(Task).where(Task.instance_id == case.id, Task.status == "open")).one()
        day = row.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d")
    for username in ("yunxi.unit1.clerk", "yunxi.reviewer1", "city.reviewer1"):
        page = browse(username).read(f"/instances/{case.id}")
        assert "理由：材料较多" in page
        assert f"延至 {day}" in page
        assert "时限经过" in page
        assert "上传盖章表" in page


def test_programs_give_more_time_as_well(declare: Callable[..., Case], office):
    case = declare("county").submitted()
    person, task = case.who("review_county")
    city = office.person("city.reviewer1")
    path = f"/tasks/{task['id']}/extend"
    assert "extend" in city.get(f"/tasks/{task['id']}")["actions"]
    assert "extend" not in person.get(f"/tasks/{task['id']}")["actions"]
    given = {"reason": "材料较多", "version": task["version"]}
    person.post(path, given | {"working_days": 2}, 403)
    for wrong in (
        {},
        {"working_days": "2"},
        {"working_days": True},
        {"until": "2020-01-01"},
        {"until": "soon"},
        {"days": 2},
    ):
        city.post(path, given | wrong, 422)
    after = city.post(path, given | {"until": "2039-06-01"})
    assert after["due_at"] == "2039-06-01T23:59:59+08:00"
    assert after["version"] == task["version"] + 1
    city.post(path, given | {"working_days": 2}, 409)
    assert "延至 2039-06-01" in city.get(f"/instances/{case.id}/history")["items"][-1]["comment"]


def test_the_calendar_explains_itself_to_programs(office):
    city = office.person("city.reviewer1")
    found = city.get("/calendar/due?start=2021-04-23&working_days=6&region=430603")
    assert found["due_at"] == "2021-04-30T23:59:59+08:00"
    reasons = {day["date"]: (day["counted"], day["reason"]) for day in found["days"]}
    assert reasons["2021-04-24"] == (False, "周末")
    assert reasons["2021-04-25"] == (True, "调休上班")
    for wrong in ("working_days=3", "start=2021-04-25&working_days=3&region=999999", "start=2021-04-25"):
        city.get(f"/calendar/due?{wrong}", 422)


def test_programs_read_how_the_time_of_a_case_ran(declare: Callable[..., Case], office):
    case = declare("county").submitted().do("review_county", outcome="return")
    found = office.person("yunxi.unit1.clerk").get(f"/instances/{case.id}/clock")
    assert [span["reason"] for span in found["spans"]] == ["填写申报材料", "上传盖章表", "", "补正申报材料"]
    assert [span["kind"] for span in found["spans"]] == ["paused", "paused", "running", "paused"]
    assert found["spans"][-1]["until"] is None
    assert (found["limit"], found["due_at"], found["provisional"]) == (None, None, False)
    assert office.person("pingjiang.reviewer1").get(f"/instances/{case.id}/clock", 404)
