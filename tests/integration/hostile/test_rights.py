"""Who sees what of a case: within their region, of what is meant for them, and nothing of the objector."""

import io
import json
import re
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, select

from tests.factories.api_client import Person
from tests.factories.browsers import browser
from tests.integration.hostile.conftest import FINDINGS, OBJECTOR, OPINION, World
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.instances.models import Submission
from webapp.registry.models import Organisation
from webapp.tasks.following import follow_person
from webapp.tasks.models import TaskCandidate

CLERK, LEADER = "yunxi.unit1.clerk", "yunxi.unit1.leader"
SEES_ALL = ("yunxi.reviewer1", "city.reviewer1", "city.leader", "province.officer1", "inspector1", "auditor", "admin")
SEES_NOTHING = ("junshan.unit1.clerk", "yunxi.unit2.clerk", "junshan.reviewer1", "shuiwu.consultee", "citydirect.clerk")
ASKED = "gongan.consultee"


def status(person: Person, path: str) -> int:
    answer = person.http.get(f"/api/v1{path}", headers=person.headers)
    answer.close()
    return int(answer.status_code)


def places_of(world: World) -> list[str]:
    """Everything of the first case that has an address in the API."""
    tasks = world.office.person("city.reviewer1").get(f"/instances/{world.case.id}")["tasks"]
    return [
        f"/instances/{world.case.id}",
        f"/instances/{world.case.id}/history",
        f"/instances/{world.case.id}/outline",
        f"/tasks/{tasks[0]['id']}",
        f"/attachments/{world.attachments['unit']}",
    ]


@pytest.mark.parametrize("username", SEES_ALL)
def test_offices_above_see_the_whole_case(world: World, username: str) -> None:
    person = world.office.person(username)
    assert {path: status(person, path) for path in places_of(world)} == dict.fromkeys(places_of(world), 200)


@pytest.mark.parametrize("username", SEES_NOTHING)
def test_for_everybody_else_the_case_does_not_exist(world: World, username: str) -> None:
    person = world.office.person(username)
    assert {path: status(person, path) for path in places_of(world)} == dict.fromkeys(places_of(world), 404)
    assert world.case.id not in [item["id"] for item in person.get("/instances?per_page=100")["items"]]
    unit = world.case.read()["unit"]
    assert status(person, f"/units/{unit}") == 404
    assert person.get(f"/tasks?instance={world.case.id}")["items"] == []


@pytest.mark.parametrize("username", SEES_NOTHING)
def test_and_cannot_be_acted_on(world: World, username: str) -> None:
    person = world.office.person(username)
    task = world.case.read()["tasks"][0]
    for verb, body in (
        ("claim", {}),
        ("release", {}),
        ("draft", {"data": {}}),
        ("complete", {"data": {}, "version": 0}),
    ):
        person.post(f"/tasks/{task['id']}/{verb}", body, 404)
    bulk = person.post("/tasks/bulk", {"items": [{"id": task["id"], "version": 0}], "data": {}, "dry_run": True})
    assert bulk["items"][0]["status"] == "refused"
    assert "没有找到" in bulk["items"][0]["reasons"][0]


def test_seen_but_not_allowed_is_forbidden(world: World) -> None:
    task = world.case.read()["tasks"][0]
    for username in ("yunxi.reviewer1", CLERK, "inspector1", "auditor"):
        person = world.office.person(username)
        for verb, body in (("claim", {}), ("draft", {"data": {}}), ("complete", {"data": {}, "version": 0})):
            person.post(f"/tasks/{task['id']}/{verb}", body, 403)
        person.post(f"/tasks/{task['id']}/release", {}, 409)
    case = f"/instances/{world.case.id}"
    world.office.person("yunxi.reviewer1").post(f"{case}/suspend", {"reason": "x"}, 403)
    world.office.person("yunxi.reviewer1").post(f"{case}/withdraw", {"reason": "x"}, 403)
    world.office.person("city.reviewer1").post(f"{case}/retry", {}, 403)
    world.office.person("city.reviewer1").post("/instances", {"process": "declaration", "data": {}}, 403)
    world.office.person(CLERK).post("/batches", {"data": {}}, 403)
    world.office.person(CLERK).http.post("/api/v1/definitions/check", headers=world.office.person(CLERK).headers)


