"""The inbox of somebody with many cases: cleared by keyboard alone, found again where it was, good on any screen."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import NARROW, WIDE, assert_good, log_in
from tests.factories.api_client import Office
from tests.factories.crowd import Crowd, gather_consulted, gather_crowd

MOST_KEYS = 5
CASES = 60


class Keyboard:
    """Counts what is pressed; the text of an opinion does not count."""

    def __init__(self, page: Page) -> None:
        self._page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.pressed += key.count("+") + 1
            self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)


@pytest.fixture
def crowd_of(demo_app: Flask, demo_database_url: str) -> Callable[[int], Crowd]:
    """Cases that wait for one reviewer."""
    return lambda count: gather_crowd(demo_app, demo_database_url, count)


def test_sixty_cases_are_cleared_by_keyboard_alone(crowd_of: Callable[[int], Crowd], page: Page) -> None:
    crowd = crowd_of(CASES)
    log_in(page, crowd.reviewer)
    page.goto("/tasks?view=inbox&element=review_county")  # what is passed comes back to the same person for assessment
    keyboard = Keyboard(page)
    keyboard.press("j", "Enter")
    for name in crowd.names:
        expect(page.locator(".page-head .subtitle")).to_contain_text(name)
        page.wait_for_load_state()
        keyboard.press("a")
        keyboard.type("材料齐全，同意。")
        keyboard.press("Control+Enter")
    expect(page.get_by_text("没有符合条件的任务")).to_be_visible()
    assert keyboard.pressed <= MOST_KEYS * CASES
    page.goto("/tasks?view=done")
    expect(page.locator(".tabs [aria-current] .count")).to_have_text(str(CASES))


@pytest.fixture
def five(crowd_of: Callable[[int], Crowd]) -> Crowd:
    return crowd_of(5)


def test_a_task_leads_on_and_back_to_its_list(five: Crowd, page: Page) -> None:
    log_in(page, five.reviewer)
    page.goto("/tasks?view=inbox&sort=-number")
    names = page.locator("[data-open]").all_text_contents()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    subtitle = page.locator(".page-head .subtitle")
    expect(subtitle).to_contain_text(names[1])
    page.keyboard.press("n")
    expect(subtitle).to_contain_text(names[2])
    page.keyboard.press("k")
    expect(subtitle).to_contain_text(names[1])
    page.keyboard.press("p")
    expect(subtitle).to_contain_text(names[0])
    expect(page.get_by_role("link", name="上一件")).to_have_count(0)
    assert_good(page, "nav.neighbours")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("sort=-number"))
    expect(page.locator("tr.current [data-open]")).to_have_text(names[0])
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_list_is_found_where_it_was_left(crowd_of: Callable[[int], Crowd], page: Page) -> None:
    crowd = crowd_of(45)
    log_in(page, crowd.reviewer)
    page.goto("/tasks?view=inbox&element=review_county&per_page=20&page=2")
    page.set_viewport_size({"width": 1280, "height": 400})
    last = page.locator("[data-open]").last
    name = last.text_content()
    last.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    last.click()
    page.get_by_role("link", name="返回列表").first.click()
    expect(page).to_have_url(re.compile("element=.*page=2"))
    expect(page.locator("tr.current [data-open]")).to_have_text(name or "")
    assert abs(page.evaluate("scrollY") - before) < 60
    page.locator("tr.current [data-open]").click()
    page.go_back()
    assert abs(page.evaluate("scrollY") - before) < 60


def test_a_person_can_switch_keys_and_the_next_task_off(five: Crowd, page: Page) -> None:
    log_in(page, five.reviewer)
    page.goto("/tasks")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("row", name="j 下一行")).to_be_visible()
    assert_good(page, "dialog")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.goto("/tasks/habits")
    assert_good(page)
    page.get_by_label("自动打开同一列表的下一件").uncheck()
    page.get_by_label("使用单个按键的快捷键").uncheck()
    page.get_by_role("main").get_by_role("button", name="保存").click()
    page.goto("/tasks")
    page.keyboard.press("j")
    expect(page.locator("tr.current")).to_have_count(0)
    page.locator("[data-open]").first.click()
    page.get_by_label("通过").first.check()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/tasks\?view=inbox"))
    expect(page.locator(".flashes")).to_contain_text("已提交")


def test_a_task_that_has_gone_says_what_became_of_it(five: Crowd, page: Page, demo_app: Flask) -> None:
    log_in(page, five.reviewer)
    page.goto("/tasks?view=inbox&severity=serious")
    page.locator("[data-open]").first.click()
    page.get_by_label("通过").first.check()
    _decide_elsewhere(demo_app, five)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("main")).to_contain_text("已由")
    page.get_by_role("link", name="返回列表").first.click()
    expect(page).to_have_url(re.compile("severity=serious"))


def _decide_elsewhere(app: Flask, crowd: Crowd) -> None:
    office = Office(app)
    colleague = next(name for name in ("yunxi.reviewer1", "yunxi.reviewer2") if name != crowd.reviewer)
    person = office.person(colleague)
    task = person.get(f"/tasks/{crowd.tasks[0]}")
    person.complete(task, outcome="pass")


@pytest.mark.parametrize("count", [0, 1, 60])
def test_lists_of_any_length_are_good_on_every_screen(crowd_of: Callable[[int], Crowd], page: Page, count: int) -> None:
    reviewer = crowd_of(count).reviewer if count else "yunxi.reviewer1"
    log_in(page, reviewer)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for path in ("/tasks", "/tasks?view=inbox&q=岳阳&sort=-honour,unit&returned=1", "/tasks?view=done"):
            page.goto(path)
            assert_good(page)


def test_lists_work_without_a_script(five: Crowd, plain_page: Page) -> None:
    page = plain_page
    log_in(page, five.reviewer)
    page.goto("/tasks")
    page.get_by_label("单位、拼音首字母、编号或人名").fill(five.names[2][-4:])
    page.get_by_role("button", name="查询").click()
    expect(page.locator("[data-open]", has_text=five.names[2])).to_be_visible()
    page.get_by_text("保存这个列表").click()
    page.get_by_label("名称").fill("我的局")
    page.get_by_label("作为我的起始页").check()
    page.get_by_role("button", name="保存", exact=True).click()
    page.goto("/")
    expect(page).to_have_url(re.compile("q="))
    expect(page.get_by_role("navigation", name="保存的筛选")).to_contain_text("我的局")


def test_ticked_rows_are_decided_with_progress_and_results(demo_app: Flask, demo_database_url: str, page: Page) -> None:
    person, _tasks = gather_consulted(demo_app, demo_database_url, 23)
    log_in(page, person)
    page.goto("/tasks")
    expect(page.get_by_role("button", name="批量办理")).to_be_hidden()
    boxes = page.locator("[data-tick]")
    boxes.nth(0).click()
    boxes.nth(20).click(modifiers=["Shift"])
    expect(page.locator("[data-tick-count]")).to_have_text("已选 21 项")
    page.get_by_role("button", name="批量办理").click()
    expect(page.get_by_role("region", name="可以一起办理的 21 件")).to_be_visible()
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert_good(page)
    page.get_by_role("button", name="办理这 21 件").click()
    expect(page.locator(".error-summary, .field-error").first).to_be_visible()
    page.locator("[name=outcome][value=agree]").check()
    page.locator("[name=opinion]").fill("经核实，没有意见。")
    page.get_by_role("button", name="办理这 21 件").click()
    expect(page.locator("[data-bulk-words]")).to_have_text("已处理 21 / 21 件：成功 21 件，未成 0 件")
    expect(page.locator("[data-result-words]", has_text="已办")).to_have_count(21)
    assert_good(page)
    page.get_by_role("link", name="返回列表").click()
    expect(page.locator("[data-row]")).to_have_count(2)
