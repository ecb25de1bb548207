"""Browsers that are logged in already, for tests of what pages let out and in."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.insiders import new_token


def browser(app: Flask, username: str) -> FlaskClient:
    """Somebody's browser with a living session."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["key"] = new_token(app, username, "browser")
    return client


def csrf_of(answer: TestResponse) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]