def everything(person: Person, world: World) -> str:
    """All that the API answers about the case, as one text."""
    case = person.get(f"/instances/{world.case.id}")
    tasks = [
        task["id"]
        for view in ("mine", "available", "done", "started")
        for task in person.get(f"/tasks?view={view}&per_page=100")["items"]
    ]
    tasks += [task["id"] for task in case["tasks"]]
    pages = [
        case,
        person.get(f"/instances/{world.case.id}/history"),
        person.get(f"/instances/{world.case.id}/outline"),
        *(person.get(f"/tasks/{task}") for task in dict.fromkeys(tasks)),
        person.get("/instances?per_page=100"),
        person.get(f"/public/notices/{world.notice}"),
        person.get(f"/batches/{world.batch}"),
    ]
    return json.dumps(pages, ensure_ascii=False)


def closed_tasks(app: Flask, world: World) -> list[str]:
    """The tasks that offices, inspectors and departments have done in the case."""
    with app.app_context(), transaction() as session:
        query = select(Submission.task_id).where(
            Submission.instance_id == world.case.id, Submission.element.not_like("%declaration")
        )
        return [str(task) for task in session.scalars(query)]


def read_pages(app: Flask, username: str, world: World) -> str:
    """All pages about the case that open for somebody, exports included, as one text."""
    client, found = browser(app, username), []
    addresses = [f"/instances/{world.case.id}", f"/instances/{world.case.id}/print", "/tasks", "/instances"]
    addresses += [f"/batches/{world.batch}", f"/public/notices/{world.notice}"]
    addresses += [f"/tasks/{task}" for task in closed_tasks(app, world)]
    addresses += [f"/tasks/{task['id']}" for task in world.case.read()["tasks"]]
    for address in addresses:
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code in {200, 403, 404}, address
        found.append(answer.text)
    for address in ("/instances/export", "/tasks/export?view=done", "/units/export"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        found += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    return "\n".join(found)


@pytest.mark.parametrize("username", [CLERK, LEADER])
def test_a_unit_reads_no_scores_findings_and_inner_opinions(hostile_app: Flask, world: World, username: str) -> None:
    person = world.office.person(username)
    for text in (everything(person, world), read_pages(hostile_app, username, world)):
        assert FINDINGS not in text
        assert OPINION not in text
        assert "测评员" not in re.sub(r"测评员甲|测评员乙", "", text)  # their acts stand in the timeline, no choices
    for task in closed_tasks(hostile_app, world):
        opened = person.get(f"/tasks/{task}")
        assert opened["data"] == {}
        assert (
            opened["form"] is None
            or "unit_name" in json.dumps(opened["form"])
            or opened["element"].startswith("attach")
        )
    data = person.get(f"/instances/{world.case.id}")["data"]
    assert not {"score", "opinions", "inspections", "drawn"} & data.keys()


def test_a_unit_reads_what_is_meant_for_it(world: World) -> None:
    items = world.office.person(CLERK).get(f"/instances/{world.case.id}/history")["items"]
    said = {item["element"]: item["comment"] for item in items if item["actor"]}
    assert said["review_county"]
    assert said["assess_county"]
    assert said["inspect_site"] is None
    assert said["consult_department"] is None
    acts = [item["act"] for item in items if item["element"] == "consult_department"]
    assert acts == ["object", "object"]


def test_an_office_reads_all_comments(world: World) -> None:
    items = world.office.person("yunxi.reviewer1").get(f"/instances/{world.case.id}/history")["items"]
    assert OPINION in [item["comment"] for item in items]


def test_a_consulted_department_reads_the_declaration_and_itself(hostile_app: Flask, world: World) -> None:
    person = world.office.person(ASKED)
    for text in (everything(person, world), read_pages(hostile_app, ASKED, world)):
        assert FINDINGS not in text
    items = person.get(f"/instances/{world.case.id}/history")["items"]
    own = person.get("/me")["organisation"]["name"]
    said = {item["organisation"]: item["comment"] for item in items if item["element"] == "consult_department"}
    assert said.pop(own) == OPINION
    assert set(said.values()) == {None}
    assert not {"score", "opinions", "inspections"} & person.get(f"/instances/{world.case.id}")["data"].keys()
    seen = {kind: status(person, f"/attachments/{id_}") for kind, id_ in world.attachments.items()}
    assert seen["unit"] == 200
    assert {seen[kind] for kind in seen if kind not in {"unit", "department"}} == {404}


def test_a_unit_opens_its_own_files_alone(world: World) -> None:
    assert {"unit", "inspector", "department", "office"} <= world.attachments.keys()
    clerk = world.office.person(CLERK)
    seen = {kind: status(clerk, f"/attachments/{id_}") for kind, id_ in world.attachments.items()}
    assert seen.pop("unit") == 200
    assert set(seen.values()) == {404}


def test_fresh_uploads_are_their_uploaders_alone(world: World) -> None:
    clerk = world.office.person(CLERK)
    fresh = clerk.upload()
    assert status(clerk, f"/attachments/{fresh}") == 200
    for username in (LEADER, "yunxi.reviewer1", "admin"):
        assert status(world.office.person(username), f"/attachments/{fresh}") == 404


def with_file(form: dict[str, Any], answers: dict[str, Any], number: int) -> str:
    """Put a file into the first file picker of a form; returns its key."""
    group, key = next(
        (group.get("path"), component["key"])
        for group in form["components"]
        for component in group.get("components", [])
        if component["type"] == "filepicker"
    )
    (answers[group] if group else answers)[key] = [number]
    return str(key)


@pytest.mark.parametrize("whose", ["unit", "inspector", "fresh"])
def test_files_of_others_cannot_be_taken_into_answers(world: World, whose: str) -> None:
    owner = world.office.person("inspector1" if whose == "inspector" else CLERK)
    number = owner.upload() if whose == "fresh" else world.attachments[whose]
    thief, task = world.other.who("fill_declaration")
    answers = thief.answers(task["form"])
    key = with_file(task["form"], answers, number)
    refusal = thief.post(f"/tasks/{task['id']}/complete", {"data": answers, "version": task["version"]}, 422)
    assert any(key in error["path"] for error in refusal["errors"])
    thief.post(f"/tasks/{task['id']}/draft", {"data": answers})
    assert status(thief, f"/attachments/{number}") == 404
    assert status(owner, f"/attachments/{number}") == 200


@pytest.mark.parametrize(
    "username", [CLERK, "yunxi.reviewer1", "province.officer1", "inspector1", "auditor", "admin", ASKED, "designer"]
)
def test_the_objector_is_known_to_the_deciding_office_alone(hostile_app: Flask, world: World, username: str) -> None:
    person = world.office.person(username)
    if username == "designer":
        text = json.dumps(person.get(f"/instances/{world.case.id}"), ensure_ascii=False)
    else:
        text = everything(person, world)
    text += read_pages(hostile_app, username, world)
    assert OBJECTOR["name"] not in text
    assert OBJECTOR["contact"] not in text


def test_the_deciding_office_reads_the_objection(hostile_app: Flask, world: World) -> None:
    person, task = world.case.who("settle_objection")
    assert OBJECTOR["text"] in browser(hostile_app, person.username).get(f"/tasks/{task['id']}").text


def test_whoever_stands_in_for_the_deciding_office_reads_the_objection(hostile_app: Flask, world: World) -> None:
    task, username = world.case.read()["tasks"][0]["id"], "province.officer2"
    with hostile_app.app_context(), transaction() as session:
        user = session.scalars(select(User.id).where(User.username == username)).one()
        row = TaskCandidate(task_id=UUID(task), user_id=user, reason="office_above", is_open=True)
        session.add(row)
    try:
        assert OBJECTOR["text"] in browser(hostile_app, username).get(f"/tasks/{task}").text
    finally:
        with hostile_app.app_context(), transaction() as session:
            session.execute(delete(TaskCandidate).where(TaskCandidate.user_id == user))
    assert OBJECTOR["text"] not in browser(hostile_app, username).get(f"/tasks/{task}").text


def test_the_audit_log_does_not_know_from_where_somebody_objected(hostile_app: Flask, world: World) -> None:
    client, path = hostile_app.test_client(), f"/api/v1/public/notices/{world.notice}/objections"
    here = {"REMOTE_ADDR": "203.0.113.77"}
    known = world.office.person(CLERK).headers
    for headers in ({}, known):
        nowhere = "/api/v1/public/notices/0/objections"
        refused = client.post(nowhere, json=OBJECTOR, environ_overrides=here, headers=headers)
        assert refused.status_code == 404
    taken = client.post(path, json=OBJECTOR | {"instance": world.case.id}, environ_overrides=here)
    assert taken.status_code == 201
    with hostile_app.app_context(), transaction() as session:
        acts = ("objection.raise", "post api.raise_objection")
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act.in_(acts))).all()
    assert {entry.act for entry in entries} == set(acts)
    assert [entry.id for entry in entries if not (entry.address or "").startswith("anonymous:")] == []
    assert [entry.id for entry in entries if entry.actor_id is not None] == []


