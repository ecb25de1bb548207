"""One designer, one morning: a step is drawn into the declaration, tried and published; running cases move to it."""

import re

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotYetError

from tests.browser.browsing import log_in, looked_at
from tests.factories.api_client import Office
from tests.factories.migrating import Cases, gather_cases
from webapp.database import transaction
from webapp.designer.models import ProcessDraft
from webapp.migration import jobs
from webapp.migration.models import CaseMigration

_TRIES, _SOON = 10, 3_000
_TRYING = 90_000
"""Trials compute for a second or two; on a busy machine for much longer."""


def test_a_step_is_drawn_tried_compared_published_and_cases_are_moved_to_it(
    page: Page, demo_app: Flask, demo_database_url: str
) -> None:
    cases = gather_cases(demo_app, demo_database_url, 50)
    page.set_default_timeout(_TRYING)
    log_in(page, "admin")
    page.goto("/designer/declaration/versions")
    page.get_by_label("发布须由另一人批准").check()
    page.get_by_role("main").get_by_role("button", name="保存").click()
    page.context.clear_cookies()
    log_in(page, "designer")
    draw(page)
    keep_few_cases(demo_app)
    mend(page)
    rework(page)
    try_out(page)
    renew_cases(page)
    compare_and_publish(page)
    move_cases(page, demo_app, cases)
    through_the_new_step(page, demo_app, cases.reviewing)


def keep_few_cases(app: Flask) -> None:
    """Test cases of which some go through the new step, some do not, and one cannot go on; all would take long."""
    kept = {"county_awarded", "departments_silent", "review_rejected", "withdrawn"}
    with app.app_context(), transaction() as session:
        draft = session.query(ProcessDraft).one()
        draft.cases = {key: case for key, case in draft.cases.items() if key in kept}


def draw(page: Page) -> None:
    """Search a step, add another behind it, lead the way through it, and name what it lacks."""
    page.goto("/designer")
    row = page.get_by_role("row").filter(has=page.locator("code", has_text="declaration"))
    row.get_by_role("button", name="修改").click()
    page.get_by_role("button", name="开始编辑").click()
    expect(page.locator("[data-state]")).to_contain_text("您在编辑")
    find(page, "县级初审")
    page.locator(".djs-context-pad").get_by_title("添加人工任务").click()
    page.locator(".djs-direct-editing-content").fill("核实关键事实")
    page.keyboard.press("Enter")
    expect(page.locator(".djs-direct-editing-content")).to_have_count(0)
    page.locator(".djs-context-pad").get_by_title("连接到其他元素").click()
    shape(page, "is_review_passed").click()
    problems = page.locator("[data-problems]")
    expect(problems.get_by_text("「县级初审」之后有 2 条连线")).to_be_visible()
    at = page.locator('.djs-connection[data-element-id="review_county_to_is_review_passed"]').bounding_box()
    assert at is not None
    page.mouse.click(at["x"] + 0.8 * at["width"], at["y"] + at["height"] / 2)  # before that, both flows are one line
    page.keyboard.press("Delete")
    expect(problems.get_by_text("「核实关键事实」没有指定办理人")).to_be_visible()
    expect(problems.get_by_text("「核实关键事实」没有表单")).to_be_visible()
    expect(problems.get_by_text("「县级初审」之后有 2 条连线")).to_have_count(0)
    expect(problems.get_by_text("无法到达")).to_have_count(0)


def find(page: Page, name: str) -> None:
    """As people do: once more where a change that came meanwhile closed the pad; then the canvas comes to rest."""
    expect(page.locator("[data-state]")).to_contain_text("已保存")
    for _ in range(_TRIES):
        if page.locator(".djs-search-open").count() == 0:
            page.get_by_role("button", name="查找").click()
        try:
            page.locator(".djs-search-input input").fill(name, timeout=_SOON)
            page.locator(".djs-search-result").first.click(timeout=_SOON)
            break
        except NotYetError:
            continue
    expect(page.get_by_label("属性", exact=True)).to_contain_text(name)
    page.wait_for_timeout(500)


def shape(page: Page, element: str) -> Locator:
    return page.locator(f'.djs-shape[data-element-id="{element}"]')


