"""A small world with an administrator, an auditor and a reviewer, each with a browser that is logged in."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories.insiders import new_token
from tests.factories.small_world import SmallWorld, registered
from webapp.definitions import library
from webapp.instances import pictures


class Browser:
    """One person's browser, without JavaScript."""

    def __init__(self, app: Flask, username: str) -> None:
        self._client = app.test_client()
        with self._client.session_transaction() as cookie:
            cookie["key"] = new_token(app, username, "browser")
        found = re.search(r'name="csrf_token" value="([^"]+)"', self._client.get("/password").text)
        assert found
        self._token = found[1]

    def get(self, path: str) -> TestResponse:
        return self._client.get(path)

    def read(self, path: str) -> str:
        """The text of a page that must open."""
        answer = self._client.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return html.unescape(answer.text)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self._client.post(path, data={"csrf_token": self._token, **fields})


@pytest.fixture
def world(session: Session, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """Versions of other databases have the same numbers: the caches start empty."""
    monkeypatch.setattr(library, "_published", {})
    monkeypatch.setattr(pictures, "_diagrams", {})
    pictures._drawn.cache_clear()
    small = SmallWorld(session)
    small.person("admin", small.city, "administrator")
    small.person("auditor", small.city, "auditor")
    small.person("reviewer", small.county, "county_reviewer")
    session.commit()
    return small


@pytest.fixture
def browse(app: Flask, world: SmallWorld) -> Callable[[str], Browser]:
    """Opens a browser of somebody of the small world."""
    return lambda username: Browser(app, username)


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with registered(data={"verdict": "perhaps"}):
        yield
