"""A declaration in the browser: declare, print, seal, return with reasons, correct, pass; and what may go wrong."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from tests.browser import declaring
from tests.browser.browsing import NARROW, assert_good, fill_login, log_in
from tests.browser.conftest import OpenContext
from tests.factories.api_client import Case, Office
from webapp.accounts.models import LoginSession
from webapp.database import transaction
from webapp.registry.models import Organisation
from webapp.tasks.models import Task

CLERK, REVIEWER, OTHER_REVIEWER = "school.clerk", "pingjiang.reviewer1", "pingjiang.reviewer2"
UNIT = "示例平江实验学校"


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def reviewed_next(office: Office) -> Case:
    """A declaration that waits for the county's review."""
    person = office.person(CLERK)
    batch = next(choice["value"] for choice in _choices(person, "batch"))
    return Case(office, person, batch=batch, honour="county").submitted()


def _choices(person: object, key: str) -> list[dict[str, str]]:
    form = person.get("/definitions")["items"][0]["start_form"]  # type: ignore[attr-defined]
    return next(c["values"] for c in form["components"] if c.get("key") == key)


def test_a_declaration_is_returned_with_reasons_and_corrected(page: Page, open_context: OpenContext) -> None:
    log_in(page, CLERK)
    assert_good(page)
    page.get_by_role("link", name="发起申报").first.click()
    assert_good(page)
    declaring.begin(page)
    assert_good(page)
    expect(page.get_by_label("单位名称")).to_have_value(UNIT)
    declaring.submit(page)
    expect(page.get_by_role("alert")).to_contain_text("处需要修改")
    assert_good(page)
    declaring.fill_answers(page)
    declaring.submit(page)
    assert_good(page)
    page.get_by_role("link", name="打印申报表").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("县级文明单位申报表")
    expect(page.get_by_text(declaring.ANSWERS["leader"])).to_be_visible()
    expect(page.get_by_text("（单位盖章）")).to_be_visible()
    assert_good(page)
    page.go_back()
    declaring.attach_sealed(page)
    expect(page.locator(".waiting-list")).to_contain_text("县级初审")
    assert_good(page)

    desk = open_context().new_page()
    log_in(desk, REVIEWER)
    assert_good(desk)
    declaring.open_task(desk, UNIT)
    expect(desk.get_by_text(declaring.ANSWERS["leader"])).to_be_visible()
    desk.locator("[name=outcome][value=return]").check()
    desk.get_by_label("项目").select_option("staff_count")
    desk.get_by_label("理由和要求").fill("与佐证材料的人数不一致，请核对。")
    desk.get_by_role("button", name="添加一行").click()
    desk.get_by_label("项目").nth(1).select_option("other")
    desk.get_by_label("理由和要求").nth(1).fill("请补充志愿服务记录。")
    assert_good(desk)
    declaring.submit(desk)
    declaring.said(desk, "县级初审（退回补正），已提交")
    expect(desk.get_by_text("都办完了")).to_be_visible()

    page.goto("/tasks")
    page.get_by_role("link", name=re.compile("去办理")).click()
    returned = page.get_by_role("region", name="退回的理由")
    expect(returned).to_contain_text("请补充志愿服务记录。")
    expect(page.locator("#field-staff_count-warning")).to_contain_text("与佐证材料的人数不一致")
    returned.get_by_role("link", name="职工人数").click()
    expect(page.get_by_label("职工人数")).to_be_focused()
    assert_good(page)
    page.get_by_label("职工人数").fill("118")
    page.get_by_label("补正说明").fill("已更正人数，补充了记录。")
    declaring.submit(page)
    declaring.attach_sealed(page)

    declaring.open_task(desk, UNIT)
    expect(desk.get_by_role("heading", level=1)).to_have_text("县级初审（第 2 次）")
    expect(desk.get_by_role("region", name="申报内容")).to_contain_text("118")
    expect(desk.get_by_role("region", name="申报内容")).to_contain_text("退回前：120")
    assert_good(desk)
    expect(desk.locator("[name=opinion]")).to_have_value("")
    desk.locator("[name=outcome][value=pass]").check()
    declaring.submit(desk)
    declaring.said(desk, "县级初审（通过），已提交")

    page.goto("/instances")
    assert_good(page)
    page.get_by_role("main").get_by_role("link", name=UNIT).click()
    timeline = page.get_by_role("region", name="经过和后续")
    expect(timeline).to_contain_text("县级初审：退回补正")
    expect(timeline).to_contain_text("县级初审（第 2 次）：通过")
    expect(page.locator(".diagram-view svg .wm-done").first).to_be_visible()
    page.get_by_text("文字说明").click()
    expect(page.locator(".outline .is-done").first).to_be_visible()
    assert_good(page)


