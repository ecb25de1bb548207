"""A person at the browser without JavaScript: logs in, reads pages, sends their forms with the token of the page."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse, stream_encode_multipart

from webapp.demo.passwords import DOCUMENTED


class PageClient:
    """One person's browser."""

    def __init__(self, app: Flask, username: str, password: str = DOCUMENTED) -> None:
        self._client = app.test_client()
        self._token = token_of(self._client.get("/login"))
        answer = self.post("/login", {"username": username, "password": password})
        assert answer.status_code == 302, answer.text
        self._token = token_of(self._client.get("/password"))

    def get(self, path: str) -> TestResponse:
        """The answer to opening an address; no redirect is followed."""
        return self._client.get(path)

    def read(self, path: str) -> str:
        """The text of a page that must open."""
        answer = self._client.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return html.unescape(answer.text)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """The answer to sending a form; no redirect is followed."""
        return self._client.post(path, data={"csrf_token": self._token, **(data or {})}, **options)

    def post_in_memory(self, path: str, data: dict[str, Any]) -> TestResponse:
        """The same for large files, which the client would leave in temporary files that nobody closes."""
        body, _length, boundary = stream_encode_multipart({"csrf_token": self._token, **data}, use_tempfile=False)
        return self._client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def token_of(answer: TestResponse) -> str:
    """The token with which the forms of a page are signed."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]
