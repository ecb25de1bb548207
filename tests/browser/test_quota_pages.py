"""Places in the browser: a table is imported, its difference acknowledged, places are moved, a target exceeded."""

from flask import Flask
from playwright.sync_api import expect

from tests.browser.browsing import log_in, looked_at
from tests.browser.conftest import OpenContext
from tests.integration.quotas.test_import import workbook

TITLE = "2021—2023年度全省重点培养结对帮创非公单位指标分配表"
TABLE = workbook(
    (TITLE,),
    ("地 市", "省级文明单位标兵（个）", "省级文明单位（个）"),
    ("长 沙 市", 12, 48),
    ("岳 阳 市", 8, 20),
    ("湘西土家族苗族自治州", 8, 32),
    ("合 计", 28, 104),
)


def test_from_a_workbook_to_places_that_the_province_moves(demo_app: Flask, open_context: OpenContext) -> None:
    page = open_context().new_page()
    log_in(page, "province.officer1")
    page.goto("/quotas")
    looked_at(page, "quotas-list")
    page.get_by_role("link", name="导入分配表").click()
    looked_at(page, "quotas-upload")
    page.get_by_label("文件").set_input_files(
        {"name": "模板.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(("地区", "省级文明单位"))}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("未导入：表头下面没有数据行")).to_be_visible()
    page.get_by_role("link", name="重新上传").click()
    page.get_by_label("文件").set_input_files(
        {"name": "指标分配表.xlsx", "mimeType": "application/octet-stream", "buffer": TABLE}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("所印合计 104，各行之和 100，两者不符")).to_be_visible()
    looked_at(page, "quotas-checked")
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("link", name="查看名额（指标）").click()
    expect(page.get_by_text("不作为依据")).to_be_visible()
    looked_at(page, "quotas-differs")
    page.get_by_role("button", name="确认差异").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("核对情况").fill("已电话核实，以各行为准。")
    page.get_by_role("button", name="确认差异").click()
    expect(page.get_by_text("已由人核对确认")).to_be_visible()

    city = open_context().new_page()
    log_in(city, "city.reviewer1")
    city.goto("/quotas")
    city.get_by_role("link", name=TITLE).click()
    looked_at(city, "quotas-city")
    page.get_by_text("调剂名额", exact=True).click()
    page.get_by_label("荣誉", exact=False).and_(page.locator("select")).select_option(label="省级文明单位")
    page.get_by_label("调出地区").select_option(label="长沙市")
    page.get_by_label("调入地区").select_option(label="岳阳市")
    page.get_by_label("个数").fill("2")
    page.get_by_label("理由").fill("岳阳市非公单位较多。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("长沙市 → 岳阳市")).to_be_visible()
    looked_at(page, "quotas-moved")
