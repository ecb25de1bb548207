"""What a clerk and a reviewer do on the pages of a declaration, as short verbs for the tests."""

import re
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

PDF: FilePayload = {
    "name": "佐证材料（制度汇编和活动记录）.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4 test",
}
SEALED: FilePayload = {"name": "盖章申报表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 sealed"}
LONG = "本单位成立精神文明建设领导小组，主要负责人任组长，创建工作列入年度计划并安排专项经费，全年开展活动十二次。"

ANSWERS = {
    "unit_name": "示例平江实验学校",
    "uscc": "91110000100000009M",
    "address": "平江县天岳街道百花台路与新城大道交汇处东南角",
    "leader": "欧阳建国",
    "leader_post": "党总支书记、校长",
    "contact": "李敏",
    "contact_mobile": "13800138000",
    "staff_count": "120",
    "party_member_count": "36",
    "volunteer_count": "58",
    **dict.fromkeys(
        (
            "leadership",
            "party_building",
            "ideology",
            "integrity",
            "service",
            "responsibility",
            "ecology",
            "culture",
            "management",
        ),
        LONG,
    ),
}


def begin(page: Page, honour: str = "县级文明单位") -> None:
    """Start a declaration in the first open batch; the page is then at the form to fill in."""
    page.goto("/tasks")
    page.get_by_role("link", name="发起申报").first.click()
    page.get_by_label("申报荣誉").select_option(label=honour)
    page.get_by_role("button", name="建立办件，开始填写").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("填写申报材料")


def fill_answers(page: Page, **changed: Any) -> None:
    """Fill in every field of the declaration."""
    for name, value in {**ANSWERS, **changed}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=negative_check][value=none]").check()
    page.locator("[name=materials][type=file]").set_input_files(PDF)
    page.locator("[name=promise]").check()


def submit(page: Page) -> None:
    """Send the form of the task that is open."""
    page.get_by_role("button", name="提交", exact=True).click()


def attach_sealed(page: Page) -> None:
    """Attach the sealed form, as after printing it."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("上传盖章表")
    page.locator("[name=outcome][value=submit]").check()
    page.locator("[name=sealed_form][type=file]").set_input_files(SEALED)
    page.locator("[name=sealed_on]").fill("2026-11-20")
    submit(page)


def open_task(page: Page, unit: str) -> None:
    """Open a task from the inbox by the name of its unit."""
    page.goto("/tasks")
    page.get_by_role("main").get_by_role("link", name=unit).first.click()


def said(page: Page, words: str) -> None:
    """The page tells what happened."""
    expect(page.locator(".flashes")).to_contain_text(re.compile(words))
