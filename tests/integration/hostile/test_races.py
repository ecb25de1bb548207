"""Two at once: one of them is first, the other is told what became of it, nothing happens twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from tests.factories.api_client import Case, Person, full_scores
from tests.factories.batches import plain_batch
from tests.factories.held_rows import holding, meet, wait_for
from tests.integration.hostile.conftest import World
from webapp import clock
from webapp.database import transaction
from webapp.declaration import beginning
from webapp.declaration.places import take_place
from webapp.declaration.services import release_quota
from webapp.instances.models import HistoryEntry, Instance, Submission
from webapp.instances.running import lock_instance
from webapp.instances.timers import fire_due
from webapp.notices.models import Objection
from webapp.quotas.models import Quota, QuotaPlan
from webapp.tasks.models import Task, TaskCandidate

CLERK, LEADER = "yunxi.unit1.clerk", "yunxi.unit1.leader"


@pytest.fixture(scope="module")
def new_batch(world: World) -> Callable[..., int]:
    """Opens batches that ask nobody and draw nobody unless told otherwise."""
    numbers = count(1)

    def make(**settings: Any) -> int:
        city = world.office.person("city.reviewer1")
        form = city.get("/batches/form")["form"]
        honours = [c for g in form["components"] for c in g["components"] if c.get("key") == "honours"]
        values = [choice["value"] for choice in honours[0]["values"]]
        data = plain_batch(f"并发 {next(numbers)}", f"第{next(numbers)}届", values, settings)
        return int(city.post("/batches", {"data": data}, 201)["id"])

    return make


@pytest.fixture
def declare(world: World, new_batch: Callable[..., int]) -> Callable[..., Case]:
    def make(clerk: str = CLERK, batch: int | None = None, honour: str = "city", **settings: Any) -> Case:
        number = new_batch(**settings) if batch is None else batch
        return Case(world.office, world.office.person(clerk), batch=str(number), honour=honour)

    return make


def posting(person: Person, path: str, body: Any) -> Callable[[], tuple[int, Any]]:
    """A request to be made by a thread of its own."""

    def ask() -> tuple[int, Any]:
        answer = person.http.application.test_client().post(f"/api/v1{path}", json=body, headers=person.headers)
        return answer.status_code, answer.get_json()

    return ask


def completing(person: Person, task: dict[str, Any], **chosen: Any) -> Callable[[], tuple[int, Any]]:
    body = {"data": person.answers(task["form"], **chosen), "version": task["version"]}
    return posting(person, f"/tasks/{task['id']}/complete", body)


def number_of(app: Flask, *conditions: Any) -> int:
    with app.app_context(), transaction() as session:
        return session.scalar(select(func.count()).where(*conditions)) or 0


def test_two_complete_the_same_task(hostile_app: Flask, world: World, declare: Callable[..., Case]) -> None:
    case = declare()
    people = [world.office.person(name) for name in (CLERK, LEADER)]
    tasks = [person.find_task(case.id, "fill_declaration") for person in people]
    results = meet(hostile_app, "instances", case.id, *(completing(p, t) for p, t in zip(people, tasks, strict=True)))
    assert sorted(status for status, _answer in results) == [200, 409]
    loser = next(answer for status, answer in results if status == 409)
    assert "您的内容没有提交" in loser["detail"]
    assert "办理" in loser["detail"]
    assert number_of(hostile_app, Submission.instance_id == case.id) == 1
    assert number_of(hostile_app, HistoryEntry.instance_id == case.id, HistoryEntry.element == "fill_declaration") == 1
    assert case.open_steps() == ["attach_sealed_form"]


def test_one_sends_the_same_decision_twice(hostile_app: Flask, world: World, declare: Callable[..., Case]) -> None:
    case = declare()
    person, task = case.who("fill_declaration")
    twice = completing(person, task)
    results = meet(hostile_app, "instances", case.id, twice, twice)
    assert sorted(status for status, _answer in results) == [200, 409]
    assert number_of(hostile_app, Submission.instance_id == case.id) == 1


def test_two_claim_the_same_task(hostile_app: Flask, world: World, declare: Callable[..., Case]) -> None:
    case = declare()
    people = [world.office.person(name) for name in (CLERK, LEADER)]
    task = case.read()["tasks"][0]["id"]
    results = meet(hostile_app, "tasks", task, *(posting(person, f"/tasks/{task}/claim", {}) for person in people))
    assert sorted(status for status, _answer in results) == [200, 409]
    assert "其他人领取" in next(answer["detail"] for status, answer in results if status == 409)


def test_somebody_claims_while_another_completes(
    hostile_app: Flask, world: World, declare: Callable[..., Case]
) -> None:
    case = declare()
    clerk, leader = world.office.person(CLERK), world.office.person(LEADER)
    task = clerk.find_task(case.id, "fill_declaration")
    assert task is not None
    decide = completing(clerk, task)
    with ThreadPoolExecutor(1) as pool:
        with holding(hostile_app, "instances", case.id) as connection:
            running = pool.submit(decide)
            wait_for(connection, 1)
            leader.post(f"/tasks/{task['id']}/claim", {})
        status, answer = running.result()
    assert status == 409
    assert "领取" in answer["detail"]
    assert number_of(hostile_app, Submission.instance_id == case.id) == 0
    assert case.open_steps() == ["fill_declaration"]


def test_one_withdraws_while_another_completes(hostile_app: Flask, world: World, declare: Callable[..., Case]) -> None:
    case = declare()
    clerk, leader = world.office.person(CLERK), world.office.person(LEADER)
    task = clerk.find_task(case.id, "fill_declaration")
    assert task is not None
    withdraw = posting(leader, f"/instances/{case.id}/withdraw", {"reason": "并发撤回"})
    completed, withdrawn = meet(hostile_app, "instances", case.id, completing(clerk, task), withdraw)
    assert withdrawn[0] == 200
    assert completed[0] in {200, 409}
    assert case.ending()[0] == "withdrawn"
    assert number_of(hostile_app, Task.instance_id == case.id, Task.status == "open") == 0
    assert number_of(hostile_app, Submission.instance_id == case.id) == int(completed[0] == 200)
    open_candidates = (TaskCandidate.task_id == Task.id, Task.instance_id == case.id, TaskCandidate.is_open)
    assert number_of(hostile_app, *open_candidates) == 0


def test_two_withdraw(hostile_app: Flask, world: World, declare: Callable[..., Case]) -> None:
    case = declare()
    people = [world.office.person(name) for name in (CLERK, LEADER)]
    path = f"/instances/{case.id}/withdraw"
    results = meet(hostile_app, "instances", case.id, *(posting(p, path, {"reason": "撤回"}) for p in people))
    assert sorted(status for status, _answer in results) == [200, 409]


def test_the_same_declaration_started_by_many(hostile_app: Flask, world: World, new_batch: Callable[..., int]) -> None:
    batch = str(new_batch())
    start = {"process": "declaration", "data": {"batch": batch, "honour": "city"}}
    line = threading.Barrier(6)

    def begin(person: Person) -> int:
        line.wait()
        return int(posting(person, "/instances", start)()[0])

    people = [world.office.person(name) for name in (CLERK, LEADER)] * 3
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(begin, people))
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {409, 422}
    assert number_of(hostile_app, Instance.batch_id == int(batch)) == 1


def test_the_database_refuses_a_second_running_declaration(
    hostile_app: Flask, world: World, declare: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the check in front of it cannot see: somebody else's start that is not committed yet."""
    case = declare()
    batch = case.read()["batch"]
    monkeypatch.setattr(beginning, "_refuse_ineligible", lambda *_args, **_options: None)
    start = {"process": "declaration", "data": {"batch": str(batch), "honour": "city"}}
    refusal = case.clerk.post("/instances", start, 409)
    assert "已经发起" in refusal["detail"]
    case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "改报"})
    case.clerk.post("/instances", start, 201)


