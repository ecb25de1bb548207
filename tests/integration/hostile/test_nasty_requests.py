"""Whatever a client sends, the API says in a problem document what is wrong with it, and never fails itself."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.integration.hostile.conftest import World
from webapp.database import db

NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "９９",
    "9" * 5000,
    "1e999",
    "长" * 70_000,
    "=1+1",
    "{{7*7}}<script>alert(1)</script>",
    [],
    [[]],
    {},
    {"$ne": None},
    [{"id": {}}],
    ["x"] * 300,
)
IDS = (
    "0",
    "-1",
    "1e999",
    "2147483648",
    "99999999999999999",
    "99999999999999999999",
    "%00",
    "１２",
    "a" * 2000,
    "00000000-0000-0000-0000-000000000000",
    "form",
    "..%2f..%2fetc",
    "%ed%a0%80",
)
ACTORS = {
    "instances.start": "yunxi.unit1.clerk",
    "instances.withdraw": "yunxi.unit1.clerk",
    "definitions.check": "designer",
    "instances.repair": "admin",
    "tasks.work": "junshan.unit1.clerk",
}
GOOD = {
    "create_token": {"username": "admin", "password": "x"},
    "start_instance": {"process": "declaration", "data": {}},
    "complete_many": {"items": [{"id": "00000000-0000-0000-0000-000000000000", "version": 0}], "data": {}},
    "save_filter": {"name": "x", "state": {}},
    "extend_task": {"version": 0, "reason": "延期", "working_days": 1},
    "raise_objection": {"name": "张某", "contact": "1", "text": "反映情况"},
}


@pytest.fixture
def dry(hostile_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with every commit of a request turned into a rollback, and faults that show themselves."""
    monkeypatch.setattr(db.session, "commit", db.session.rollback, raising=False)
    monkeypatch.setitem(hostile_app.config, "PROPAGATE_EXCEPTIONS", True)
    return hostile_app


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Method, rule and endpoint of everything under ``/api``."""
    return [
        (method, rule.rule, rule.endpoint.removeprefix("api."))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


class Asker:
    """Asks with the rights that a route needs and checks the shape of every answer."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world, self.count = app, world, 0
        task = world.other.clerk.get(f"/tasks?view=available&instance={world.other.id}")["items"][0]
        self.task = task["id"]

    def path(self, rule: str) -> str:
        ids = {
            "<task_id>": self.task,
            "<instance_id>": str(self.world.case.id),
            "<attachment_id>": str(self.world.attachments["unit"]),
            "<batch_id>": str(self.world.batch),
            "<notice_id>": str(self.world.notice),
            "<unit_id>": "1",
        }
        for name, value in ids.items():
            rule = rule.replace(name, value)
        return re.sub("<[a-z_]+>", "1", rule)

    def ask(self, method: str, path: str, endpoint: str, **content: Any) -> TestResponse:
        permission = getattr(self.app.view_functions[f"api.{endpoint}"], "__access__", "")
        person = self.world.office.person(ACTORS.get(permission, "city.reviewer1"))
        self.count += 1
        address = {"REMOTE_ADDR": f"10.{self.count >> 16}.{self.count >> 8 & 255}.{self.count & 255}"}
        headers = person.headers if endpoint != "delete_token" else {"Authorization": "Bearer none"}
        answer = person.http.open(path, method=method, headers=headers, environ_overrides=address, **content)
        check(answer, f"{method} {path[:200]} {str(content)[:200]}")
        answer.close()
        return answer


def check(answer: TestResponse, question: str) -> None:
    """Below 500, and every refusal is a problem document in Chinese."""
    assert answer.status_code < 500, question
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json", question
        problem = answer.get_json()
        assert problem["status"] == answer.status_code, question
        assert problem["title"], question
        assert any("\u4e00" <= c <= "\u9fff" for c in problem["detail"]), question
    if answer.status_code == 422:
        assert all(error["path"] is not None and error["message"] for error in answer.get_json()["errors"]), question


def test_bodies_that_are_no_object(dry: Flask, world: World) -> None:
    asker = Asker(dry, world)
    raw = [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe\x00",
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b'{"data":' * 3000 + b"1" + b"}" * 3000,
        b'{"data":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
        b'{"data":1e999}',
        b'{"version":' + b"9" * 5000 + b"}",
        b'{"text":"\\ud800"}',
        json.dumps({"\x00": 1}).encode(),
        b'{"\\ud800":1}',
    ]
    for method, rule, endpoint in routes(dry):
        if method in {"POST", "PUT"} and endpoint not in {"check_definition"}:
            for data in raw:
                answer = asker.ask(method, asker.path(rule), endpoint, data=data, content_type="application/json")
                assert 400 <= answer.status_code < 500 or endpoint in {"claim_task", "release_task", "retry_instance"}


