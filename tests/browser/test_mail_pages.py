"""Mail as a phone shows it, the bell, and 邮件 in administration, through Chromium."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import NARROW, assert_fits, assert_good, log_in
from webapp import clock
from webapp.mail.examples import example_about, example_content
from webapp.mail.kinds import kinds
from webapp.mail.rendering import render, shipped_source


@pytest.mark.parametrize("kind", ["returned", "reminder", "escalation", "digest", "incident"])
def test_a_mail_fits_a_phone(demo_app: Flask, narrow_page: Page, tmp_path: Path, kind: str) -> None:
    with demo_app.app_context():
        now = clock.now()
        content, person = example_content(kinds()[kind], now), example_about(now).person
        mail = render(shipped_source(), content, person, site_name="文明创建流程平台", base_url="https://wm.example.cn")
    narrow_page.set_content(mail.html)
    assert narrow_page.viewport_size == NARROW
    assert_good(narrow_page)
    narrow_page.screenshot(path=tmp_path / f"{kind}.png", full_page=True)
    assert "src=" not in mail.html


def test_pages_about_mail_can_be_read(page: Page) -> None:
    log_in(page, "admin")
    paths = ("", "/settings", "/templates", "/templates/digest/0")
    for path in [f"/administration/mail{path}" for path in paths] + ["/notifications", "/notifications/settings"]:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        assert_good(page, within="main")


def test_the_bell_has_its_place_on_a_phone(narrow_page: Page) -> None:
    log_in(narrow_page, "admin")
    narrow_page.get_by_role("link", name="通知", exact=True).click()
    expect(narrow_page.get_by_role("heading", level=1)).to_have_text("通知")
    assert_fits(narrow_page)
