"""The OpenAPI document names every call, and what it says of answers is true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.api_client import Person
from tests.integration.hostile.conftest import OBJECTOR, World

TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


@pytest.fixture(scope="module")
def document(hostile_app: Flask) -> dict[str, Any]:
    answer = hostile_app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def walk(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any, place: str = "") -> list[str]:
    """Where a value is not what its schema says: as much of JSON Schema as the document uses."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        found = [faults(document, one, value, place) for one in schema["anyOf"]]
        return [] if [] in found else found[0]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{place}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is not in {schema['enum']}"]
    also = [fault for one in schema.get("allOf", []) for fault in faults(document, one, value, place)]
    return also + list(inner_faults(document, schema, value, place))


def inner_faults(document: dict[str, Any], schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{place}.{name} is missing" for name in schema.get("required", []) if name not in value)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from faults(document, inner, value[name], f"{place}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(document, schema.get("items", {}), item, f"{place}.{number}")


def test_every_call_is_named_once(hostile_app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in hostile_app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = [(path, method) for path, method, _operation in operations(document)]
    assert set(named) == routes
    ids = [operation["operationId"] for _path, _method, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_the_document_is_whole(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"].keys() >= {"title", "version"}
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert {part["$ref"] for part in walk(document) if isinstance(part, dict) and "$ref" in part} <= known
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert {p["name"] for p in operation["parameters"] if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        assert "default" in operation["responses"], where
        assert all("description" in response for response in operation["responses"].values()), where


def test_every_answer_has_a_schema(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        status = next(code for code in operation["responses"] if code != "default")
        if status != "204" and path != "/openapi.json":
            assert "content" in operation["responses"][status], f"{method} {path}"


def pairing_ids(city: Person) -> dict[str, int]:
    """The programme of the demonstration, a matching that waits, and a proposal."""
    programme = city.get("/pairings/programmes")["items"][0]["id"]
    unit = city.get(f"/pairings/programmes/{programme}")["units"][0]["unit"]
    helper = city.get("/pairings/helpers")["items"][0]["id"]
    made = city.post("/pairings/propose", {"programme": programme, "helper": helper, "helped": unit}, 201)
    run = city.post("/pairings/propose", {"programme": programme}, 202)["matching"]["id"]
    return {"programme_id": programme, "pairing_id": made["id"], "matching_id": run}


def test_answers_are_what_the_document_says(world: World, document: dict[str, Any]) -> None:
    office = world.office
    reviewer, task = world.case.who("settle_objection")
    unit = world.case.read()["unit"]
    ids = {
        "instance_id": world.case.id,
        "task_id": task["id"],
        "batch_id": world.batch,
        "unit_id": unit,
        "notice_id": world.notice,
        "call_id": 1,
        "plan_id": 1,
        "hand_over_id": 1,
    }
    ids |= pairing_ids(office.person("city.reviewer1"))
    asked = 0
    for path, method, operation in operations(document):
        response = operation["responses"].get("200", {}).get("content", {}).get("application/json")
        if method != "get" or response is None:
            continue
        address = path.format(**ids) + ("?start=2021-04-25&working_days=3" if path == "/calendar/due" else "")
        for person in (reviewer, office.person("yunxi.unit1.clerk")):
            answer = person.http.get(f"/api/v1{address}", headers=person.headers)
            if answer.status_code == 200:
                asked += 1
                assert faults(document, response["schema"], answer.get_json(), address) == []
    assert asked > 20


def test_problems_are_what_the_document_says(world: World, document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["Problem"]
    person = world.office.person("yunxi.unit1.clerk")
    for path, body, status in (
        ("/tokens", {"username": "x"}, 422),
        ("/tokens", [], 400),
        ("/instances", {"process": "declaration", "data": {}}, 422),
        ("/instances/0/withdraw", {"reason": "x"}, 404),
        (f"/public/notices/{world.notice}/objections", OBJECTOR | {"text": ""}, 422),
    ):
        assert faults(document, schema, person.post(path, body, status)) == []