def test_the_public_sees_no_objector(hostile_app: Flask, world: World) -> None:
    client = hostile_app.test_client()
    for address in ("/public", f"/public/notices/{world.notice}", f"/api/v1/public/notices/{world.notice}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert OBJECTOR["name"] not in answer.text
        assert OBJECTOR["text"] not in answer.text


def test_nothing_without_a_token(hostile_app: Flask, world: World) -> None:
    client = hostile_app.test_client()
    for path in (
        *places_of(world),
        "/me",
        "/tasks",
        "/instances",
        "/units",
        "/batches",
        "/definitions",
        "/calendar/due",
    ):
        answer = client.get(f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert answer.mimetype == "application/problem+json"


def test_units_are_listed_within_the_subtree(world: World) -> None:
    def regions(username: str, extra: str = "") -> set[Any]:
        items = world.office.person(username).get(f"/units?per_page=100{extra}")["items"]
        return {item["region"] for item in items}

    assert regions("yunxi.reviewer1") - {None} == {world.office.person("yunxi.reviewer1").get("/me")["region"]["code"]}
    junshan = world.office.person("junshan.reviewer1").get("/me")["region"]["code"]
    assert regions("yunxi.reviewer1", f"&region={junshan}") == set()
    mine = world.office.person(CLERK).get("/units?per_page=100")["items"]
    assert [unit["id"] for unit in mine] == [world.office.person(CLERK).get("/me")["organisation"]["id"]]


def test_documents_of_offices_are_not_for_units(hostile_app: Flask, world: World) -> None:
    assert browser(hostile_app, CLERK).get(f"/documents/{world.notice}").status_code == 404
    assert browser(hostile_app, "city.reviewer1").get(f"/documents/{world.notice}").status_code == 200


def test_a_right_stays_behind_with_the_post(hostile_app: Flask, world: World) -> None:
    """Somebody who changes to another body takes no cases along."""
    with hostile_app.app_context(), transaction() as session:
        user = session.scalars(select(User).where(User.username == LEADER)).one()
        before = user.organisation_id
        other = session.scalars(
            select(Organisation.id)
            .join(User, User.organisation_id == Organisation.id)
            .where(User.username == "junshan.unit1.clerk")
        ).one()
        user.organisation_id = other
        session.flush()
        follow_person(session, user.id)
    try:
        person = world.office.person(LEADER)
        assert {path: status(person, path) for path in places_of(world)} == dict.fromkeys(places_of(world), 404)
    finally:
        with hostile_app.app_context(), transaction() as session:
            user = session.scalars(select(User).where(User.username == LEADER)).one()
            user.organisation_id = before
            session.flush()
            follow_person(session, user.id)
