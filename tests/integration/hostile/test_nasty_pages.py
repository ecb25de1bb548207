"""Whatever a browser sends to a page, it gets a page: allowed or refused as the table of rights says, never a fault."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from tests.factories.browsers import browser, csrf_of
from tests.integration.hostile.conftest import World
from webapp.access import may
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.database import db, transaction

PEOPLE = (
    "admin",
    "auditor",
    "city.reviewer1",
    "yunxi.reviewer1",
    "province.officer1",
    "inspector1",
    "gongan.consultee",
    "yunxi.unit1.clerk",
)
PARAMETERS = (
    "q=%00&status=%00&process=%00&batch=%00&view=%00&role=%00&organisation=%00&kind=%00&region=%00&honour=%00",
    "q=%ed%a0%80%25_%5C&page=2&severity=x&status=x&batch=99999999999999999999&organisation=99999999999999999999",
    "page=99999&batch=99999999999&organisation=-1&role=administrator&until=9999-12-31&day=0001-01-01&year=99999",
    "list=%00%ff&done=x&case=99999999999999999999&next=%00&format=xlsx&inline=1&number=1e999&year=-1&at=%00",
)


@pytest.fixture
def dry(hostile_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with every commit of a request turned into a rollback, and faults that show themselves."""
    monkeypatch.setattr(db.session, "commit", db.session.rollback, raising=False)
    monkeypatch.setitem(hostile_app.config, "PROPAGATE_EXCEPTIONS", True)
    return hostile_app


def address(rule: Rule, world: World, task: str) -> str:
    """An address that the rule takes, of something that exists where the world has one."""
    known = {"instance_id": world.case.id, "batch_id": world.batch, "notice_id": world.notice, "task_id": task}
    known |= {"attachment_id": world.attachments["unit"], "document_id": world.notice}
    values: dict[str, Any] = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__
        if kind == "AnyConverter":
            values[name] = next(iter(converter.items))  # type: ignore[attr-defined]
        else:
            values[name] = known.get(name, 1 if kind == "IntegerConverter" else "publish_notice")
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule.rule
    return built[1]


def pages(app: Flask, world: World, method: str) -> list[tuple[str, str]]:
    """Address and permission of every page that takes the method."""
    task = world.case.read()["tasks"][0]["id"]
    return [
        (address(rule, world, task), getattr(app.view_functions[rule.endpoint], "__access__", ""))
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or set()) and not rule.endpoint.startswith("api.") and rule.endpoint != "static"
    ]


@pytest.mark.parametrize("username", PEOPLE)
def test_pages_open_for_whom_the_table_says(dry: Flask, world: World, username: str) -> None:
    client = browser(dry, username)
    person = world.office.person(username)
    with dry.app_context(), transaction() as session:
        actor = get_actor(session, user_id(session, person.username))
    for path, permission in pages(dry, world, "GET"):
        with client.get(path) as answer:
            allowed = permission == "public" or may(actor, permission)
            assert answer.status_code < 500 or path == "/readyz", path
            assert allowed or answer.status_code == 403, f"{path}: {answer.status_code}"


def user_id(session: Session, username: str) -> int:
    return int(session.scalars(select(User.id).where(User.username == username)).one())


@pytest.mark.parametrize("username", ["admin", "city.reviewer1"])
def test_pages_with_nonsense_in_their_address(dry: Flask, world: World, username: str) -> None:
    client = browser(dry, username)
    for path, _permission in pages(dry, world, "GET"):
        for parameters in PARAMETERS:
            with client.get(f"{path}?{parameters}") as answer:
                assert answer.status_code < 500 or path == "/readyz", f"{path}?{parameters}"


NONSENSE = ("", "\x00", "9" * 5000, "9999-99-99")
NAMES = (
    "reason",
    "name",
    "username",
    "password",
    "current",
    "new",
    "again",
    "roles",
    "organisation",
    "email",
    "mobile",
    "q",
    "tick",
    "version",
    "data",
    "outcome",
    "opinion",
    "answer",
    "batch",
    "honour",
    "title",
    "opens_on",
    "closes_on",
    "pass_mark",
    "region",
    "uscc",
    "since",
    "until",
    "instant",
    "days",
    "hours",
    "kind",
    "file",
    "contact",
    "text",
    "instance",
    "next",
    "list",
    "choice",
    "decision",
    "unit",
    "code",
    "year",
    "date",
    "working",
)


@pytest.mark.parametrize("username", ["admin", "city.reviewer1"])
def test_posts_of_nonsense(dry: Flask, world: World, username: str) -> None:
    client = browser(dry, username)
    token = csrf_of(client.get("/password"))
    for path, _permission in pages(dry, world, "POST"):
        if path == "/logout":
            continue
        for number, value in enumerate(NONSENSE):
            fields: MultiDict[str, Any] = MultiDict([("csrf_token", token), *((name, value) for name in NAMES)])
            if number % 3 == 0:
                fields.add("file", (BytesIO(b"PK\x03\x04" + b"\xff" * 50), "x.xlsx"))
            address = {"REMOTE_ADDR": f"10.77.{number}.{len(path)}"}
            with client.post(path, data=fields, environ_overrides=address) as answer:
                assert answer.status_code < 500, f"{path} {value!r:.40}"
