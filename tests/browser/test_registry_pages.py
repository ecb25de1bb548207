"""Registry, accounts and imports as an office sees them: readable for everybody, also at 360 pixels."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in

PAGES = ("/units", "/units/waiting", "/predecessors", "/users", "/users/choose-organisation?q=云溪区水利", "/imports")


@pytest.fixture(params=["page", "narrow_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


def test_lists_are_good_for_a_city(any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    for address in PAGES:
        any_page.goto(address)
        assert_good(any_page)


def test_a_unit_and_everything_that_can_be_changed_about_it_are_good(any_page: Page) -> None:
    log_in(any_page, "city.reviewer1")
    any_page.goto("/units?q=屈原管理区税务局")
    any_page.get_by_role("main").get_by_role("link", name="国家税务总局屈原管理区税务局").last.click()
    expect(any_page.get_by_role("heading", level=1)).to_contain_text("国家税务总局屈原管理区税务局")
    assert_good(any_page)
    address = any_page.url
    for part in ("facts", "jurisdiction", "name", "earlier-name"):
        any_page.goto(f"{address}/{part}")
        assert_good(any_page)


def test_an_account_is_made_and_its_password_shown_once(any_page: Page) -> None:
    log_in(any_page, "yunxi.reviewer1")
    any_page.goto("/users/choose-organisation?q=云溪区民政局")
    any_page.get_by_role("link", name="云溪区民政局").click()
    any_page.get_by_role("button", name="建立账号").click()
    expect(any_page.get_by_role("alert")).to_be_focused()
    assert_good(any_page)
    any_page.get_by_label("用户名").fill("new.clerk")
    any_page.get_by_label("姓名").fill("新来的")
    any_page.get_by_label("文明专干").check()
    any_page.get_by_role("button", name="建立账号").click()
    expect(any_page.locator("#one-time-password")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    assert_good(any_page)
    any_page.get_by_role("link", name="完成").click()
    any_page.get_by_role("link", name="new.clerk").click()
    assert_good(any_page)


def test_a_file_is_checked_and_imported_without_scripts(plain_page: Page) -> None:
    _import(plain_page)


def test_the_pages_of_an_import_are_good(any_page: Page) -> None:
    _import(any_page, check=assert_good)


def _import(page: Page, check: object = None) -> None:
    look = check if callable(check) else lambda _page: None
    log_in(page, "city.reviewer1")
    page.goto("/imports")
    content = "单位名称,统一社会信用代码,管辖地区\n示例甲局,,430603\n示例乙局,91430600MA4L16JQ91,430611\n"
    page.get_by_label("文件").set_input_files(
        {"name": "名单.csv", "mimeType": "text/csv", "buffer": content.encode("gb18030")}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("检查完毕，还没有导入")).to_be_visible()
    expect(page.get_by_text("校验位应为")).to_be_visible()
    look(page)
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入，共变更 2 项")).to_be_visible()
    look(page)
