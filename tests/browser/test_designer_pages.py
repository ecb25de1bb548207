"""The designer in a real browser: diagrams come through unchanged; a change is tried, checked and published."""

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.browsing import assert_good, log_in
from webapp import clock
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.config import ROOT
from webapp.database import transaction
from webapp.designer import operations
from webapp.designer.operations import Part
from workflows.catalogue import read_catalogue
from workflows.comparison import compare
from workflows.safe_xml import parse_xml

DIAGRAMS = sorted((ROOT / "workflows" / "diagrams").glob("*.bpmn"))


def open_editor(page: Page, process: str = "declaration") -> None:
    log_in(page, "designer")
    page.goto("/designer")
    row = page.get_by_role("row").filter(has=page.locator("code", has_text=process))
    row.get_by_role("button", name="修改").click()
    expect(page.locator("[data-state]")).to_contain_text("没有人在编辑")


def canvas_xml(page: Page) -> str:
    text: str = page.evaluate("globalThis.designerCanvas.xml()")
    return text


def test_opening_and_saving_a_shipped_diagram_changes_nothing(page: Page) -> None:
    for diagram in DIAGRAMS:
        open_editor(page, diagram.stem)
        before = read_catalogue(parse_xml(diagram.read_bytes()))
        after = read_catalogue(parse_xml(canvas_xml(page).encode()))
        assert compare(before, after) == []
        expect(page.locator("[data-problem-count]")).to_contain_text("0 个错误", timeout=20_000)
        page.context.clear_cookies()


_ADDED = """
    <bpmn:userTask id="announce_list" name="公布名单">
      <bpmn:extensionElements>
        <wm:assignment roles="city_reviewer" region="city_region" /><wm:deadline working_days="3" />
        <wm:form key="announce_list" />
      </bpmn:extensionElements>
      <bpmn:incoming>is_list_approved_to_approve_nominees</bpmn:incoming>
      <bpmn:outgoing>announce_list_to_approve_nominees</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="announce_list_to_approve_nominees" sourceRef="announce_list" targetRef="approve_nominees" />
  </bpmn:process>"""
_DRAWN = """
      <bpmndi:BPMNShape id="announce_list_di" bpmnElement="announce_list">
        <dc:Bounds x="1500" y="40" width="110" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="announce_list_edge" bpmnElement="announce_list_to_approve_nominees">
        <di:waypoint x="1555" y="120" /><di:waypoint x="1555" y="200" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>"""
_FORM = {"type": "default", "components": [{"type": "textfield", "key": "place", "id": "place", "label": "公布的地方"}]}


def add_step(app: Flask) -> None:
    """Make the draft of the designer hold one step more."""
    with app.app_context(), transaction() as session:
        designer = get_actor(session, session.scalars(select(User.id).where(User.username == "designer")).one())
        draft = operations.open_draft(session, designer, clock.now(), "nomination")
        operations.edit(session, designer, clock.now(), "nomination")
        way = 'sourceRef="is_list_approved" targetRef='
        bpmn = draft.bpmn.replace(f'{way}"approve_nominees"', f'{way}"announce_list"')
        bpmn = bpmn.replace("<bpmn:incoming>is_list_approved_to_approve_nominees</bpmn:incoming>", "")
        bpmn = bpmn.replace("\n  </bpmn:process>", _ADDED).replace("\n    </bpmndi:BPMNPlane>", _DRAWN)
        parts = ((Part("diagram"), bpmn), (Part("form", "announce_list"), _FORM))
        for revision, (part, value) in enumerate(parts, start=1):
            operations.save(session, designer, clock.now(), "nomination", revision, part, value)


_TRYING = 90_000
"""Trials compute for a second or two; on a busy machine for much longer."""


