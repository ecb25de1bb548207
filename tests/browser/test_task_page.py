"""The page of a task in a browser: drafts that outlive a login, files shown in place, phrases by key, signatures."""

import re

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.browser.browsing import NARROW, assert_good, fill_login, log_in
from tests.browser.cases import LONG_NAME, long_case
from tests.factories.api_client import Case, Office
from webapp.batches.models import Batch
from webapp.database import transaction


def inspected(app: Flask) -> tuple[str, str]:
    """An inspector, and the address of an inspection that waits for them."""
    with app.app_context(), transaction() as session:
        session.execute(update(Batch).values(sampling_ratio=1))
    office = Office(app)
    clerk = office.person("yunxi.unit1.clerk")
    form = clerk.get("/definitions")["items"][0]["start_form"]
    batches = next(c["values"] for c in form["components"] if c.get("key") == "batch")
    case = Case(office, clerk, batch=batches[0]["value"], honour="city").submitted()
    case.do("review_county", outcome="pass").consulted().assessed()
    case.do("assign_inspectors")
    person, task = case.who("inspect_site")
    return person.username, f"/tasks/{task['id']}"


def test_what_changed_is_named_and_files_open_in_place(demo_app: Flask, page: Page, open_context) -> None:
    case, person, task = long_case(demo_app, rounds=3)
    log_in(page, person.username)
    page.goto(f"/tasks/{task['id']}")
    changes = page.locator("#changes")
    expect(changes).to_contain_text("单位地址")
    expect(changes.locator("del").first).to_contain_text("1")
    expect(changes.locator("ins").first).to_contain_text("2")
    expect(page.locator(".ask")).to_contain_text("办件时限：已计时")
    expect(page.locator("#diagram svg").first).to_be_visible()
    expect(page.locator("#timeline .current")).to_contain_text("县级初审")
    assert_good(page)

    page.locator("#decide textarea").last.fill("写到一半的意见")
    shown = page.locator("dialog.preview-dialog")
    for name, words in (
        ("制度汇编.pdf", "共 3 页"),
        ("活动总结.docx", "道德讲堂六期"),
        ("活动台账.xlsx", "学雷锋志愿服务"),
        ("盖章表.pdf", "已损坏或没有传完整"),
    ):
        page.locator("#files").get_by_role("link", name=re.compile(re.escape(name))).first.click()
        expect(shown).to_contain_text(words)
        assert_good(page)
        page.keyboard.press("Escape")
        expect(shown).to_be_hidden()
    page.locator("#files").get_by_role("link", name=re.compile("正面照片")).first.click()
    expect(shown.locator("img")).to_be_visible()
    assert shown.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 900
    page.keyboard.press("ArrowRight")
    expect(shown.locator("h2").first).not_to_contain_text("正面照片")
    page.keyboard.press("Escape")
    expect(page.locator("#decide textarea").last).to_have_value("写到一半的意见")

    narrow = open_context(viewport=NARROW, java_script_enabled=False).new_page()
    log_in(narrow, person.username)
    narrow.goto(f"/tasks/{task['id']}")
    narrow.locator("#files").get_by_role("link", name=re.compile("活动台账")).first.click()
    expect(narrow.get_by_role("heading", level=1)).to_contain_text("活动台账.xlsx")
    expect(narrow.locator(".preview-table")).to_contain_text("126")
    narrow.goto(f"/instances/{case.id}/papers")
    expect(narrow.locator("h1")).to_contain_text("办件全卷")
    expect(narrow.locator(".sheet-number")).to_contain_text(LONG_NAME)


