"""Each refusal has its status and says what to do: too late, not yours, changed meanwhile, wrong where."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from psycopg.errors import DeadlockDetected
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from tests.factories.api_client import Case, Person
from tests.factories.browsers import browser
from tests.integration.hostile.conftest import World
from webapp import clock
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.instances import queries
from webapp.registry.models import Organisation, Region
from webapp.tasks.following import follow_person


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    """A declaration that its unit fills in; withdrawn afterwards."""
    clerk = world.office.person("junshan.unit2.clerk")
    made = Case(world.office, clerk, batch=str(world.batch), honour="city")
    yield made
    if made.read()["status"] in {"running", "suspended"}:
        if made.read()["status"] == "suspended":
            world.office.person("city.reviewer1").post(f"/instances/{made.id}/resume", {"reason": "x"})
        clerk.post(f"/instances/{made.id}/withdraw", {"reason": "x"})


def own_task(case: Case) -> dict[str, object]:
    task = case.clerk.find_task(case.id)
    assert task is not None
    return task


def test_a_stale_version_is_a_conflict_that_says_the_present_one(case: Case) -> None:
    task = own_task(case)
    refusal = case.clerk.post(f"/tasks/{task['id']}/complete", {"data": {}, "version": 41}, 409)
    assert refusal["current_version"] == task["version"]
    assert "重新打开" in refusal["detail"]


def test_a_task_that_is_done_says_by_whom_and_what(case: Case, world: World) -> None:
    task = own_task(case)
    case.do("fill_declaration")
    leader = world.office.person("junshan.unit2.leader")
    for person in (case.clerk, leader):
        refusal = person.post(f"/tasks/{task['id']}/complete", {"data": {}, "version": task["version"]}, 409)
        assert "文明专干" in refusal["detail"]
        person.post(f"/tasks/{task['id']}/claim", {}, 409)
        person.post(f"/tasks/{task['id']}/draft", {"data": {}}, 409)


def test_a_task_that_somebody_holds(case: Case, world: World) -> None:
    task, leader = own_task(case), world.office.person("junshan.unit2.leader")
    leader.post(f"/tasks/{task['id']}/claim")
    for verb, body in (
        ("claim", {}),
        ("release", {}),
        ("draft", {"data": {}}),
        ("complete", {"data": {}, "version": 0}),
    ):
        case.clerk.post(f"/tasks/{task['id']}/{verb}", body, 409)
    assert {"release", "complete", "draft"} <= set(leader.get(f"/tasks/{task['id']}")["actions"])
    assert not {"claim", "release", "complete", "draft"} & set(case.clerk.get(f"/tasks/{task['id']}")["actions"])
    leader.post(f"/tasks/{task['id']}/release")
    leader.post(f"/tasks/{task['id']}/release", {}, 409)
    case.clerk.post(f"/tasks/{task['id']}/claim")


def test_a_suspended_case_stands_still(case: Case, world: World) -> None:
    task, city = own_task(case), world.office.person("city.leader")
    path = f"/instances/{case.id}"
    city.post(f"{path}/suspend", {"reason": ""}, 422)
    city.post(f"{path}/suspend", {"reason": "核查"})
    city.post(f"{path}/suspend", {"reason": "核查"}, 409)
    body = {"data": case.clerk.answers(task["form"]), "version": task["version"]}
    refused = case.clerk.http.post(f"/api/v1/tasks/{task['id']}/complete", json=body, headers=case.clerk.headers)
    assert refused.status_code == 409
    assert "挂起" in refused.get_json()["detail"]
    case.clerk.post(f"{path}/withdraw", {"reason": "x"}, 409)
    city.post(f"{path}/resume", {"reason": "核查完毕"})
    assert case.open_steps() == ["fill_declaration"]


def test_a_trial_of_many_is_only_a_trial(case: Case) -> None:
    items = [{"id": own_task(case)["id"], "version": 0}]
    for value in ("false", "true", 0, 1, [], {}):
        refusal = case.clerk.post("/tasks/bulk", {"items": items, "data": {}, "dry_run": value}, 422)
        assert refusal["errors"][0]["path"] == "dry_run"
    found = case.clerk.post("/tasks/bulk", {"items": items * 2, "data": {}, "dry_run": True})
    assert [row["status"] for row in found["items"]] == ["refused", "refused"]
    assert "逐件办理" in found["items"][0]["reasons"][0]


def test_refused_attempts_stand_in_the_audit_log(hostile_app: Flask, case: Case, world: World) -> None:
    stranger = world.office.person("yunxi.unit2.leader")
    path = f"/tasks/{own_task(case)['id']}/complete"
    stranger.post(path, {"data": {}, "version": 0}, 404)
    with hostile_app.app_context(), transaction() as session:
        query = select(AuditEntry).where(AuditEntry.refused, AuditEntry.subject == f"/api/v1{path}")
        entry = session.scalars(query).one()
        user = session.scalars(select(User.id).where(User.username == stranger.username)).one()
        assert (entry.actor_id, entry.act) == (user, "post api.complete_task")
        assert "没有找到" in (entry.after or {})["reason"]


def test_two_who_waited_for_each_other_are_told_to_try_again(
    hostile_app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_in_a_ring(*_arguments: object) -> None:
        raise OperationalError("UPDATE", {}, DeadlockDetected("deadlock detected"))

    monkeypatch.setattr(queries, "list_instances", wait_in_a_ring)
    assert "重试" in world.office.person("admin").get("/instances", 409)["detail"]


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    hostile_app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(queries, "list_instances", break_down)
    for client, path in (
        (world.office.person("admin").http, "/api/v1/instances"),
        (browser(hostile_app, "admin"), "/instances"),
    ):
        answer = client.get(path, headers=world.office.person("admin").headers)
        assert answer.status_code == 500
        assert "没有生效" in answer.text
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


def test_input_errors_name_their_fields(case: Case) -> None:
    task = own_task(case)
    answers = case.clerk.answers(task["form"]) | {"unknown": 1}
    refusal = case.clerk.post(f"/tasks/{task['id']}/complete", {"data": answers, "version": task["version"]}, 422)
    assert [(error["path"], error["code"]) for error in refusal["errors"]] == [("unknown", "unknown_field")]
    refusal = case.clerk.post(f"/tasks/{task['id']}/complete", {"data": {}, "version": task["version"]}, 422)
    assert len(refusal["errors"]) > 5
    assert all(error["path"] and error["code"] and error["message"] for error in refusal["errors"])
    assert case.open_steps() == ["fill_declaration"]


def test_a_reason_is_as_long_as_the_box_on_the_page_takes(case: Case) -> None:
    refusal = case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "撤" * 1001}, 422)
    assert refusal["errors"] == [
        {"path": "reason", "code": "too_long", "message": "reason 不超过 1000 字，现在有 1001 字。"}
    ]
    case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "撤" * 1000})


def test_ids_that_nobody_has(world: World) -> None:
    person: Person = world.office.person("city.reviewer1")
    for verb, body in (
        ("claim", {}),
        ("release", {}),
        ("draft", {"data": {}}),
        ("complete", {"data": {}, "version": 0}),
    ):
        person.post(f"/tasks/{uuid4()}/{verb}", body, 404)
    for verb in ("suspend", "resume"):
        person.post(f"/instances/999999/{verb}", {"reason": "x"}, 404)
    world.office.person("admin").post("/instances/999999/retry", {}, 404)
    person.get("/batches/999999", 404)


def test_a_city_of_another_province_sees_nothing(hostile_app: Flask, world: World) -> None:
    with hostile_app.app_context(), transaction() as session:
        elsewhere = session.scalars(
            select(Region.code).where(Region.level == "city", ~Region.path.startswith("430000"))
        ).first()
        if elsewhere is None:
            session.add(Region(code="990000", name="别省", parent_code=None, level="province", path="990000"))
            session.flush()
            session.add(Region(code="990100", name="别市", parent_code="990000", level="city", path="990000/990100"))
            session.flush()
            elsewhere = "990100"
        row = {"name": "别市文明办", "kind": "office", "region_code": elsewhere, "created_at": clock.real_now()}
        office = session.execute(insert(Organisation).values(row).returning(Organisation.id)).scalar_one()
        user = session.scalars(select(User).where(User.username == "city.reviewer2")).one()
        number, before = user.id, user.organisation_id
        session.execute(update(User).where(User.id == number).values(organisation_id=office))
        follow_person(session, number)
    try:
        stranger = world.office.person("city.reviewer2")
        for path in (f"/instances/{world.case.id}", f"/instances/{world.case.id}/history", f"/batches/{world.batch}"):
            stranger.get(path, 404)
        stranger.get(f"/units/{world.case.read()['unit']}", 404)
        for collection in ("instances", "units", "batches"):
            assert stranger.get(f"/{collection}")["items"] == []
        for verb in ("suspend", "resume"):
            stranger.post(f"/instances/{world.case.id}/{verb}", {"reason": "x"}, 404)
        form = stranger.get("/batches/form")["form"]
        departments = [c for g in form["components"] for c in g.get("components", []) if c.get("key") == "departments"]
        assert departments[0]["values"] == []
    finally:
        with hostile_app.app_context(), transaction() as session:
            session.execute(update(User).where(User.id == number).values(organisation_id=before))
            follow_person(session, number)
