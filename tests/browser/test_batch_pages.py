"""The city's pages: a batch, one notice for ticked cases, an objection from the public, decision, report, award."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import NARROW, assert_good, log_in
from tests.browser.conftest import OpenContext
from tests.factories.api_client import Case, Office

CLERKS = ("yunxi.unit1.clerk", "junshan.unit1.clerk")
TITLE = "关于拟命名 2026 年度省级文明单位（岳阳市各县市区、屈原管理区、南湖新区、经济技术开发区）的公示"


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


def open_batch(page: Page) -> str:
    """Open a batch in the browser, with mistakes first; returns its address."""
    page.goto("/batches")
    assert_good(page)
    page.get_by_role("link", name="开启批次").click()
    assert_good(page)
    page.get_by_label("批次名称").fill("2026 年度省级文明单位申报")
    page.get_by_label("发文字号").fill("岳市文明委[2026]08号")
    page.get_by_label("届次").fill("2026年度")
    page.get_by_label("申报开始").fill("2020-01-01")
    page.get_by_label("申报截止").fill("2040-12-31")
    page.get_by_label("省级文明单位", exact=True).check()
    page.get_by_label("合格线").fill("80")
    page.get_by_label("市级抽查比例").fill("0")
    page.locator("[name='indicators.0.label']").fill("组织领导和创建成效")
    page.locator("[name='indicators.0.max_score']").fill("60")
    page.get_by_role("button", name="保存批次").click()
    expect(page.get_by_role("alert")).to_contain_text("岳市文明委〔2026〕8号")
    assert_good(page)
    page.get_by_label("发文字号").fill("岳市文明委〔2026〕8号")
    page.get_by_role("button", name="保存批次").click()
    expect(page.get_by_role("alert")).to_contain_text("高于各指标满分之和")
    page.locator("[name='indicators.0.max_score']").fill("100")
    page.get_by_role("button", name="保存批次").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026 年度省级文明单位申报")
    assert_good(page)
    return page.url


def declared(office: Office, batch: str) -> list[Case]:
    """Two cases that wait for the notice."""
    cases = [Case(office, office.person(clerk), batch=batch, honour="provincial").submitted() for clerk in CLERKS]
    for case in cases:
        case.do("review_county", outcome="pass").assessed()
    return cases


def fill_document(page: Page, number: str, title: str, body: str) -> None:
    page.get_by_label("发文字号").fill(number)
    page.get_by_label(re.compile("标题")).fill(title)
    page.get_by_label(re.compile("内容")).fill(body)


def test_a_batch_from_its_opening_to_the_award(page: Page, open_context: OpenContext, office: Office) -> None:
    log_in(page, "city.reviewer1")
    address = open_batch(page)
    cases = declared(office, address.rpartition("/")[2])

    page.goto(address)
    assert_good(page)
    page.get_by_role("link", name="发布公示").click()
    assert_good(page)
    fill_document(page, "岳市文明委〔2026〕9号", TITLE, "现将拟命名的单位予以公示。\n如有异议，请实名反映。")
    page.get_by_role("button", name="为勾选的申报发布一份公示").click()
    expect(page.get_by_text("2 件全部办理完成")).to_be_visible()
    assert_good(page)

    object_to_first(open_context, office, cases[0])
    cases[0].do("settle_objection", outcome="reject")
    office.pass_time(days=30)

    decide_and_report(page, open_context, address)
    assert cases[0].ending()[1] == "rejected_by_city"
    assert cases[1].ending() == ("completed", "awarded")
    page.goto(f"/units/{cases[1].read()['unit']}")
    expect(page.get_by_role("main")).to_contain_text("省级文明单位")
    expect(page.get_by_role("main")).to_contain_text("2026年度")


def object_to_first(open_context: OpenContext, office: Office, case: Case) -> None:
    """Somebody without a login reads the notice on a phone and objects to one unit."""
    public = open_context(viewport=NARROW).new_page()
    public.goto("/public")
    assert_good(public)
    public.get_by_role("link", name=TITLE).click()
    assert_good(public)
    public.get_by_role("button", name="提交异议").click()
    expect(public.get_by_role("alert")).to_contain_text("请选择所反映的单位")
    assert_good(public)
    unit = case.read()["title"].split(" · ")[0]
    public.get_by_label("反映哪个单位").select_option(label=f"{unit}（省级文明单位）")
    public.get_by_label("姓名").fill("王某某")
    public.get_by_label("联系方式").fill("13900000000")
    public.get_by_label("异议内容").fill("该单位去年发生安全生产责任事故。")
    public.get_by_role("button", name="提交异议").click()
    expect(public.get_by_role("heading", level=1)).to_have_text("异议已收到")
    assert_good(public)
    assert case.open_steps() == ["settle_objection"]


def decide_and_report(page: Page, open_context: OpenContext, address: str) -> None:
    """The leader decides, the city reports, the province accepts, each for what is ticked."""
    leader = open_context().new_page()
    log_in(leader, "city.leader")
    leader.goto(address)
    leader.get_by_role("link", name="作出决定").click()
    assert_good(leader)
    leader.get_by_label("同意").check()
    fill_document(leader, "岳市文明委〔2026〕10号", "关于推荐省级文明单位的决定", "决定推荐。")
    leader.get_by_role("button", name="对勾选的申报作出决定").click()
    expect(leader.get_by_text("1 件全部办理完成")).to_be_visible()

    page.goto(address)
    page.get_by_role("link", name="上报省级").click()
    assert_good(page)
    page.get_by_label("发文字号").fill("岳市文明委〔2026〕11号")
    page.get_by_label(re.compile("标题")).fill("关于报送省级文明单位推荐名单的报告")
    page.get_by_role("button", name="把勾选的申报列入一份上报名单").click()
    expect(page.get_by_text("1 件全部办理完成")).to_be_visible()

    province = open_context().new_page()
    log_in(province, "province.officer1")
    province.goto(address)
    province.get_by_role("link", name="受理上报").click()
    assert_good(province)
    province.get_by_label("受理认可").check()
    province.get_by_role("button", name="受理勾选的申报").click()
    expect(province.get_by_text("1 件全部办理完成")).to_be_visible()


def test_somebody_was_first(page: Page, open_context: OpenContext, office: Office) -> None:
    log_in(page, "city.reviewer1")
    batch = open_batch(page)
    cases = declared(office, batch.rpartition("/")[2])
    page.goto(f"{batch}/steps/publish_notice")
    cases[0].do("publish_notice")
    fill_document(page, "岳市文明委〔2026〕12号", TITLE, "现予公示。")
    page.get_by_role("button", name="为勾选的申报发布一份公示").click()
    expect(page.get_by_text("1 件已办理，1 件没有办理")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("已由")


def test_nothing_ticked_is_said_and_nothing_is_lost(page: Page, office: Office) -> None:
    log_in(page, "city.reviewer1")
    batch = open_batch(page)
    declared(office, batch.rpartition("/")[2])
    page.goto(f"{batch}/steps/publish_notice")
    for box in page.locator("[data-tick]").all():
        box.uncheck()
    fill_document(page, "岳市文明委〔2026〕12号", TITLE, "现予公示。")
    page.get_by_role("button", name="为勾选的申报发布一份公示").click()
    expect(page.get_by_text("还没有勾选办件")).to_be_visible()
    expect(page.get_by_label(re.compile("标题"))).to_have_value(TITLE)
