"""The designer in a real browser: diagrams come through unchanged, pages fit a phone, the editor speaks Chinese."""

from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in
from webapp.config import ROOT
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
