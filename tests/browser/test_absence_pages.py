"""Naming a deputy and handing over, on a desk and on a phone."""

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in, pictured
from tests.factories.api_client import Case, Office
from webapp.absence.handing_over import run_hand_over


def test_an_absence_and_a_hand_over(demo_app: Flask, page: Page, narrow_page: Page) -> None:
    office = Office(demo_app)
    clerk = office.person("yunxi.unit1.clerk")
    case = Case(office, clerk, batch="1", honour="city")
    clerk.post(f"/tasks/{case.who('fill_declaration')[1]['id']}/claim")
    log_in(page, "yunxi.reviewer1")
    log_in(narrow_page, "yunxi.reviewer1")
    page.locator(".person-menu summary").click()
    page.get_by_role("link", name="我的代理").click()
    page.locator("#to").select_option(index=1)
    page.locator("#last").fill("2020-01-01")
    page.get_by_role("button", name="指定").click()
    expect(page.get_by_role("alert")).to_contain_text("结束日期须不早于开始日期")
    assert_good(page)
    page.locator("#last").fill("2099-01-01")
    page.get_by_role("button", name="指定").click()
    expect(page.get_by_role("alert")).to_contain_text("不能超过一年")
    page.locator("#last").fill(page.locator("#first").input_value())
    page.get_by_label("事由").fill("参加全省精神文明创建工作业务培训班")
    page.get_by_role("button", name="指定").click()
    expect(page.get_by_text("代理中")).to_be_visible()
    look(page, narrow_page, "deputies")
    page.goto("/deputies/people")
    look(page, narrow_page, "people")
    page.goto("/users?q=yunxi.unit1.clerk")
    page.get_by_role("link", name="yunxi.unit1.clerk").click()
    page.get_by_role("link", name="交接").click()
    expect(page.get_by_label("交接完成后停用账号")).to_be_checked()
    look(page, narrow_page, "before")
    page.locator("#to").select_option(index=1)
    page.get_by_role("button", name="开始交接").click()
    expect(page.get_by_text("进行中")).to_be_visible()
    with demo_app.app_context():
        run_hand_over(int(page.url.rsplit("/", 1)[1]))
    page.get_by_role("link", name="刷新").click()
    expect(page.get_by_text("已完成")).to_be_visible()
    look(page, narrow_page, "after")


def look(page: Page, narrow: Page, name: str) -> None:
    """The page that is open can be read by everybody at both widths."""
    assert_good(page)
    pictured(page, name)
    narrow.goto(page.url)
    assert_good(narrow)
    pictured(narrow, f"{name}-narrow")