def test_one_whole_submission_works_without_scripts(plain_page: Page) -> None:
    page = plain_page
    log_in(page, CLERK)
    declaring.begin(page)
    declaring.fill_answers(page, staff_count="很多")
    page.get_by_role("button", name="添加一行").click()
    page.locator("[name='honours_held.0.name']").fill("县级文明单位")
    page.locator("[name='honours_held.0.year']").fill("2018")
    expect(page.get_by_role("link", name="佐证材料")).to_be_visible()
    page.locator("[name=negative_check][value=none]").check()
    declaring.submit(page)
    expect(page.get_by_role("alert")).to_contain_text("职工人数")
    expect(page.get_by_label("职工人数")).to_have_value("很多")
    expect(page.locator("[name='honours_held.0.name']")).to_have_value("县级文明单位")
    expect(page.get_by_role("link", name="佐证材料")).to_be_visible()
    page.get_by_label("职工人数").fill("120")
    declaring.submit(page)
    declaring.attach_sealed(page)
    expect(page.locator(".waiting-list")).to_contain_text("县级初审")


def test_a_draft_waits_for_its_writer(page: Page, narrow_page: Page) -> None:
    log_in(page, CLERK)
    declaring.begin(page)
    page.get_by_label("单位地址").fill("平江县百花台路 8 号")
    page.get_by_role("button", name="保存草稿").click()
    declaring.said(page, "草稿已保存")
    expect(page.get_by_label("单位地址")).to_have_value("平江县百花台路 8 号")
    page.get_by_label("主要负责人").fill("欧阳建国")
    page.get_by_label("职务").click()
    expect(page.locator("[data-draft-state]")).to_contain_text("已保存")
    log_in(narrow_page, CLERK)
    narrow_page.get_by_role("link", name=re.compile("去办理")).click()
    expect(narrow_page.get_by_label("主要负责人")).to_have_value("欧阳建国")
    assert_good(narrow_page)


def test_a_file_that_cannot_be_kept_loses_nothing_else(plain_page: Page) -> None:
    page = plain_page
    log_in(page, CLERK)
    declaring.begin(page)
    declaring.fill_answers(page)
    large = {"name": "全年照片.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + bytes(21 * 1024 * 1024)}
    page.locator("[name=photos][type=file]").set_input_files([large])  # type: ignore[list-item]
    declaring.submit(page)
    expect(page.locator("#field-photos-error")).to_contain_text("超过 20 MB")
    expect(page.get_by_role("link", name="佐证材料")).to_be_visible()
    expect(page.get_by_label("主要负责人")).to_have_value(declaring.ANSWERS["leader"])
    disguised = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"MZ not a picture"}
    page.locator("[name=photos][type=file]").set_input_files([disguised])  # type: ignore[list-item]
    declaring.submit(page)
    expect(page.locator("#field-photos-error")).to_contain_text("与扩展名")
    declaring.submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("上传盖章表")


def test_who_comes_second_is_told_what_became_of_it(reviewed_next: Case, page: Page, open_context: OpenContext) -> None:
    log_in(page, REVIEWER)
    declaring.open_task(page, UNIT)
    other = open_context(viewport=NARROW).new_page()
    log_in(other, OTHER_REVIEWER)
    declaring.open_task(other, UNIT)
    other.locator("[name=outcome][value=pass]").check()
    other.locator("[name=opinion]").fill("写了很久的意见，不能丢。")
    page.locator("[name=outcome][value=pass]").check()
    declaring.submit(page)
    declaring.said(page, "已提交")
    declaring.submit(other)
    expect(other.get_by_role("heading", level=1)).to_have_text("情况已有变化")
    expect(other.get_by_role("main")).to_contain_text("县级审核员甲")
    expect(other.get_by_role("region", name="您刚才填写的内容")).to_contain_text("写了很久的意见，不能丢。")
    assert_good(other)
    other.get_by_role("link", name="返回列表").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("待办")


def test_a_second_submission_of_ones_own_says_that_the_first_counted(
    reviewed_next: Case, page: Page, open_context: OpenContext
) -> None:
    log_in(page, REVIEWER)
    declaring.open_task(page, UNIT)
    again = page.context.new_page()
    again.goto(page.url)
    for one in (page, again):
        one.locator("[name=outcome][value=pass]").check()
        declaring.submit(one)
    expect(again.get_by_role("heading", level=1)).to_have_text("已经提交过了")
    assert_good(again)
    again.goto(page.url)


