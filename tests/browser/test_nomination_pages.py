"""Nomination in the browser: a city opens a call, a county sends its list, the city ranks, approves and reports."""

from datetime import timedelta

from flask import Flask
from playwright.sync_api import expect

from tests.browser.browsing import log_in, looked_at
from tests.browser.conftest import OpenContext
from tests.factories.insiders import Insiders
from tests.factories.nominations import JUNSHAN, YUNXI, Call, nominee, three
from webapp import clock

TITLE = "2021—2023年度全省重点培养结对帮创非公单位和岳阳市级文明单位培育对象"
LONG = "湖南岳阳云溪绿色化工新材料产业园精细化工股份有限公司第二分公司"


def test_from_the_call_of_a_city_to_its_list(demo_app: Flask, open_context: OpenContext) -> None:
    office = Insiders(demo_app)
    with demo_app.app_context():
        due = (clock.today() + timedelta(days=8)).isoformat()
    city = open_context().new_page()
    log_in(city, "city.reviewer1")
    city.goto("/nominations")
    looked_at(city, "nominations-empty")
    city.get_by_role("link", name="发起征集").first.click()
    looked_at(city, "nominations-new")
    city.get_by_label("征集名称").fill(TITLE)
    city.get_by_label("文件号").fill("岳文明办〔2021〕11号")
    city.get_by_label("依据条款").fill("末段")
    city.get_by_label("报送期限").fill(due)
    city.get_by_role("checkbox", name="市级文明单位", exact=True).check()
    city.get_by_role("button", name="发起征集").click()
    expect(city.get_by_text("已报 0 / 12")).to_be_visible()
    looked_at(city, "nominations-call")

    county = open_context().new_page()
    log_in(county, "yunxi.reviewer1")
    county.goto("/nominations")
    county.get_by_role("link", name=TITLE).click()
    county.get_by_role("link", name="去办理").click()
    expect(county.get_by_text("未签")).to_have_count(0)
    looked_at(county, "nominations-fill")

    call = Call.__new__(Call)  # the call that was opened in the browser, driven on through the API
    call.office, call.city = office, office.person("city.reviewer1")
    call.id = call.city.get("/nominations")["items"][0]["id"]
    call.instance = call.city.get(f"/nominations/{call.id}")["instance"]
    call.submit(YUNXI, [nominee(LONG), *three("云溪")[:2]])
    call.submit(JUNSHAN, three("君山")[:1], explanation="辖区内非公单位少，符合条件的只有一家。")
    office.pass_time(days=11)
    city.reload()
    expect(city.get_by_text("逾期 3 天").first).to_be_visible()
    looked_at(city, "nominations-board")
    for _county in range(2):
        call.do("review_nominations", outcome="accept")
    call.do("chase_counties", outcome="close")
    city.reload()
    city.get_by_role("link", name="去办理").click()
    looked_at(city, "nominations-rank")
    call.do("rank_nominees", outcome="submit")
    call.do("approve_list", "city.leader", outcome="approve")
    city.goto(f"/nominations/{call.id}")
    expect(city.get_by_text("已确定").first).to_be_visible()
    with city.expect_download() as download:
        city.get_by_role("link", name="名单（公文）").click()
    assert download.value.suggested_filename.endswith(".docx")
    looked_at(city, "nominations-approved")
    city.goto("/nominations")
    looked_at(city, "nominations-list")
