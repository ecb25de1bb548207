"""People of the demonstration who read pages in English."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.page_client import PageClient

Reader = Callable[[str], PageClient]


@pytest.fixture
def read_in_english(demo_app: Flask) -> Reader:
    """Opens a browser for a user of the demonstration and chooses English in it."""

    def open_browser(username: str) -> PageClient:
        browser = PageClient(demo_app, username)
        answer = browser.post("/public/language", {"language": "en", "next": "/tasks"})
        assert (answer.status_code, answer.location) == (302, "/tasks")
        return browser

    return open_browser
