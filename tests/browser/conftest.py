"""The real application on the demonstration, behind a free port, seen through Chromium.

Chromium lives for one test module only: while it runs, its event loop would disturb asynchronous tests of others.
A page fails its test when a script throws or the content policy stops something.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from tests.browser.browsing import NARROW, WIDE
from webapp import bundle

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: ``CHROMIUM``, else the machine's, else Playwright's own."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    options: dict[str, Any] = {"executable_path": executable} if executable else {}
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(args=[*arguments, "--disable-gpu"], **options)
        yield started
        started.close()


@pytest.fixture
def site(demo_app: Flask) -> Iterator[str]:
    """The address of a running application with the demonstration in a database of this test alone."""
    assert bundle.is_built(), "the front end is not built: make assets"
    server = make_server("127.0.0.1", 0, demo_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def open_context(browser: Browser, site: str) -> Iterator[OpenContext]:
    """Opens a browser of a further person: cookies of its own, Chinese, in Shanghai; closed after the test.

    ``open_context(viewport=NARROW, java_script_enabled=False)``: options as in Playwright's ``new_context``.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_one(**options: Any) -> BrowserContext:
        usual: dict[str, Any] = {
            "viewport": WIDE,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",  # a colour half way between two is nobody's contrast
        }
        context = browser.new_context(base_url=site, **(usual | options))
        context.set_default_timeout(15_000)
        context.on("console", note)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    """A page on a desk."""
    return open_context().new_page()


@pytest.fixture
def narrow_page(open_context: OpenContext) -> Page:
    """A page on a phone of 360 pixels."""
    return open_context(viewport=NARROW).new_page()


@pytest.fixture
def plain_page(open_context: OpenContext) -> Page:
    """A page in a browser without scripts."""
    return open_context(java_script_enabled=False).new_page()