def plan_of(session: Session, batch: int) -> int:
    return session.scalars(of_batch(batch)).one()


def of_batch(*batches: int) -> Select[int]:
    return select(QuotaPlan.id).where(QuotaPlan.batch_id.in_(batches))


def clerks(world: World, number: int) -> list[str]:
    found = [a["username"] for a in world.office.accounts if "unit_clerk" in a["role"] and ".unit" in a["username"]]
    assert len(found) >= number
    return found[:number]


def submitting(case: Case) -> Callable[[], tuple[int, Any]]:
    person, task = case.who("attach_sealed_form")
    return completing(person, task, outcome="submit")


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What the calls return, each made by a thread of its own at the same moment."""
    line = threading.Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        line.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


def test_sixteen_submit_for_the_last_place(
    hostile_app: Flask, world: World, declare: Callable[..., Case], new_batch: Callable[..., int]
) -> None:
    """One wins. Where the plan blocks, the others keep what they have; where it lets wait, they are 候补."""
    quotas = [{"honour": "city", "region": None, "cap": 1}]
    batch = new_batch(quotas=quotas, over_cap="block")
    cases = [declare(clerk, batch=batch).do("fill_declaration") for clerk in clerks(world, 16)]
    results = at_once([submitting(case) for case in cases])
    assert sorted(status for status, _answer in results) == [200] + [422] * 15
    refusals = [answer["errors"][0] for status, answer in results if status == 422]
    assert {(error["path"], error["code"]) for error in refusals} == {("outcome", "quota_full")}
    assert all(
        "名额 1 个已占满" in error["message"] and "岳市文明委〔2026〕8号" in error["message"] for error in refusals
    )
    winner = cases[[status for status, _answer in results].index(200)]
    losers = [case for case in cases if case is not winner]
    assert {tuple(case.open_steps()) for case in losers} == {("attach_sealed_form",)}
    assert number_of(hostile_app, Quota.plan_id.in_(of_batch(batch)), Quota.reserved == 1, Quota.used == 0) == 1

    city = world.office.person("city.reviewer1")
    settings = city.get(f"/batches/{batch}")["data"] | {"over_cap": "waitlist"}
    answer = city.http.put(f"/api/v1/batches/{batch}", json={"data": settings}, headers=city.headers)
    assert answer.status_code == 200, answer.get_json()
    winner.clerk.post(f"/instances/{winner.id}/withdraw", {"reason": "让出名额"})
    results = at_once([submitting(case) for case in losers])
    assert [status for status, _answer in results] == [200] * 15
    assert sorted(place_of(case)[:8] for case in losers) == ["名额已满，列为候补"[:8]] * 14 + ["已占用 1 个名"]
    assert number_of(hostile_app, Quota.plan_id.in_(of_batch(batch)), Quota.reserved == 1, Quota.used == 0) == 1


def place_of(case: Case) -> str:
    """What the unit reads about its place."""
    lines = case.clerk.get(f"/instances/{case.id}/history")["items"]
    return str(next(line["comment"] for line in lines if line["element"] == "take_place"))


def test_places_are_taken_and_given_back_without_a_ring(
    hostile_app: Flask, world: World, declare: Callable[..., Case], new_batch: Callable[..., int]
) -> None:
    """Two quotas per case, rewritten so that the first lies behind the second in the table."""
    batch = new_batch(quotas=[{"honour": "city", "region": None, "cap": 50}])
    one, other = (declare(clerk, batch=batch).id for clerk in clerks(world, 2))
    with hostile_app.app_context(), transaction() as session:
        data = session.get_one(Instance, one).data
        row = {"honour_code": "city", "region_code": data["county_region"], "planned": 50}
        row |= {"plan_id": plan_of(session, batch)}
        second = session.execute(insert(Quota).values(row).returning(Quota.id)).scalar_one()
        whole = update(Quota).where(Quota.plan_id == row["plan_id"], Quota.region_code.is_(None))
        session.execute(whole.values(planned=60))

    def act(service: Callable[..., Any], instance: int, **places: Any) -> Any:
        with hostile_app.app_context(), transaction() as session:
            run = lock_instance(session, None, clock.now(), instance)
            return service(run.case, data["unit_id"], batch, "city", **places)

    take = partial(act, take_place, region=data["county_region"], city_direct=False)
    assert take(one) == "reserved"
    with ThreadPoolExecutor(2) as pool:
        with holding(hostile_app, "quotas", second) as connection:
            given = pool.submit(act, release_quota, one)
            wait_for(connection, 1)
            taken = pool.submit(take, other)
            wait_for(connection, 2)
        assert given.result()
        assert taken.result() == "reserved"
    assert number_of(hostile_app, Quota.plan_id.in_(of_batch(batch)), Quota.reserved == 1) == 2


def at_assessment(case: Case) -> Case:
    return case.submitted().do("review_county", outcome="pass")


def test_a_place_given_back_goes_to_one_of_three_that_wait(
    hostile_app: Flask, world: World, declare: Callable[..., Case], new_batch: Callable[..., int]
) -> None:
    batch = new_batch(quotas=[{"honour": "city", "region": None, "cap": 1}])
    holder, *cases = (at_assessment(declare(clerk, batch=batch)) for clerk in clerks(world, 4))
    holder.clerk.post(f"/instances/{holder.id}/withdraw", {"reason": "让出名额"})
    calls = []
    for case in cases:
        person, task = case.who("assess_county")
        calls.append(completing(person, task, outcome="pass", scores=full_scores(task["form"])))
    with hostile_app.app_context(), transaction() as session:
        quota = session.scalars(select(Quota.id).where(Quota.plan_id.in_(of_batch(batch)))).one()
    results = meet(hostile_app, "quotas", quota, *calls)
    assert [status for status, _answer in results] == [200, 200, 200]
    steps = sorted(case.open_steps()[0] for case in cases)
    assert steps == ["decide_quota_full", "decide_quota_full", "publish_notice"]


def test_the_same_award_from_two_batches_is_granted_once(
    hostile_app: Flask, world: World, declare: Callable[..., Case], new_batch: Callable[..., int]
) -> None:
    quotas = [{"honour": "city", "region": None, "cap": 5}]
    batches = [new_batch(term="同一届", quotas=quotas) for _time in range(2)]
    cases = [at_assessment(declare(CLERK, batch=batch)).assessed().do("publish_notice") for batch in batches]
    world.office.pass_time(days=30)
    try:
        for case in cases:
            case.do("decide_award", outcome="approve")
            assert case.ending() == ("completed", "awarded")
        unit = world.office.person("city.reviewer1").get(f"/units/{cases[0].read()['unit']}")
        assert [award["instance"] for award in unit["awards"] if award["term"] == "同一届"] == [cases[0].id]
        mine = Quota.plan_id.in_(of_batch(*batches))
        assert number_of(hostile_app, mine, Quota.used == 1, Quota.reserved == 0) == 1
        assert number_of(hostile_app, mine, Quota.used == 0, Quota.reserved == 0) == 1
    finally:
        world.office.pass_time(days=-30)


def published(case: Case) -> tuple[Case, int]:
    at_assessment(case).assessed().do("publish_notice")
    return case, case.clerk.http.get("/api/v1/public/notices").get_json()["items"][0]["id"]


def test_two_objections_at_once(hostile_app: Flask, declare: Callable[..., Case]) -> None:
    case, notice = published(declare())
    body = {"name": "李某", "contact": "13900000000", "text": "请核查。"}
    path = f"/public/notices/{notice}/objections"
    results = meet(hostile_app, "instances", case.id, *[posting(case.clerk, path, body)] * 2)
    assert [status for status, _answer in results] == [201, 201]
    assert case.open_steps() == ["settle_objection"]
    while "settle_objection" in case.open_steps():
        case.do("settle_objection", outcome="dismiss")
    assert number_of(hostile_app, Objection.instance_id == case.id, Objection.status == "dismissed") == 2


def test_an_objection_to_a_suspended_case_is_settled_after_it_goes_on(
    hostile_app: Flask, world: World, declare: Callable[..., Case]
) -> None:
    case, notice = published(declare())
    leader = world.office.person("city.leader")
    leader.post(f"/instances/{case.id}/suspend", {"reason": "核查"})
    case.clerk.post(f"/public/notices/{notice}/objections", {"name": "李某", "contact": "1", "text": "请核查。"}, 201)
    assert case.open_steps() == []
    leader.post(f"/instances/{case.id}/resume", {"reason": "核查完毕"})
    assert case.open_steps() == ["settle_objection"]


def test_bulk_decisions_with_the_same_rows(
    hostile_app: Flask, world: World, declare: Callable[..., Case], new_batch: Callable[..., int]
) -> None:
    batch = new_batch()
    cases = [at_assessment(declare(clerk, batch=batch)).assessed() for clerk in clerks(world, 2)]
    people = [world.office.person(name) for name in ("city.reviewer1", "city.reviewer2")]
    tasks = [case.read()["tasks"][0] for case in cases]
    answers = people[0].get(f"/tasks/{tasks[0]['id']}")["form"]
    calls = []
    for person, order in zip(people, (tasks, tasks[::-1]), strict=True):
        items = [{"id": task["id"], "version": task["version"]} for task in order]
        calls.append(posting(person, "/tasks/bulk", {"items": items, "data": person.answers(answers, attachments=[])}))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda call: call(), calls))
    outcomes = [row for status, answer in results for row in answer["items"]]
    for task in tasks:
        assert sorted(row["status"] for row in outcomes if row["id"] == task["id"]) == ["done", "failed"]
    for case in cases:
        elements = (Submission.instance_id == case.id, Submission.element == "publish_notice")
        assert number_of(hostile_app, *elements) == 1


def test_a_timer_fires_while_its_task_is_completed(hostile_app: Flask, world: World) -> None:
    """The sweep passes over a case that somebody holds; a late answer is told what became of it."""
    case = at_assessment(Case(world.office, world.office.person(CLERK), batch="1", honour="provincial"))
    person, task = case.who("consult_department")
    with hostile_app.app_context():
        later = clock.now().replace(year=clock.now().year + 1)
    with holding(hostile_app, "instances", case.id), hostile_app.app_context(), transaction() as session:
        assert fire_due(session, later, case.id) is False
    with ThreadPoolExecutor(1) as pool:
        with hostile_app.app_context(), transaction() as session:
            assert fire_due(session, later, case.id) is True
            running = pool.submit(completing(person, task, outcome="agree"))
            wait_for(session.connection(), 1)
        status, answer = running.result()
    assert status == 409
    assert "不需要办理" in answer["detail"]
    assert set(case.open_steps()) == {"close_consultation"}
    case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "结束测试"})
