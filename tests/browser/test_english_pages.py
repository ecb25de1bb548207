"""English in a real browser: chosen by a link, kept from page to page, in scripts and editors, on a phone as well."""

import re

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.browsing import assert_good, log_in, looked_at
from tests.browser.test_designer_pages import open_editor
from tests.factories.crowd import gather_crowd

CLERK = "yunxi.unit1.clerk"


def choose_english(page: Page) -> None:
    """By the link at the foot of the page, and back to it."""
    before = page.url
    page.get_by_role("contentinfo").get_by_role("link", name="Language").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == before


def test_a_unit_declares_in_english(page: Page) -> None:
    log_in(page, CLERK)
    choose_english(page)
    looked_at(page, "english-start")
    page.goto("/declare")
    looked_at(page, "english-declare")
    page.get_by_role("combobox").first.select_option(index=1)
    page.get_by_role("combobox").last.select_option("county")
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", name="What happened and what comes next")).to_be_visible()
    looked_at(page, "english-form")
    page.locator("[name=address]").fill("岳阳市云溪区一号")
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved", timeout=30_000)
    page.get_by_role("button", name=re.compile("^Submit")).first.click()
    expect(page.get_by_role("alert")).to_contain_text("Corrections needed")
    expect(page.locator("[name=address]")).to_have_value("岳阳市云溪区一号")
    assert_good(page)


def test_an_approver_clears_an_inbox_in_english(
    page: Page, narrow_page: Page, demo_app: Flask, demo_database_url: str
) -> None:
    crowd = gather_crowd(demo_app, demo_database_url, 5)
    for one in (page, narrow_page):
        log_in(one, crowd.reviewer)
        choose_english(one)
        expect(one.get_by_role("heading", level=1)).to_have_text("Inbox")
        assert_good(one)
    page.locator("tbody a").first.click()
    assert_good(page)
    page.locator("[name=outcome][value=pass]").check()
    page.get_by_role("button", name=re.compile("^Submit")).click()
    expect(page.locator(".flashes")).to_contain_text("Submitted.")
    assert_good(page)


def test_the_editors_speak_english(page: Page) -> None:
    open_editor(page)
    choose_english(page)
    expect(page.locator("[data-state]")).to_contain_text("Nobody is editing")
    expect(page.get_by_role("toolbar", name="Diagram tools").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("[data-problem-count]")).to_contain_text("Errors: 0", timeout=20_000)
    page.get_by_role("button", name="Start editing").click()
    expect(page.get_by_role("button", name="Activate hand tool")).to_be_attached()
    page.get_by_role("tab", name="Form").click()
    expect(page.get_by_role("button", name="New form")).to_be_visible(timeout=20_000)
    assert_good(page, ".designer-bar")