def keys_of_bodies(app: Flask) -> dict[str, list[str]]:
    """What the body of each operation may hold, as the published description says."""
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    return {
        operation["operationId"]: list(body_of(operation).get("properties", {}))
        for operations in document["paths"].values()
        for operation in operations.values()
    }


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def test_wrong_types_for_every_key(dry: Flask, world: World) -> None:
    asker, keys = Asker(dry, world), keys_of_bodies(dry)
    assert "over_cap" in keys["change_quota_settings"]
    for method, rule, endpoint in routes(dry):
        if method not in {"POST", "PUT"} or endpoint == "check_definition":
            continue
        some = NASTY[::4] if endpoint in {"create_token", "change_password"} else NASTY
        for key in keys[endpoint]:
            for value in some:
                body = json.dumps(GOOD.get(endpoint, {}) | {key: value})
                asker.ask(method, asker.path(rule), endpoint, data=body, content_type="application/json")


def test_ids_that_are_none(dry: Flask, world: World) -> None:
    asker = Asker(dry, world)
    for method, rule, endpoint in routes(dry):
        if "<" not in rule:
            continue
        for text in IDS:
            path = rule[: rule.index("<")] + text + rule[rule.index(">") + 1 :]
            answer = asker.ask(method, path, endpoint, json={} if method != "GET" else None)
            if text != "form":
                assert answer.status_code in {400, 404, 405, 422}, f"{method} {path[:100]}: {answer.status_code}"


PARAMETERS = (
    "page=0",
    "page=-1",
    "page=x",
    "page=00000000001999999999999999999999999",
    "page=99999",
    "per_page=0",
    "per_page=1000",
    "per_page=00000000010000000000000000000000000000000",
    "per_page=1&page=1",
    "q=%00",
    "q=%ed%a0%80",
    "q=%25%5F%5C",
    "q=" + "x" * 20_000,
    "status=%00",
    "status=none",
    "process=%00",
    "region=%00",
    "region=x",
    "view=%00",
    "view=nothing",
    "view=cc",
    "severity=x",
    "instance=99999999999999999",
    "instance=99999999999999999999",
    "instance=%00",
    "batch=99999999999999999",
    "batch=99999999",
    "element=%00",
    "start=0001-01-01&working_days=1",
    "start=9999-12-31&working_days=1",
    "start=9999-12-31&calendar_days=1",
    "start=2021-04-25&working_days=0000019999999",
    "start=2021-04-25&working_days=3660",
    "start=2021-04-25&calendar_days=-1",
    "start=2021-04-25T00:00:00%2B23:59&working_days=1",
    "start=9999-12-31T23:59:59-12:00&calendar_days=0",
    "start=2021-W01-1&working_days=1",
    "start=%00&working_days=1",
    "start=2021-04-25&working_days=1&calendar_days=1",
    "unknown=1",
)


def takes_parameters(rule: str) -> bool:
    return "<" not in rule and not rule.endswith(("/me", "/form", "/definitions"))


def test_query_parameters(dry: Flask, world: World) -> None:
    asker = Asker(dry, world)
    for method, rule, endpoint in routes(dry):
        if method == "GET" and endpoint != "openapi":
            for parameters in PARAMETERS if takes_parameters(rule) else PARAMETERS[:2]:
                asker.ask(method, f"{asker.path(rule)}?{parameters}", endpoint)


def test_headers(dry: Flask, world: World) -> None:
    client = dry.test_client()
    values = ("Bearer", "Bearer ", "Bearer \xff\xfe", "Basic YTpi", "bearer " + "x" * 5000, "\x01", "Bearer a b c")
    for value in values:
        answer = client.get("/api/v1/me", headers={"Authorization": value})
        assert answer.status_code == 401
        check(answer, value)


def test_addresses_and_methods_that_do_not_exist(dry: Flask, world: World) -> None:
    client = dry.test_client()
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/me", 404),
        ("GET", "/api/", 404),
        ("PATCH", "/api/v1/me", 405),
        ("DELETE", "/api/v1/instances", 405),
    ):
        answer = client.open(path, method=method)
        assert answer.status_code == status
        check(answer, path)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))


def with_leaf(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    """A copy of a JSON value with one place exchanged."""
    if not path:
        return leaf
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_leaf(value[path[0]], path[1:], leaf)
    return copy


IN_FIELDS = {
    "complete": (
        None,
        True,
        -1,
        10**400,
        float("nan"),
        "",
        "\x00",
        "９９",
        "9" * 5000,
        [],
        {},
        [{"id": {}}],
        ["x"] * 300,
    ),
    "draft": (2**63, float("inf"), "\ud800", {"$ne": None}),
}


@pytest.mark.parametrize("verb", ["complete", "draft"])
def test_every_field_of_an_open_form(dry: Flask, world: World, verb: str) -> None:
    """What passes is rolled back, so that each value meets the same task."""
    settler, task = world.case.who("settle_objection")
    clerk, own = world.other.who("fill_declaration")
    for person, opened in ((settler, task), (clerk, own)):
        answers = person.answers(opened["form"])
        for path in leaves(answers):
            for value in IN_FIELDS[verb]:
                body = {"data": with_leaf(answers, path, value)} | (
                    {"version": opened["version"]} if verb == "complete" else {}
                )
                answer = person.http.post(
                    f"/api/v1/tasks/{opened['id']}/{verb}",
                    data=json.dumps(body),
                    headers=person.headers,
                    content_type="application/json",
                )
                check(answer, f"{path} {value!r:.100}")
                assert answer.status_code in {200, 400, 422}, f"{path} {value!r:.100} {answer.get_json()}"