def set_days(page: Page, days: str) -> None:
    page.goto("/designer/nomination")
    expect(page.locator("[data-state]")).to_contain_text("您在编辑", timeout=_TRYING)
    page.locator('.djs-shape[data-element-id="review_nominations"]').click()
    page.get_by_label("属性").get_by_label("工作日", exact=True).fill(days)
    page.get_by_label("属性").get_by_label("工作日", exact=True).press("Tab")
    expect(page.locator("[data-state]")).to_contain_text("已保存", timeout=_TRYING)


def publish(page: Page, reason: str) -> None:
    page.goto("/designer/nomination/publish")
    page.get_by_label("发布原因").fill(reason)
    page.get_by_role("main").get_by_role("button", name="发布").click()


def do_step(page: Page, name: str) -> None:
    expect(page.locator("#step h2")).to_have_text(name, timeout=_TRYING)
    page.get_by_role("button", name="填入示例").click()
    page.get_by_role("button", name="提交这一步").click()


def test_an_added_step_is_tried_kept_as_a_case_and_published(page: Page, demo_app: Flask) -> None:
    add_step(demo_app)
    page.set_default_timeout(_TRYING)
    log_in(page, "designer")
    page.goto("/designer/nomination/cases")
    row = page.get_by_role("row").filter(has_text="各县报送")
    row.get_by_role("button", name="在试运行中打开").click()
    expect(page.get_by_text("第 12 步不能再进行")).to_contain_text("「公布名单」", timeout=_TRYING)
    page.get_by_role("button", name="从这一步起重新办理").click()
    expect(page.locator(".trial-tasks")).to_contain_text("市级审核员甲")
    assert_good(page)
    for name in ("公布名单", "报送省级", "接收名单"):
        do_step(page, name)
    expect(page.get_by_role("heading", name="已到终点")).to_be_visible(timeout=_TRYING)
    page.locator("#save").get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("已保存测试用例", timeout=_TRYING)

    set_days(page, "12")
    publish(page, "加一步公布")
    summary = page.get_by_role("alert").last
    expect(summary).to_contain_text("「审核县级名单」的期限：预期", timeout=_TRYING)
    assert_good(page)
    set_days(page, "3")
    publish(page, "加一步公布")
    expect(page.get_by_role("alert").last).to_contain_text(
        "测试用例“到期限仍有县未报：继续等待一次后结束征集”", timeout=_TRYING
    )
    page.goto("/designer/nomination/cases")
    page.get_by_role("button", name="全部运行").click()
    expect(page.get_by_text("环节 30 / 30")).to_be_visible(timeout=_TRYING)
    assert_good(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("row").filter(has_text="到期限仍有县未报").get_by_role("button", name="删除").click()
    publish(page, "加一步公布")
    expect(page.get_by_role("status")).to_contain_text("已发布", timeout=_TRYING)
    assert_good(page)
    page.goto("/designer")
    expect(page.get_by_text("加一步公布")).to_be_visible(timeout=_TRYING)
    assert_good(page)


def test_forms_and_tables_are_edited_and_everything_fits_a_phone(narrow_page: Page) -> None:
    open_editor(narrow_page)
    for path in ("", "/declaration/cases", "/declaration/trial", "/archives/import"):
        narrow_page.goto(f"/designer{path}")
        assert_good(narrow_page)
    narrow_page.goto("/designer/declaration")
    assert_good(narrow_page, ".designer-bar")
    narrow_page.get_by_role("tab", name="表单").click()
    expect(narrow_page.get_by_role("heading", name="填写时的样子")).to_be_visible(timeout=20_000)
    narrow_page.get_by_role("button", name="review_county").click()
    expect(narrow_page.locator(".form-preview").get_by_text("初审结论").first).to_be_visible(timeout=20_000)


def test_the_editor_speaks_chinese(page: Page) -> None:
    open_editor(page)
    page.get_by_role("button", name="开始编辑").click()
    for element in ("review_county", "is_review_passed", "reserve_quota", "consult_departments", "end_awarded"):
        page.evaluate("id => globalThis.designerCanvas.select(id)", element)
        page.wait_for_timeout(200)
    missing = page.evaluate("[...globalThis.untranslated]")
    assert not missing, " | ".join(missing)
