"""The administration pages in a real browser: readable for everybody, also at 360 pixels; an incident is mended."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in
from tests.factories.api_client import Case
from tests.factories.broken_service import broken
from tests.factories.insiders import Insiders

PAGES = ("", "/incidents", "/definitions", "/definitions/1", "/jobs", "/clock", "/audit", "/audit/verification")


@pytest.fixture(params=["page", "narrow_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


@pytest.fixture
def case(demo_app: Flask) -> Case:
    """A declaration that could not go on after its assessment."""
    office = Insiders(demo_app)
    batch = office.person("city.reviewer1").get("/batches")["items"][0]["id"]
    started = Case(office, office.person("yunxi.unit1.clerk"), batch=str(batch), honour="city").submitted()
    started.do("review_county", outcome="pass").consulted()
    with broken("reserve_quota"):
        started.assessed()
    return started


@pytest.mark.usefixtures("case")
def test_every_page_is_good(any_page: Page) -> None:
    log_in(any_page, "admin")
    for address in PAGES:
        any_page.goto(f"/administration{address}")
        expect(any_page.get_by_role("heading", level=1)).to_be_visible()
        assert_good(any_page)


@pytest.mark.usefixtures("case")
def test_an_incident_is_mended(any_page: Page) -> None:
    log_in(any_page, "admin")
    any_page.goto("/administration")
    any_page.get_by_role("link", name="异常").click()
    any_page.get_by_role("main").get_by_role("rowheader").get_by_role("link").click()
    expect(any_page.get_by_text("名额台账无法读取").first).to_be_visible()
    assert_good(any_page)
    any_page.get_by_label("更正后的变量").fill("{")
    any_page.get_by_role("button", name="重试").click()
    expect(any_page.get_by_role("alert")).to_contain_text("须为 JSON 对象")
    assert_good(any_page)
    any_page.get_by_label("更正后的变量").fill("")
    any_page.get_by_role("button", name="重试").click()
    expect(any_page.get_by_role("status")).to_contain_text("异常解除")
    assert_good(any_page)


def test_the_clock_is_advanced_without_scripts(plain_page: Page) -> None:
    log_in(plain_page, "admin")
    plain_page.goto("/administration/clock")
    plain_page.get_by_label("时间长度").fill("30d")
    plain_page.get_by_role("button", name="向前推进").click()
    expect(plain_page.get_by_role("status")).to_contain_text("业务时钟已调整")
    expect(plain_page.get_by_text("快 30天")).to_be_visible()
    expect(plain_page.get_by_role("note")).to_contain_text("演示时钟")
