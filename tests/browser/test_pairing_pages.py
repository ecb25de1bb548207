"""Pairing in the browser: a programme, its matching board, a pair that works as both sides and offices see it."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.browsing import assert_good, log_in, looked_at
from tests.browser.conftest import OpenContext
from tests.factories.api_client import Office
from tests.factories.pairing_client import PRIVATE, Pair, set_clock
from webapp.pairing.jobs import compute_matching


@pytest.fixture
def office(demo_app: Flask) -> Office:
    found = Office(demo_app)
    set_clock(found, "2021-04-12T09:00:00")
    return found


def test_from_the_matching_board_to_a_pair_at_work(office: Office, open_context: OpenContext) -> None:
    page = open_context().new_page()
    log_in(page, "city.reviewer1")
    page.goto("/pairings")
    looked_at(page, "index-empty")
    page.get_by_role("link", name="方案和匹配").click()
    looked_at(page, "programmes")
    page.get_by_role("link", name="非公单位结对帮创").click()
    page.get_by_text("直接指定单位", exact=True).click()
    page.get_by_label("单位全称或统一社会信用代码").fill("示例市直档案馆")
    page.get_by_role("button", name="列入", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("只能是非公单位")
    expect(page.get_by_role("alert")).to_contain_text("豫文明办〔2021〕5号 二（四）")
    page.get_by_role("button", name="计算匹配").click()
    with office.app.app_context():
        compute_matching(1)
    page.reload()
    expect(page.get_by_text("完成，提出 8 对建议")).to_be_visible()
    looked_at(page, "matching")
    row = page.get_by_role("row").filter(has_text=PRIVATE).first
    row.get_by_role("button", name="固定", exact=True).click()
    expect(page.get_by_text("已固定")).to_be_visible()
    page.get_by_role("row").filter(has_text=PRIVATE).first.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_text("协议已发给双方签署")).to_be_visible()
    found = next(p for p in office.person("city.reviewer1").get("/pairings?status=confirmed")["items"])
    pair = Pair(office, found["id"]).working()
    pair.log()
    office.pass_time(days=100)
    page.goto(f"/pairings/{pair.id}")
    expect(page.get_by_text("这些月份没有帮创记录")).to_be_visible()
    page.get_by_text("暗访：查后登记").click()
    page.get_by_label("走访日期").fill("2021-07-01")
    page.get_by_label("看到的情况和发现的问题").fill("台账齐全。")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("暗访结果已登记")).to_be_visible()
    looked_at(page, "show")
    for name, path in (("board", "/pairings/board"), ("index", "/pairings"), ("handbook", "/pairings/handbook")):
        page.goto(path)
        looked_at(page, name)
    page.goto("/pairings/programmes/new")
    looked_at(page, "new")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").first).to_be_visible()

    unit = open_context().new_page()
    log_in(unit, "private.clerk")
    unit.goto("/pairings")
    unit.get_by_role("link", name=PRIVATE).click()
    expect(unit.get_by_text("上门查看创建台账")).to_be_visible()
    expect(unit.get_by_text("暗访")).to_have_count(0)
    with unit.expect_download() as download:
        unit.get_by_role("link", name="协议（DOCX）").click()
    assert download.value.suggested_filename.endswith(".docx")
    looked_at(unit, "unit-show")
    unit.goto("/tasks")
    assert_good(unit)
