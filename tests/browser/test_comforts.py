"""The small scripts: what they add, what they say when something fails, and that nothing needs them."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.browsing import assert_good, log_in
from tests.browser.workshop import Workshop, add_workshop


@pytest.fixture
def workshop(demo_app: Flask) -> Workshop:
    return add_workshop(demo_app)


@pytest.fixture
def form_page(workshop: Workshop, page: Page) -> Page:
    log_in(page, "city.reviewer1")
    page.goto("/workshop/form")
    return page


@pytest.fixture
def list_page(workshop: Workshop, page: Page) -> Page:
    log_in(page, "city.reviewer1")
    page.goto("/workshop/list")
    return page


def boxes(page: Page) -> list[Locator]:
    return page.get_by_role("row").get_by_role("checkbox").all()[1:]


def ticked(page: Page) -> list[int]:
    return [number for number, box in enumerate(boxes(page), 1) if box.is_checked()]


class Slow:
    """A way to the server on which requests wait; each goes on when it is told to."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._waiting: list[Route] = []

    def __call__(self, route: Route) -> None:
        self._waiting.append(route)

    def go_on(self) -> None:
        for _ in range(250):  # five seconds: less than the page lets pass until it saves anyway
            if self._waiting:
                break
            self._page.wait_for_timeout(20)
        with self._page.expect_response(self._waiting[0].request.url):
            self._waiting.pop(0).continue_()


def test_draft_is_saved_when_a_field_is_left(form_page: Page, workshop: Workshop) -> None:
    form_page.get_by_label("名称").fill("写到一半")
    form_page.get_by_label("名称").press("Tab")
    expect(form_page.get_by_role("status")).to_have_text("已保存 10:32")
    assert [draft["title"] for draft in workshop.drafts] == ["写到一半"]
    assert_good(form_page)
    form_page.route("**/workshop/draft", slow := Slow(form_page))
    for text in ("又写了一点", "又写了一点，还没完"):
        form_page.get_by_label("名称").fill(text)
        form_page.get_by_label("名称").press("Tab")
    slow.go_on()
    slow.go_on()
    assert [draft["title"] for draft in workshop.drafts[1:]] == ["又写了一点", "又写了一点，还没完"]


def test_draft_is_saved_while_the_person_goes_on_typing(workshop: Workshop, page: Page) -> None:
    page.clock.install()
    log_in(page, "city.reviewer1")
    page.goto("/workshop/form")
    page.get_by_label("名称").fill("一直在写")
    page.clock.run_for(21_000)
    expect(page.get_by_role("status")).to_have_text("已保存 10:32")
    page.clock.run_for(60_000)
    assert len(workshop.drafts) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(401, "登录已失效，草稿没有保存"), (409, "任务已有变化"), (503, "会自动重试")]
)
def test_draft_that_cannot_be_saved_says_so_and_keeps_the_text(
    form_page: Page, workshop: Workshop, status: int, words: str
) -> None:
    workshop.draft_status = status
    form_page.get_by_label("名称").fill("不能丢")
    form_page.get_by_label("名称").press("Tab")
    expect(form_page.get_by_role("status")).to_contain_text(words)
    expect(form_page.get_by_label("名称")).to_have_value("不能丢")
    workshop.draft_status = 200
    form_page.get_by_label("通过").check()
    form_page.get_by_label("通过").press("Tab")
    expect(form_page.get_by_role("status")).to_have_text("已保存 10:32")


def test_leaving_with_unsaved_changes_asks_first(form_page: Page, workshop: Workshop) -> None:
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    form_page.on("dialog", stay)
    workshop.draft_status = 503
    form_page.get_by_label("名称").press_sequentially("还没有保存")
    form_page.evaluate("location.assign('/help/')")
    expect(form_page.get_by_label("名称")).to_have_value("还没有保存")
    assert asked == ["beforeunload"]
    form_page.remove_listener("dialog", stay)
    form_page.get_by_role("button", name="提交").click()
    expect(form_page.get_by_label("名称")).to_have_value("还没有保存")
    assert len(workshop.posts) == 1