def mend(page: Page) -> None:
    """A form with a field of its own, people and a deadline; a click on each problem leads to the step."""
    page.get_by_role("tab", name="表单").click()
    page.once("dialog", lambda dialog: dialog.accept("confirm_facts"))
    page.get_by_role("button", name="新建表单").click()
    expect(page.locator(".fjs-empty-editor")).to_be_visible()
    page.locator('.fjs-palette-field[data-field-type="textarea"]').drag_to(page.locator(".fjs-empty-editor"))
    panel = page.locator(".fjs-properties-container")
    panel.locator('[data-group-id="group-general"] .bio-properties-panel-group-header').first.click()
    panel.locator('[data-entry-id="label"] .cm-content').fill("核实情况")
    panel.locator('[data-entry-id="key"] input').fill("checked_facts")
    panel.locator('[data-group-id="group-validation"] .bio-properties-panel-group-header').first.click()
    panel.locator('[data-entry-id="required"] input').check(force=True)
    expect(page.locator(".form-preview").get_by_text("核实情况")).to_be_visible()
    page.locator("[data-problems]").get_by_text("「核实关键事实」没有指定办理人").click()
    properties = page.get_by_label("属性", exact=True)
    properties.locator("[data-entry-id='wm-Assignment-roles']").get_by_label("县级审核员").click()
    properties.get_by_label("地区（变量）", exact=True).fill("county_region")
    properties.get_by_label("表单", exact=True).select_option("confirm_facts")
    properties.get_by_label("工作日", exact=True).fill("3")
    properties.get_by_label("工作日", exact=True).press("Tab")
    expect(page.locator("[data-problems]").get_by_text("「核实关键事实」没有办理期限")).to_have_count(0)
    expect(page.locator("[data-problem-count]")).to_contain_text("0 个错误")
    expect(page.locator("[data-state]")).to_contain_text("已保存")


def rework(page: Page) -> None:
    """Give a step another id, which the clock of the process names too; let departments answer one after the other."""
    properties = page.get_by_label("属性", exact=True)
    find(page, "上传盖章表")
    properties.locator('[data-group-id="group-general"] .bio-properties-panel-group-header').click()
    properties.locator('[data-entry-id="id"] input').fill("upload_sealed_form")
    properties.locator('[data-entry-id="id"] input').press("Tab")
    expect(page.locator("[data-problems]").get_by_text("attach_sealed_form").first).to_be_visible()
    page.locator("[data-problems]").get_by_text("attach_sealed_form").first.click()
    pauses = properties.get_by_label("暂停计时的环节")
    pauses.fill(pauses.input_value().replace("attach_sealed_form", "upload_sealed_form"))
    pauses.press("Tab")
    expect(page.locator("[data-problems]").get_by_text("attach_sealed_form")).to_have_count(0)
    find(page, "逐个部门征求意见")
    page.locator(".djs-context-pad").get_by_title("更换类型").click()
    page.locator('.djs-popup [data-id="toggle-sequential-mi"]').click()
    expect(page.locator("[data-problem-count]")).to_contain_text("0 个错误")
    expect(page.locator("[data-state]")).to_contain_text("已保存")


def try_out(page: Page) -> None:
    """A dry run as far as the step that is new: whose it is and until when; then on."""
    page.get_by_role("link", name="试运行").click()
    page.get_by_role("button", name="开始试运行").click()
    page.get_by_role("button", name="填入示例").click()
    page.get_by_role("button", name="发起", exact=True).click()
    for name in ("填写申报材料", "上传盖章表", "县级初审"):
        do_step(page, name)
    expect(page.locator("#step h2")).to_have_text("核实关键事实")
    expect(page.locator(".trial-tasks")).to_contain_text("县级审核员甲")
    looked_at(page, "trial")
    page.get_by_label("核实情况").fill("材料与登记一致")
    page.get_by_role("button", name="提交这一步").click()
    expect(page.locator("#way")).to_contain_text("核实关键事实")


def do_step(page: Page, name: str) -> None:
    expect(page.locator("#step h2")).to_have_text(name)
    page.get_by_role("button", name="填入示例").click()
    page.get_by_role("button", name="提交这一步").click()


def renew_cases(page: Page) -> None:
    """Cases that stop at what is new are gone through again; one that cannot be is removed."""
    page.get_by_role("link", name="测试用例").click()
    page.get_by_role("button", name="全部运行").click()
    expect(page.get_by_text("4 个用例走不下去了")).to_be_visible()
    page.get_by_role("button", name="补上新环节，重新走一遍").click()
    expect(page.get_by_text("3 个用例已走完新环节")).to_be_visible()
    expect(page.get_by_text("补不上的：部门逾期未答复")).to_be_visible()
    looked_at(page, "cases-renewed")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("row").filter(has_text="部门逾期未答复").get_by_role("button", name="删除").click()
    expect(page.get_by_role("status").first).to_contain_text("已删除测试用例")


