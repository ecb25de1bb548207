"""The designer in a real browser: diagrams come through unchanged, pages fit a phone, the editor speaks Chinese."""

import re
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests.browser.browsing import assert_good, log_in
from webapp.accounts.models import User
from webapp.config import ROOT
from webapp.database import transaction
from webapp.designer.models import ProcessDraft
from workflows.bpmn import Element
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


def test_a_file_without_a_picture_is_drawn_with_its_pools_and_lanes(page: Page, tmp_path: Path) -> None:
    drawn = DIAGRAMS[0].read_bytes()
    bare = tmp_path / "bare.bpmn"
    bare.write_bytes(re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", drawn, flags=re.DOTALL))
    log_in(page, "designer")
    page.goto("/designer")
    form = page.locator("form[action$='/designer/import']")
    form.locator("[name=key]").fill("bare")
    form.locator("[name=file]").set_input_files(bare)
    form.get_by_role("button", name="导入").click()
    page.get_by_role("button", name="开始编辑").click()
    catalogue = read_catalogue(parse_xml(drawn))
    for key in (*catalogue.lanes, *catalogue.elements):
        expect(page.locator(f".djs-shape[data-element-id='{key}']")).to_be_attached()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="自动排版").click()
    expect(page.locator("[data-state]")).to_contain_text("修订 2")
    assert canvas_xml(page).count("<bpmndi:BPMNShape") > len(catalogue.lanes) + len(catalogue.elements)


def test_what_is_shown_can_be_chosen_as_soon_as_there_is_something(page: Page) -> None:
    open_editor(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/designer/declaration/draft", hold)
    with page.expect_request("**/designer/declaration/draft"):
        page.reload()
    forms = page.get_by_role("tab", name="表单")
    expect(forms).to_be_disabled()
    held[0].continue_()
    forms.click()
    expect(page.get_by_role("heading", name="填写时的样子")).to_be_visible(timeout=20_000)


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


_DECLARED = {
    "抄送：地区（变量）": "city_region",
    "只有这些结果可以批量": "pass",
    "几个人办": "in_turn",
    "名单（变量）": "signers",
    "每份的成员（变量）": "signer",
    "规则": "ratio",
    "比例": "2/3",
}
_UNFOLD = "() => document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach(one => one.click())"


def declare(page: Page, label: str, value: str) -> None:
    page.evaluate(_UNFOLD)
    entry = page.get_by_label("属性").get_by_label(label, exact=True)
    if entry.evaluate("one => one.tagName") == "SELECT":
        entry.select_option(value)
    else:
        entry.fill(value)
        entry.press("Tab")


def tick_role(page: Page, group: str, role: str) -> None:
    page.evaluate(_UNFOLD)
    box = page.locator(f"[data-entry-id='{group}']").get_by_label(role, exact=True)
    was = box.is_checked()
    box.click()  # the library shows the old state until the next frame, which `check` takes for a failure
    expect(box).to_be_checked(checked=not was)


def decide_by_another_field(page: Page) -> None:
    """What a form decides is ticked at its field."""
    page.get_by_role("tab", name="表单").click()
    page.get_by_role("button", name="审核县级名单 review_nominations").click()
    page.locator(".fjs-editor-container .fjs-form-field-radio").first.click()
    decides = page.locator(".fjs-properties-container").get_by_label("这一项是办理结果")
    expect(decides).to_be_checked()
    assert_good(page)
    decides.click()
    expect(page.locator("[data-problem-count]")).to_have_text("0 个错误，2 个提醒", timeout=20_000)
    decides.click()
    expect(page.locator("[data-problem-count]")).to_have_text("0 个错误，1 个提醒", timeout=20_000)
    page.get_by_role("tab", name="流程图").click()


def test_the_panel_declares_and_takes_back(page: Page, demo_app: Flask) -> None:
    open_editor(page, "nomination")
    page.get_by_role("button", name="开始编辑").click()
    page.evaluate("globalThis.designerCanvas.select('review_nominations')")

    def declared() -> Element:
        return read_catalogue(parse_xml(canvas_xml(page).encode())).elements["review_nominations"]

    region = page.get_by_label("属性").get_by_label("地区（变量）", exact=True)
    expect(region).to_have_attribute("list", "wm-variables")
    expect(page.locator("#wm-variables option[value=city_region]")).to_have_attribute("label", "征集的市")
    before = declared()
    for label, value in _DECLARED.items():
        declare(page, label, value)
    tick_role(page, "wm-Cc-roles", "市级负责人")
    tick_role(page, "wm-Cc-roles", "审计员")
    expect(page.locator("[data-problem-count]")).to_contain_text("个错误", timeout=20_000)
    made = declared()
    assert made.extension("cc") == {"roles": "city_leader auditor", "region": "city_region"}
    assert made.extension("bulk") == {"outcomes": "pass"}
    assert made.extension("signing") == {"rule": "ratio", "ratio": "2/3"}
    assert made.loop is not None
    assert (made.loop.sequential, made.loop.collection, made.loop.item) == (True, "signers", "signer")
    tick_role(page, "wm-Cc-roles", "市级负责人")
    tick_role(page, "wm-Cc-roles", "审计员")
    for label in ("抄送：地区（变量）", "几个人办"):
        declare(page, label, "")
    bulk = page.get_by_label("属性").get_by_label("可以批量办理")
    bulk.click()
    expect(bulk).not_to_be_checked()
    assert declared() == before
    assert_good(page)
    decide_by_another_field(page)

    with demo_app.app_context(), transaction() as session:
        other = session.scalars(select(User.id).where(User.username == "admin")).one()
        session.scalars(select(ProcessDraft)).one().editor_id = other
    declare(page, "工作日", "9")
    expect(page.locator("[data-state]")).to_contain_text("“系统管理员”正在编辑这份草稿")
    expect(page.get_by_role("button", name="接管编辑")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
