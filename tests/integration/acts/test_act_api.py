"""The acts through the API: in parallel branches and every kind of 会签, what is refused, and two people at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.insiders import Insider
from tests.integration.acts.conftest import FRESH, PASS, Desk, case
from webapp.acts.models import CarbonCopy, RecalledDecision, TaskReturn
from webapp.instances.models import Instance, Submission
from webapp.mail.models import MailMessage
from webapp.tasks.models import Task

REFUSE = {"outcome": "refuse", "opinion": "不同意"}
AGREE = {"outcome": "agree", "opinion": "可以"}
Client = Callable[[str], Insider]


@pytest.fixture
def client(app: Flask, desk: Desk) -> Client:
    """The API client of one of the people of the desk."""
    made: dict[str, Insider] = {}

    def get(name: str) -> Insider:
        if name not in made:
            desk.session.commit()
            made[name] = Insider(app, name)
        return made[name]

    return get


def find(person: Insider, case_id: int, element: str) -> dict[str, Any]:
    task = person.find_task(case_id, element)
    assert task is not None, f"{person.username} has no {element}"
    return task


def do(person: Insider, case_id: int, element: str, answers: dict[str, Any] | None = None) -> Any:
    task = find(person, case_id, element)
    return person.post(f"/tasks/{task['id']}/complete", {"data": answers or PASS, "version": task["version"]})


def act(person: Insider, task: dict[str, Any], verb: str, expect: int = 200, **data: Any) -> Any:
    return person.post(f"/tasks/{task['id']}/{verb}", {"version": task["version"], **data}, expect)


def to_the_fork(desk: Desk, client: Client, case_id: int | None = None) -> int:
    number = case_id or desk.instance.id
    do(client("clerk"), number, "fill")
    do(client("甲"), number, "review")
    return number


def to_the_signing(desk: Desk, client: Client) -> int:
    number = to_the_fork(desk, client)
    do(client("甲"), number, "left")
    do(client("乙"), number, "right")
    return number


def open_elements(person: Insider, number: int) -> list[str]:
    return sorted(task["element"] for task in person.get(f"/instances/{number}")["tasks"])


def acts(person: Insider, number: int) -> list[str]:
    return [line["act"] for line in person.get(f"/instances/{number}/history")["items"]]


def test_every_act_in_a_parallel_branch(desk: Desk, client: Client) -> None:
    number, a, b, c = to_the_fork(desk, client), client("甲"), client("乙"), client("丙")
    left = find(a, number, "left")
    assert {"transfer", "delegate", "add-signer", "return", "cc", "comments", "snooze"} <= set(left["actions"])
    act(a, left, "delegate", to="丙", text="请看看")
    act(c, find(c, number, "left"), "delegate", 409, to=desk.b.user_id)
    assert find(c, number, "left")["form"]["components"][1]["label"] == "意见"
    do(c, number, "left", AGREE)
    act(a, find(a, number, "left"), "add-signer", to=desk.leader.user_id, position="after")
    do(a, number, "left")
    assert open_elements(b, number) == ["left", "right"], "the decision waits for who signs after it"
    do(client("市长"), number, "left", AGREE)
    assert open_elements(b, number) == ["right"]
    right = find(b, number, "right")
    act(b, right, "transfer", to="丙")
    act(b, right, "transfer", 403, to="丙")
    act(b, right, "nudge", text="请快")
    act(b, right, "nudge", 429)
    preview = c.get(f"/tasks/{right['id']}/return-preview?to_element=declarant")
    assert (preview["to_element"], preview["may_resume"]) == ("fill", True)
    act(c, find(c, number, "right"), "return", to_element="declarant", resume=True, text="补盖章页")
    assert open_elements(b, number) == ["fill"]
    do(client("clerk"), number, "fill")
    assert open_elements(b, number) == ["right"], "straight back, and what the other branch decided still counts"
    do(c, number, "right")
    assert open_elements(b, number) == ["sign", "sign"]
    b.post(f"/instances/{number}/recall", {"reason": "不是我办的"}, 403)
    c.post(f"/instances/{number}/recall", {"reason": ""}, 422)
    c.post(f"/instances/{number}/recall", {"reason": "看错了"})
    assert open_elements(b, number) == ["right"]
    told = acts(b, number)
    wanted = ["delegate", "opinion", "add_signer", "hold", "opinion", "pass", "transfer", "nudge", "return_to_unit"]
    assert [one for one in told if one in {*wanted, "recall"}][2:] == [
        *wanted[:6],
        *wanted[6:],
        "pass",
        "pass",
        "recall",
    ]


def test_what_the_unit_may_know(desk: Desk, client: Client) -> None:
    number, a, clerk = to_the_fork(desk, client), client("甲"), client("clerk")
    left = find(a, number, "left")
    act(a, left, "comments", 201, text="@丙 这家去年有投诉")
    act(a, left, "cc", to="丙", text="内部知悉")
    assert [row.read_at for row in desk.session.scalars(select(CarbonCopy))] == [None]
    client("丙").get(f"/instances/{number}")
    desk.session.rollback()
    assert all(row.read_at for row in desk.session.scalars(select(CarbonCopy), execution_options=FRESH))
    act(a, left, "return", to_element="fill", text="请补盖章页")
    told = clerk.get(f"/instances/{number}/history")["items"]
    assert "请补盖章页" in str(told)
    assert "投诉" not in str(told)
    assert "内部知悉" not in str(told)
    assert {"comment", "cc"} & {line["act"] for line in told} == set()
    assert clerk.get(f"/tasks/{left['id']}/comments")["items"] == []
    assert {"comment", "cc"} <= set(acts(a, number))


def test_nobody_is_named_by_a_number_alone(desk: Desk, client: Client) -> None:
    far = desk.world._organisation("别县单位", "unit", "430600")
    stranger = desk.world.person("外县张三", far, "unit_clerk")
    number, a = to_the_fork(desk, client), client("甲")
    left = find(a, number, "left")
    for verb, more in (("transfer", {}), ("delegate", {}), ("add-signer", {"position": "after"}), ("cc", {})):
        for to in (stranger.user_id, 0, -1, 2**31, 2**63, "", None, True, 1.5, [], {}, "\x00", "x" * 5000):
            answer = act(a, left, verb, 422, to=to, **more)
            assert "别县单位" not in str(answer), (verb, to)
            assert answer["errors"][0]["path"] == "to"
    for body in ({"to_element": 5, "text": "x"}, {"resume": "maybe", "text": "x"}, {"text": None}, {"zzz": 1}):
        act(a, left, "return", 422, **body)
    act(a, left, "snooze", 422, until="2026-02-30")
    act(a, left, "comments", 422, text="字" * 1001)
    for verb in ("transfer", "return", "add-signer"):
        given = {"text": "x"} if verb == "return" else {"text": "x", "to": "丙"}
        a.post(f"/tasks/{left['id']}/{verb}", {"version": "x", **given}, 422)
        a.post(f"/tasks/{left['id']}/{verb}", {"version": 99, **given}, 409)
    assert open_elements(a, number) == ["left", "right"]


def test_one_of_many_who_urge_is_heard_and_reaches_everybody(desk: Desk, client: Client) -> None:
    number = to_the_fork(desk, client)
    left, right = (find(client("乙"), number, element) for element in ("left", "right"))
    desk.session.commit()
    urging = [client("clerk"), client("市长")] * 3
    with together(*(call(one, f"/tasks/{left['id']}/nudge", text="请快") for one in urging)) as statuses:
        assert sorted(statuses) == [200, 429, 429, 429, 429, 429]
    told = desk.session.scalars(select(MailMessage).where(MailMessage.kind == "nudge")).all()
    assert {str(one.task_id) for one in told} == {left["id"], right["id"]}
    assert {one.user_id for one in told} == {desk.a.user_id, desk.b.user_id, desk.c.user_id}
    assert acts(client("甲"), number).count("nudge") == 1


def test_who_is_named_in_a_comment_is_told(desk: Desk, client: Client) -> None:
    number = to_the_fork(desk, client)
    act(client("甲"), find(client("甲"), number, "left"), "comments", 201, text="@丙 @市长，请看附件")
    told = desk.session.scalars(select(MailMessage).where(MailMessage.kind == "mentioned")).all()
    assert {one.user_id for one in told} == {desk.c.user_id, desk.leader.user_id}


SIGNINGS = [
    pytest.param(case(rule='rule="all"'), [PASS, PASS, PASS], 3, True, id="all"),
    pytest.param(case(rule='rule="all"'), [PASS, REFUSE], 2, False, id="all-one-refuses"),
    pytest.param(case(rule='rule="any"'), [PASS], 1, True, id="any"),
    pytest.param(case(rule='rule="ratio" ratio="2/3"'), [PASS, PASS], 2, True, id="ratio"),
    pytest.param(case(sequential=True), [PASS, PASS, PASS], 3, True, id="in-turn"),
]


@pytest.mark.parametrize(("drawn", "votes", "count", "passed"), SIGNINGS)
def test_one_more_signer_counts_by_every_rule(
    desk: Desk, client: Client, votes: list[dict[str, Any]], count: int, passed: bool
) -> None:
    number, people = to_the_signing(desk, client), [client("甲"), client("乙"), client("丙")]
    mine = find(people[0], number, "sign")
    act(people[0], mine, "add-signer", 422, to="clerk", position="after")
    act(people[0], mine, "add-signer", to="丙", position="after")
    act(people[0], find(people[0], number, "sign"), "add-signer", 422, to="丙", position="after")
    for vote in votes:
        person = next(one for one in people if one.find_task(number, "sign"))
        do(person, number, "sign", vote)
    assert open_elements(people[0], number) == ["decide"]
    found = desk.session.get_one(Instance, number, populate_existing=True).data
    assert found["passed"] is passed
    assert len(found["votes"]) == count


@contextmanager
def together(*calls: Callable[[], int]) -> Iterator[list[int]]:
    """Make calls at the same moment, each in a thread of its own; gives the status of each."""
    barrier, statuses = Barrier(len(calls)), [0] * len(calls)

    def run(place: int) -> None:
        barrier.wait()
        statuses[place] = calls[place]()

    threads = [Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    yield statuses


def call(person: Insider, path: str, **data: Any) -> Callable[[], int]:
    return lambda: person.http.post(f"/api/v1{path}", json=data, headers=person.headers).status_code


ROUNDS = 4


def test_of_two_at_once_exactly_one_acts(desk: Desk, client: Client) -> None:
    a, b, c, clerk = client("甲"), client("乙"), client("丙"), client("clerk")
    for _round in range(ROUNDS):
        number = to_the_fork(desk, client, clerk.post("/instances", {"process": "p", "data": {}}, 201)["id"])
        left = find(b, number, "left")
        with together(
            call(a, f"/tasks/{left['id']}/transfer", version=left["version"], to="丙"),
            call(b, f"/tasks/{left['id']}/complete", version=left["version"], data=PASS),
        ) as (handed, done):
            assert sorted([handed, done])[0] == 200
            assert sorted([handed, done])[1] in {403, 409}, (handed, done)
        assert ("left" in open_elements(a, number)) == (handed == 200)
        if handed == 200:
            do(c, number, "left")
        right = find(a, number, "right")
        with together(
            call(a, f"/tasks/{right['id']}/return", version=right["version"], to_element="fill", text="甲退"),
            call(b, f"/tasks/{right['id']}/return", version=right["version"], to_element="review", text="乙退"),
        ) as returned:
            assert sorted(returned)[0] == 200
            assert sorted(returned)[1] == 409
        assert open_elements(a, number) in (["fill"], ["review"])
    assert desk.world.count(TaskReturn) == ROUNDS


def test_a_decision_is_either_taken_back_or_acted_upon(desk: Desk, client: Client) -> None:
    a, b, clerk = client("甲"), client("乙"), client("clerk")
    for _round in range(ROUNDS):
        number = to_the_fork(desk, client, clerk.post("/instances", {"process": "p", "data": {}}, 201)["id"])
        left = find(b, number, "left")
        with together(
            call(a, f"/instances/{number}/recall", reason="看错了"),
            call(b, f"/tasks/{left['id']}/complete", version=left["version"], data=PASS),
        ) as (recalled, done):
            assert sorted([recalled, done])[0] == 200
            assert sorted([recalled, done])[1] in {403, 409}
        assert open_elements(a, number) == (["review"] if recalled == 200 else ["right"])
        decided = desk.session.query(Submission).filter_by(instance_id=number).count()
        assert decided == (1 if recalled == 200 else 3), "no decision is lost, none is made twice"
        kept = desk.session.query(RecalledDecision).filter_by(instance_id=number).count()
        assert kept == (1 if recalled == 200 else 0)
        desk.session.rollback()
        open_tasks = desk.session.query(Task).filter_by(instance_id=number, status="open").all()
        assert all(desk.people(task) for task in open_tasks), "no task is open for nobody"
        desk.session.rollback()
