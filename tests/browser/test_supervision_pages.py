"""Who is late and who is whose superior, on desk and phone; the plan of a step on the page of its task."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in, pictured
from tests.factories.api_client import Case, Office
from webapp import clock
from webapp.database import transaction


@pytest.fixture(params=["page", "narrow_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


def test_late_tasks_from_the_summary_to_the_case(demo_app: Flask, any_page: Page) -> None:
    office = Office(demo_app)
    for clerk in ("yunxi.unit1.clerk", "junshan.unit1.clerk"):
        Case(office, office.person(clerk), batch="1", honour="city")
    log_in(any_page, "city.reviewer1")
    any_page.goto("/late")
    assert_good(any_page)
    expect(any_page.get_by_text("没有逾期的事项")).to_be_visible()
    with demo_app.app_context(), transaction() as session:
        clock.advance(session, timedelta(days=60))
    any_page.goto("/late")
    assert_good(any_page)
    pictured(any_page, "late")
    any_page.get_by_role("link", name="云溪区").click()
    expect(any_page.get_by_role("row")).to_have_count(2)
    assert_good(any_page)
    pictured(any_page, "late_tasks")
    any_page.get_by_role("rowheader").get_by_role("link").first.click()
    expect(any_page.get_by_role("heading", name="时限经过")).to_be_visible()


def test_a_superior_is_set(any_page: Page) -> None:
    log_in(any_page, "admin")
    any_page.goto("/users")
    any_page.get_by_role("link", name="上级关系").click()
    assert_good(any_page)
    pictured(any_page, "superiors")
    any_page.get_by_role("rowheader", name="云溪区").first.get_by_role("link").click()
    assert_good(any_page)
    pictured(any_page, "superior")
    any_page.get_by_label("上级单位").select_option(index=1)
    any_page.get_by_role("button", name="保存").click()
    expect(any_page.get_by_text("已保存。以后的逾期上报按新的关系通知。")).to_be_visible()


def test_the_plan_of_a_step_stands_on_its_task(demo_app: Flask, any_page: Page) -> None:
    office = Office(demo_app)
    case = Case(office, office.person("yunxi.unit1.clerk"), batch="1", honour="city")
    _person, task = case.who("fill_declaration")
    log_in(any_page, "yunxi.unit1.clerk")
    any_page.goto(f"/tasks/{task['id']}")
    any_page.get_by_text("办件时限").first.click()
    expect(any_page.get_by_text("逾期第 1 个工作日报上级").first).to_be_visible()
    pictured(any_page, "task")
    any_page.goto(f"/instances/{case.id}")
    any_page.get_by_text("文字说明").click()
    told = any_page.locator("li", has_text="期限：批次规定的阶段截止日，未规定的为 10 个工作日")
    expect(told.last).to_be_visible()  # the picture says the same in titles


def test_a_batch_says_when_its_phases_end(page: Page) -> None:
    log_in(page, "city.reviewer1")
    page.goto("/batches/1/edit")
    page.get_by_label("测评截止").fill("2099-05-01")
    page.get_by_label("不包括 X 日当天").check()
    pictured(page, "batch_edit")
    assert_good(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("不包括 X 日当天")
    expect(page.get_by_role("main")).to_contain_text("2099")
    pictured(page, "batch")
