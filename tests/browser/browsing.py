"""What browser tests do on every page: log in, check that it can be read by everybody and fits the screen."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from webapp.demo.passwords import DOCUMENTED

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_GRAVE = {"serious", "critical"}


def log_in(page: Page, username: str, password: str = DOCUMENTED) -> None:
    """Log a demo account in and wait for the page behind the login."""
    page.goto("/login")
    fill_login(page, username, password)
    expect(page.locator(".person-menu")).to_be_visible()


def fill_login(page: Page, username: str, password: str = DOCUMENTED) -> None:
    """Fill in the login form that is open and send it."""
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def assert_good(page: Page, within: str | None = None) -> None:
    """The page (or what stands ``within`` a selector) has no serious accessibility fault and fits the window."""
    faults = _grave_faults(page, within)
    assert not faults, f"{page.url}\n" + "\n".join(faults)
    assert_fits(page)


def looked_at(page: Page, name: str) -> None:
    """Hold a page to what every page keeps, on a desk and on a phone."""
    for size, label in ((WIDE, "wide"), (NARROW, "narrow")):
        page.set_viewport_size(size)
        pictured(page, f"{name}-{label}")
        assert_good(page)
    page.set_viewport_size(WIDE)


def pictured(page: Page, name: str) -> None:
    """Keep a picture of a page in the folder ``SHOTS``, where that is set: drawing takes longer than testing."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def assert_fits(page: Page) -> None:
    """The page is no wider than its window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def _grave_faults(page: Page, within: str | None) -> list[str]:
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": _RULES}}
    violations = Axe().run(page, context=within, options=options).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in violations
        if violation["impact"] in _GRAVE
        for node in violation["nodes"]
    ]