def test_a_draft_outlives_the_login(demo_app: Flask, page: Page) -> None:
    _case, person, task = long_case(demo_app, rounds=1)
    log_in(page, person.username)
    page.goto(f"/tasks/{task['id']}")
    opinion = page.locator("#decide textarea").last
    opinion.fill("同意。")
    opinion.press("Tab")
    expect(page.locator("[data-draft-state]")).to_contain_text("已保存")
    page.context.clear_cookies()
    opinion.fill("同意，但登录已经失效。")
    opinion.press("Tab")
    expect(page.locator("[data-draft-state]")).to_contain_text("登录已失效，草稿没有保存")
    assert_good(page)
    page.locator("#decide").get_by_role("button", name="提交").click()
    expect(opinion).to_have_value("同意，但登录已经失效。")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="在新窗口重新登录").click()
    fill_login(opened.value, person.username)
    expect(opened.value.locator(".person-menu")).to_be_visible()
    opened.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-draft-state]")).to_contain_text("已保存")
    page.reload()
    expect(page.locator("#decide textarea").last).to_have_value("同意，但登录已经失效。")


def test_another_person_does_not_take_over_a_draft(demo_app: Flask, page: Page) -> None:
    _case, person, task = long_case(demo_app, rounds=1)
    log_in(page, person.username)
    page.goto(f"/tasks/{task['id']}")
    opinion = page.locator("#decide textarea").last
    other = page.context.new_page()
    page.context.clear_cookies()
    log_in(other, next(u for u in ("pingjiang.reviewer2", "pingjiang.reviewer1") if u != person.username))
    opinion.fill("这是第一个人写的。")
    opinion.press("Tab")
    expect(page.locator("[data-draft-state]")).to_have_attribute("data-tone", "bad")
    other.goto(f"/tasks/{task['id']}")
    expect(other.locator("#decide textarea").last).to_have_value("")
    expect(opinion).to_have_value("这是第一个人写的。")


def test_phrases_are_kept_on_a_page_and_inserted_by_key(demo_app: Flask, page: Page) -> None:
    _case, person, task = long_case(demo_app, rounds=1)
    log_in(page, person.username)
    page.goto("/phrases")
    for text, shared in (("材料齐全，同意上报。", False), ("请按要求补正盖章页。", True)):
        page.locator("#new").get_by_label("内容").fill(text)
        if shared:
            page.get_by_role("checkbox", name="本单位共用").check()
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.locator(".flashes")).to_contain_text("已保存")
    assert_good(page)
    page.goto(f"/tasks/{task['id']}")
    opinion = page.locator("#decide textarea").last
    opinion.focus()
    opinion.press("Alt+c")
    expect(page.locator(".phrase-menu")).to_contain_text("材料齐全")
    assert_good(page)
    page.keyboard.press("1")
    expect(opinion).to_have_value("材料齐全，同意上报。")
    expect(opinion).to_be_focused()
    opinion.press("Alt+c")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(opinion).to_have_value("材料齐全，同意上报。请按要求补正盖章页。")
    opinion.press("Alt+c")
    page.keyboard.press("Escape")
    expect(page.locator(".phrase-menu")).to_have_count(0)
    expect(page.locator("[data-draft-state]")).to_contain_text("已保存")


def test_a_signature_is_written_bound_and_shown(demo_app: Flask, page: Page) -> None:
    username, address = inspected(demo_app)
    log_in(page, username)
    page.goto(address)
    page.locator("[name=visited_on]").fill("2026-11-20")
    page.locator("[name=score]").fill("92")
    page.locator("[name=findings]").fill("制度健全，资料与申报一致。")
    page.locator("[name=outcome][value=pass]").check()
    expect(page.locator(".signature-pad")).to_be_hidden()
    page.locator("[name=signing][value=here]").check()
    pad = page.locator(".signature-pad canvas")
    expect(pad).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("手写签名")
    pad.scroll_into_view_if_needed()
    frame = pad.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 40, frame["y"] + 60)
    page.mouse.down()
    for step in range(1, 20):
        page.mouse.move(frame["x"] + 40 + step * 12, frame["y"] + 60 + (step % 5) * 14)
    page.mouse.up()
    expect(page.locator(".signature-pad [role=status]")).to_contain_text("签名已写好")
    assert_good(page)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".flashes")).to_contain_text("已提交")
    page.goto(address)
    expect(page.locator("#timeline .signature-shown img")).to_be_visible()
    shown = page.locator("#opinions .signature-shown")
    expect(shown).to_contain_text("与办理内容一致")
    assert shown.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert_good(page)