def compare_and_publish(page: Page) -> None:
    """Both versions beside each other; handed in with a reason, approved by a second person."""
    page.goto("/designer/declaration/compare")
    page.locator(".difference-list").get_by_text("增加人工任务「核实关键事实」").click()
    expect(page.locator(".difference-list").first).to_contain_text("「逐个部门征求意见」的办理次序：同时 → 依次")
    expect(page.locator('.compare-canvas [data-element-id="review_county"]').first).to_be_visible()
    looked_at(page, "compare")
    page.goto("/designer/declaration/publish")
    looked_at(page, "publish")
    page.get_by_role("button", name="提交批准").click()
    expect(page.get_by_role("alert").last).to_contain_text("原因")
    page.get_by_label("发布原因").fill("按新的评选办法增加核实环节")
    page.get_by_role("button", name="提交批准").click()
    expect(page.get_by_text("待批准")).to_be_visible()
    become(page, "admin")
    page.goto("/designer/declaration/versions")
    looked_at(page, "versions-waiting")
    page.get_by_role("button", name="批准").click()
    expect(page.get_by_role("row").filter(has_text="按新的评选办法增加核实环节")).to_contain_text("v2")


def become(page: Page, username: str) -> None:
    page.context.clear_cookies()
    log_in(page, username)


def work(app: Flask) -> None:
    """What a worker does meanwhile."""
    with app.app_context(), transaction() as session:
        (migration,) = session.query(CaseMigration.id).one()
    with app.app_context():
        jobs.run(migration)


def move_cases(page: Page, app: Flask, cases: Cases) -> None:
    """Two hundred: some at once, some after a mapping, some not."""
    become(page, "designer")
    page.goto("/designer")
    looked_at(page, "index")
    page.get_by_role("link", name="迁移办件").first.click()
    looked_at(page, "migration-new")
    page.get_by_role("button", name="检查这些办件").click()
    expect(page.get_by_text("共 200 件")).to_be_visible()
    for words, count in (("可以迁移", 100), ("需指明对应环节", 50), ("不能迁移", 50)):
        expect(page.locator(".count-links").get_by_role("link", name=f"{words} {count}")).to_be_visible()
    expect(page.locator(".reason-list").get_by_text("“上传盖章表”在新版本中已删除")).to_be_visible()
    expect(page.locator(".reason-list").get_by_text("正在会签，新版本改了会签方式")).to_be_visible()
    looked_at(page, "migration-report")
    expect(page.get_by_label("“上传盖章表”对应新版本的")).to_have_value("upload_sealed_form")
    page.get_by_role("button", name="保存并重新检查").click()
    expect(page.locator(".count-links").get_by_role("link", name="可以迁移 150")).to_be_visible()
    page.get_by_role("button", name="开始迁移 150 件").click()
    expect(page.get_by_text("请写明迁移的原因").first).to_be_visible()
    page.get_by_label("迁移原因").fill("按新的评选办法增加核实环节")
    page.get_by_role("button", name="开始迁移 150 件").click()
    expect(page.get_by_text("还有 150 件")).to_be_visible()
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("button", name="继续")).to_be_visible()
    page.get_by_role("button", name="继续").click()
    work(app)
    page.reload()
    expect(page.get_by_text("150 件已改用 v2，50 件留在原版本")).to_be_visible()
    looked_at(page, "migration-done")
    page.goto("/migrations")
    expect(page.get_by_role("link", name="v1 → v2")).to_be_visible()
    looked_at(page, "migrations")
    page.goto(f"/instances/{cases.consulting}")
    page.get_by_role("link", name="把这个办件迁移到现行版本").click()
    expect(page.get_by_label("或逐个列出办件编号")).to_have_value(re.compile(r"SB\d{4}-\d{6}"))


def through_the_new_step(page: Page, app: Flask, case: int) -> None:
    """The county passes a moved case, and somebody there does the step that is new, in the browser."""
    office = Office(app)
    (name, *_others) = office.candidates(case, "review_county")
    person = office.person(name)
    task = person.find_task(case, "review_county")
    assert task is not None
    person.complete(task, outcome="pass")
    become(page, name)
    page.goto(f"/instances/{case}")
    page.get_by_role("link", name="核实关键事实").first.click()
    page.get_by_label("核实情况").fill("材料与登记一致")
    looked_at(page, "new-step")
    page.get_by_role("main").get_by_role("button", name="提交").first.click()
    expect(page.get_by_label("核实情况")).to_have_count(0)
    assert office.candidates(case, "consult_department")
    become(page, "admin")
    page.goto(f"/instances/{case}")
    expect(page.get_by_text("换用新版本")).to_be_visible()
    expect(page.get_by_text("核实关键事实").first).to_be_visible()
    looked_at(page, "moved-case")
    page.goto(f"/instances/{case}/interventions")
    looked_at(page, "interventions")
    page.goto("/designer/declaration/versions")
    page.get_by_role("link", name="热力图").last.click()
    expect(page.locator(".diagram-view svg .wm-heat5").first).to_be_visible()
    looked_at(page, "heat")
    page.get_by_role("link", name="办理用时（中位）").click()
    expect(page.get_by_role("link", name="办理用时（中位）")).to_have_attribute("aria-current", "true")
