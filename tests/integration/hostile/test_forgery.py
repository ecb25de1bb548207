"""Every post from a browser carries the token of its own session, and every page its protective headers."""

from typing import Any

import pytest
from flask import Flask

from tests.factories.insiders import new_token
from tests.integration.hostile.conftest import World

FILLING = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000", "any": "close", "default": "units"}


def address(rule: Any) -> str:
    """An address that a rule takes."""
    values = {
        name: FILLING.get(type(part).__name__.removesuffix("Converter").lower())
        for name, part in rule._converters.items()
    }
    for name, part in rule._converters.items():
        kind = type(part).__name__.removesuffix("Converter").lower()
        values[name] = (
            next(iter(part.items)) if kind == "any" else FILLING.get({"integer": "int"}.get(kind, kind), "units")
        )
    return str(rule.build(values, append_unknown=False)[1])


def posts(app: Flask) -> list[str]:
    return sorted(
        address(rule)
        for rule in app.url_map.iter_rules()
        if rule.methods & {"POST", "PUT", "DELETE", "PATCH"} and not rule.endpoint.startswith("api.")
    )


@pytest.mark.parametrize("username", ["admin", "city.reviewer1", None])
def test_no_post_without_the_token_of_the_session(hostile_app: Flask, world: World, username: str | None) -> None:
    client = hostile_app.test_client()
    if username:
        with client.session_transaction() as session:
            session["key"] = new_token(hostile_app, username, "browser")
    for path in posts(hostile_app):
        for fields in ({}, {"csrf_token": "forged"}):
            answer = client.post(path, data={"reason": "x", **fields})
            assert answer.status_code in ({409} if username else {401, 409}), f"{path}: {answer.status_code}"


def test_every_answer_is_guarded(hostile_app: Flask, world: World) -> None:
    client = hostile_app.test_client()
    for path in ("/login", "/public", "/nothing", "/api/v1/me", "/healthz", f"/public/notices/{world.notice}"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