def test_an_old_page_keeps_what_was_typed_as_a_draft(demo_app: Flask, reviewed_next: Case, plain_page: Page) -> None:
    page = plain_page
    log_in(page, REVIEWER)
    declaring.open_task(page, UNIT)
    page.locator("[name=opinion]").fill("材料齐全。")
    _change_version(demo_app, reviewed_next)
    declaring.submit(page)
    expect(page.get_by_role("main")).to_contain_text("已经存为草稿")
    page.get_by_role("link", name="重新打开核对").click()
    expect(page.locator("[name=opinion]")).to_have_value("材料齐全。")


def _change_version(app: Flask, case: Case) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Task).where(Task.instance_id == case.id).values(version=Task.version + 1))


def test_what_was_typed_survives_the_end_of_the_login(demo_app: Flask, reviewed_next: Case, plain_page: Page) -> None:
    page = plain_page
    log_in(page, REVIEWER)
    declaring.open_task(page, UNIT)
    page.locator("[name=outcome][value=pass]").check()
    page.locator("[name=opinion]").fill("情况属实，同意推荐。")
    with demo_app.app_context(), transaction() as session:
        session.execute(delete(LoginSession))
    declaring.submit(page)
    fill_login(page, REVIEWER)
    page.get_by_role("button", name="恢复刚才填写的内容").click()
    declaring.said(page, "县级初审（通过），已提交")


def test_deciding_opens_the_next_task_of_the_same_list(office: Office, reviewed_next: Case, page: Page) -> None:
    clerk = office.person("pingjiang.unit1.clerk")
    Case(office, clerk, batch=_choices(clerk, "batch")[0]["value"], honour="county").submitted()
    log_in(page, REVIEWER)
    page.goto("/tasks?element=review_county&severity=normal")
    expect(page.locator(".tabs [aria-current] .count")).to_have_text("2")
    rows = page.locator(".data-table tbody tr:not(.group-row) a")
    expect(rows).to_have_count(2)
    rows.first.click()
    for _time in range(2):
        page.locator("[name=outcome][value=pass]").check()
        declaring.submit(page)
        declaring.said(page, "已提交")
    expect(page).to_have_url(re.compile(r"/tasks\?view=inbox&element=review_county&severity=normal$"))
    expect(page.get_by_text("没有符合条件的任务")).to_be_visible()


def test_a_late_task_stands_under_its_severity(office: Office, reviewed_next: Case, narrow_page: Page) -> None:
    office.pass_time(days=20)
    log_in(narrow_page, REVIEWER)
    expect(narrow_page.locator(".group-row")).to_contain_text("逾期")
    expect(narrow_page.get_by_text(re.compile("逾期 [0-9]+ 个工作日"))).to_be_visible()
    assert_good(narrow_page)


def test_a_unit_withdraws_with_a_reason(reviewed_next: Case, narrow_page: Page) -> None:
    page = narrow_page
    log_in(page, CLERK)
    page.goto(f"/instances/{reviewed_next.id}")
    assert_good(page)
    page.get_by_role("link", name="撤回申报").click()
    page.get_by_label("理由").fill(" ")
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_text("请填写理由。").first).to_be_visible()
    assert_good(page)
    page.get_by_label("理由").fill("材料有误，准备重新申报。")
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_role("region", name="现在的状态")).to_contain_text("已撤回")
    expect(page.get_by_role("link", name="撤回申报")).to_have_count(0)


def test_an_office_suspends_and_resumes(reviewed_next: Case, page: Page) -> None:
    log_in(page, "city.leader")
    page.goto(f"/instances/{reviewed_next.id}")
    for link, button, state in (("挂起", "确定挂起", "已挂起"), ("恢复", "确定恢复", "办理中")):
        page.get_by_role("main").get_by_role("link", name=link).click()
        page.get_by_label("理由").fill("等待上级明确口径。")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("region", name="现在的状态")).to_contain_text(state)
    assert_good(page)


def test_lists_come_as_spreadsheets(reviewed_next: Case, page: Page) -> None:
    log_in(page, REVIEWER)
    for address in ("/tasks", "/instances"):
        page.goto(address)
        with page.expect_download() as download:
            page.get_by_role("link", name="导出").click()
        assert download.value.suggested_filename.endswith(".xlsx")


def test_long_names_fit_the_narrowest_screen(demo_app: Flask, reviewed_next: Case, narrow_page: Page) -> None:
    _rename(demo_app, "中国共产党平江县委员会直属机关工作委员会精神文明建设指导办公室（示例平江实验学校北校区）")
    page = narrow_page
    log_in(page, REVIEWER)
    assert_good(page)
    declaring.open_task(page, "示例平江实验学校")
    assert_good(page)
    page.goto(f"/instances/{reviewed_next.id}")
    assert_good(page)
    page.goto(f"/instances/{reviewed_next.id}/print")
    assert_good(page)


def _rename(app: Flask, name: str) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Organisation).where(Organisation.name == UNIT).values(name=name))