def test_conditional_field_appears_and_is_not_sent_while_hidden(form_page: Page, workshop: Workshop) -> None:
    reason = form_page.get_by_label("理由")
    expect(reason).to_be_hidden()
    form_page.get_by_label("退回").check()
    expect(reason).to_be_visible()
    reason.fill("缺少盖章")
    form_page.get_by_label("通过").check()
    expect(reason).to_be_hidden()
    form_page.get_by_role("button", name="提交").click()
    expect(form_page.get_by_role("alert")).to_contain_text("名称")
    assert "why" not in workshop.posts[-1]


def test_rows_are_added_and_removed_without_losing_the_place(form_page: Page, workshop: Workshop) -> None:
    form_page.get_by_label("退回").check()
    form_page.get_by_label("理由").fill("保留")
    rows = form_page.get_by_role("group", name="行")
    there = rows.count()
    form_page.evaluate("window.stillHere = true")
    form_page.get_by_role("button", name="添加一行").click()
    expect(rows).to_have_count(there + 1)
    expect(rows.last.get_by_label("内容")).to_be_focused()
    rows.last.get_by_label("内容").fill("第一个问题")
    form_page.get_by_role("button", name="添加一行").click()
    expect(rows).to_have_count(there + 2)
    expect(rows.nth(there).get_by_label("内容")).to_have_value("第一个问题")
    expect(form_page.get_by_label("理由")).to_have_value("保留")
    rows.last.get_by_role("button", name="删除").click()
    expect(rows).to_have_count(there + 1)
    assert form_page.evaluate("window.stillHere") is True
    form_page.get_by_label("通过").check()
    expect(form_page.get_by_label("理由")).to_be_hidden()


def test_rows_work_without_scripts(workshop: Workshop, plain_page: Page) -> None:
    log_in(plain_page, "city.reviewer1")
    plain_page.goto("/workshop/form")
    rows = plain_page.get_by_role("group", name="行")
    there = rows.count()
    plain_page.get_by_label("名称").fill("没有脚本")
    plain_page.get_by_role("button", name="添加一行").click()
    expect(rows).to_have_count(there + 1)
    expect(plain_page.get_by_label("名称")).to_have_value("没有脚本")
    expect(plain_page.get_by_label("理由")).to_be_visible()


def test_file_that_is_too_large_is_refused_before_it_travels(form_page: Page, tmp_path: Path) -> None:
    large, small = tmp_path / "很大的扫描件.pdf", tmp_path / "small.pdf"
    large.write_bytes(b"x" * 1001)
    small.write_bytes(b"x" * 10)
    chooser = form_page.get_by_label("佐证")
    chooser.set_input_files(large)
    expect(form_page.get_by_role("alert")).to_contain_text("很大的扫描件.pdf")
    expect(chooser).to_have_value("")
    chooser.set_input_files(small)
    expect(form_page.get_by_role("alert")).to_be_hidden()


def test_ticks_take_ranges_and_the_whole_page_but_never_what_is_refused(list_page: Page, workshop: Workshop) -> None:
    boxes(list_page)[1].click()
    boxes(list_page)[3].click(modifiers=["Shift"])
    assert ticked(list_page) == [2, 3, 4]
    expect(list_page.get_by_text("已选 3 项")).to_be_visible()
    list_page.get_by_label("勾选本页全部").check()
    assert ticked(list_page) == [1, 2, 3, 4, 5]
    assert_good(list_page)
    list_page.get_by_role("button", name="办理").click()
    expect(list_page.get_by_text("已选 0 项")).to_be_visible()
    assert workshop.posts[-1]["ids"] == ["1", "2", "3", "4", "5"]


def test_list_on_a_phone_says_the_column_beside_each_value(workshop: Workshop, narrow_page: Page) -> None:
    log_in(narrow_page, "city.reviewer1")
    narrow_page.goto("/workshop/list")
    label = narrow_page.locator("td.number").first
    assert label.evaluate("element => getComputedStyle(element, '::before').content") == '"分数"'
    assert_good(narrow_page)
