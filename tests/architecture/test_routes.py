"""Every address says who may come, and what it says exists."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import make_settings
from webapp import create_app
from webapp.access import EVERYBODY, PERMISSIONS
from webapp.accounts.models import ROLES
from webapp.config import ROOT

SOURCES = [
    path for path in (ROOT / "webapp").rglob("*") if path.suffix in {".py", ".html"} and path.name != "access.py"
]


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that never meets its database."""
    return create_app(make_settings(tmp_path_factory.mktemp("routes")), "postgresql://nobody@nowhere/nothing")


def endpoints(app: Flask) -> Iterator[tuple[str, str | None]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule.endpoint, getattr(app.view_functions[rule.endpoint], "__access__", None)


def test_every_route_declares_its_access(routes: Flask) -> None:
    assert [endpoint for endpoint, permission in endpoints(routes) if permission is None] == []


def test_every_declared_permission_exists(routes: Flask) -> None:
    assert {permission for _endpoint, permission in endpoints(routes)} <= PERMISSIONS.keys() | {"public"}


def test_permissions_name_roles_that_exist() -> None:
    named = frozenset().union(*(roles for roles in PERMISSIONS.values() if roles is not EVERYBODY))
    assert named <= ROLES.keys()


def test_every_permission_that_is_asked_for_exists() -> None:
    asked = re.compile(r"""(?:access|may|require)\((?:\w+, )?["']([a-z]+\.[a-z_]+)["']""")
    shown = re.compile(r"""navigation\.add\([^)]*["']([a-z]+\.[a-z_]+)["'], \d""")
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    found = set(asked.findall(text)) | set(shown.findall(text))
    assert found - PERMISSIONS.keys() == set()


def test_nothing_public_changes_anything_but_what_the_public_may(routes: Flask) -> None:
    changing = {
        rule.rule
        for rule in routes.url_map.iter_rules()
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
        and getattr(routes.view_functions[rule.endpoint], "__access__", None) == "public"
    }
    assert {rule for rule in changing if not rule.removeprefix("/api/v1").startswith("/public/")} <= {
        "/login",
        "/api/v1/tokens",
        "/mail/act/<token>",
    }
