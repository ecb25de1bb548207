"""The picture of a year and the time of a case, on desk and phone: readable by everybody, narrow enough, changed."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in
from tests.factories.api_client import Case, Office
from webapp.database import transaction
from webapp.deadlines import operations


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


@pytest.fixture(params=["page", "narrow_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


def test_a_year_is_good_for_administrators(demo_app: Flask, any_page: Page) -> None:
    with demo_app.app_context(), transaction() as session:
        operations.add_closure(session, None, "430603", date(2021, 6, 24), date(2021, 6, 25), "all", "防汛抗洪")
    log_in(any_page, "admin")
    for address in ("/calendar?year=2021", "/calendar", "/calendar?year=2031", "/calendar/days/2021-05-01"):
        any_page.goto(address)
        assert_good(any_page)
    any_page.goto("/calendar?year=2021")
    june = any_page.get_by_role("table", name="6月", exact=True)
    expect(june.get_by_role("link", name="云溪区全天不办公（防汛抗洪）")).to_have_count(2)
    any_page.get_by_text("登记不办公").click()
    any_page.get_by_role("button", name="登记", exact=True).click()
    expect(any_page.get_by_role("alert")).to_contain_text("请选择地区")
    assert_good(any_page)


def test_a_day_is_changed_in_the_picture_without_scripts(plain_page: Page) -> None:
    log_in(plain_page, "admin")
    plain_page.goto("/calendar?year=2026")
    plain_page.get_by_role("link", name="7月1日；工作日").click()
    plain_page.get_by_label("这一天").select_option("放假")
    plain_page.get_by_label("节日名称").fill("建党节")
    plain_page.get_by_label("依据").fill("市政府通知")
    plain_page.get_by_role("button", name="保存").click()
    expect(plain_page.get_by_role("link", name="7月1日；法定节假日（建党节）")).to_be_visible()


def test_more_time_and_its_trace_are_good(declare: Callable[..., Case], office: Office, any_page: Page) -> None:
    case = declare("county").submitted().do("review_county", outcome="return")
    log_in(any_page, "city.reviewer1")
    any_page.goto(f"/instances/{case.id}")
    any_page.get_by_role("link", name="延长期限").first.click()
    assert_good(any_page)
    any_page.get_by_label("延长几个工作日").fill("3")
    any_page.get_by_role("button", name="延长期限").click()
    expect(any_page.get_by_role("alert")).to_contain_text("请填写理由")
    assert_good(any_page)
    any_page.get_by_label("理由").fill("汛期材料往来不便")
    any_page.get_by_role("button", name="延长期限").click()
    expect(any_page.get_by_text("理由：汛期材料往来不便")).to_be_visible()
    assert_good(any_page)
