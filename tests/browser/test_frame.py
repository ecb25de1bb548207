"""The frame and the pages that everybody meets: login, password, help, refusals."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Response, expect
from sqlalchemy import delete

from tests.browser.browsing import assert_good, fill_login, log_in
from tests.browser.conftest import OpenContext
from webapp import clock
from webapp.accounts.models import ROLES, LoginSession
from webapp.database import transaction


@pytest.fixture(params=["page", "narrow_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


def end_all_logins(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.execute(delete(LoginSession))


def test_login_page_is_good_before_and_after_a_mistake(any_page: Page) -> None:
    any_page.goto("/login")
    assert_good(any_page)
    fill_login(any_page, "loudi.reviewer1", "wrong")
    expect(any_page.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    expect(any_page.get_by_label("用户名")).to_have_value("loudi.reviewer1")
    assert_good(any_page)


def test_password_page_names_the_field_that_is_wrong(any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    any_page.goto("/password")
    assert_good(any_page)
    any_page.get_by_label("当前密码").fill("not-this-1")
    any_page.get_by_label("新密码", exact=False).first.fill("another-word-2")
    any_page.get_by_label("再输一次新密码").fill("another-word-2")
    any_page.get_by_role("main").get_by_role("button", name="修改密码").click()
    summary = any_page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="当前密码").click()
    expect(any_page.get_by_label("当前密码")).to_be_focused()
    expect(any_page.get_by_label("当前密码")).to_have_attribute("aria-invalid", "true")
    assert_good(any_page)


def test_every_role_has_a_help_page(page: Page, narrow_page: Page) -> None:
    log_in(page, "city.reviewer1")
    page.goto("/help/")
    assert_good(page)
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(len(ROLES))
    for role, name in ROLES.items():
        page.goto(f"/help/{role}")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert_good(page)
    log_in(narrow_page, "city.reviewer1")
    narrow_page.goto("/help/city_reviewer")
    assert_good(narrow_page)


def test_a_refusal_says_what_to_do(any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    any_page.goto("/help/")
    any_page.goto("/help/nobody")
    expect(any_page.get_by_role("heading", level=1)).to_have_text("不存在或无权查看")
    expect(any_page.get_by_role("link", name="回到首页")).to_be_visible()
    assert_good(any_page)


def test_first_key_reaches_the_link_past_the_navigation(page: Page) -> None:
    log_in(page, "city.reviewer1")
    page.goto("/help/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_persons_menu_tells_who_one_is_and_logs_out(any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    any_page.goto("/help/")
    menu = any_page.locator(".person-menu")
    menu.locator("summary").click()
    expect(menu).to_contain_text("市级审核员")
    assert_good(any_page, within=".person-menu")
    any_page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="退出登录")).to_be_hidden()
    menu.locator("summary").press("Enter")
    menu.get_by_role("button", name="退出登录").click()
    expect(any_page).to_have_url("/login")


def test_everything_works_without_scripts(plain_page: Page) -> None:
    log_in(plain_page, "city.reviewer1")
    plain_page.goto("/help/")
    plain_page.locator(".person-menu summary").click()
    plain_page.get_by_role("link", name="修改密码").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("修改密码")
    plain_page.locator(".person-menu summary").click()
    plain_page.get_by_role("button", name="退出登录").click()
    expect(plain_page.get_by_role("main").get_by_role("button", name="登录")).to_be_visible()


def test_what_was_typed_survives_the_end_of_the_login(demo_app: Flask, any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    any_page.goto("/batches/new")
    any_page.get_by_label("批次名称").fill("kept 文字 <b>&")
    end_all_logins(demo_app)
    any_page.get_by_role("button", name="保存批次").click()
    expect(any_page.get_by_text("您填写的内容没有丢失")).to_be_visible()
    assert_good(any_page)
    fill_login(any_page, "city.reviewer1")
    expect(any_page.get_by_role("heading", level=1)).to_have_text("您刚才填写的内容还在")
    assert_good(any_page)
    any_page.get_by_role("button", name="恢复刚才填写的内容").click()
    expect(any_page.get_by_role("heading", level=1)).to_have_text("开启批次")
    expect(any_page.get_by_label("批次名称")).to_have_value("kept 文字 <b>&")


def test_typed_passwords_do_not_travel_through_the_login(demo_app: Flask, page: Page) -> None:
    log_in(page, "city.reviewer1")
    page.goto("/password")
    page.get_by_label("当前密码").fill("wrong-word-1")
    page.get_by_label("再输一次新密码").fill("secret-word-2")
    end_all_logins(demo_app)
    page.get_by_role("main").get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("main").get_by_role("button", name="登录")).to_be_visible()
    assert "wrong-word-1" not in page.content()
    assert "secret-word-2" not in page.content()


def test_a_shifted_clock_is_announced_on_every_page(demo_app: Flask, page: Page) -> None:
    page.goto("/login")
    expect(page.locator(".demo-banner")).to_have_text("演示系统：数据仅供试用")
    with demo_app.app_context(), transaction() as session:
        clock.set_offset(session, timedelta(days=40))
    demo_app.extensions["standing"].forget()
    announced = (clock.real_now() + timedelta(days=40)).astimezone(clock.SHANGHAI)
    page.reload()
    words = f"演示时钟：{announced.year}年{announced.month}月{announced.day}日"
    expect(page.locator(".demo-banner")).to_contain_text(words)
    assert_good(page)


def test_built_files_may_be_kept_and_nothing_comes_from_elsewhere(site: str, open_context: OpenContext) -> None:
    page = open_context().new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 (Playwright marks the function)
    page.goto("/login")
    page.wait_for_load_state("networkidle")
    assert {answer.status for answer in answers} == {200}
    assert all(answer.url.startswith(site) for answer in answers)
    built = [answer for answer in answers if "/static/dist/" in answer.url]
    assert {"app.css", "app.js"} <= {answer.url.partition("?")[0].rpartition("/")[2] for answer in built}
    assert all("immutable" in answer.headers["cache-control"] for answer in built)
