"""Ticked rows are decided together: each says beforehand whether it can be, each goes its own way."""

import re

import pytest

from tests.factories.api_client import Office
from tests.factories.crossing import decide_among_others
from tests.factories.crowd import gather_consulted
from tests.factories.page_client import PageClient
from tests.factories.statements import counted

JSON = {"Accept": "application/json"}


@pytest.fixture
def asked(demo_app, demo_database_url):
    """A department that is asked about eight cases, at the browser and through the API."""
    username, tasks = gather_consulted(demo_app, demo_database_url, 8)
    return PageClient(demo_app, username), Office(demo_app).person(username), [str(task) for task in tasks]


def ticked(tasks, version=0):
    return [f"{task}:{version}" for task in tasks]


def test_each_row_says_whether_it_can_be_decided_and_why_not(asked, demo_app):
    browser, person, tasks = asked
    person.complete(person.get(f"/tasks/{tasks[0]}"), outcome="agree")
    rows = [*ticked(tasks), "no-row", f"{tasks[1]}:7", "00000000-0000-0000-0000-000000000000:0"]
    answer = browser.post("/tasks/bulk/check", {"task": rows, "list": "view=inbox"})
    assert answer.status_code == 200
    assert "可以一起办理的 7 件" in answer.text
    assert "不能一起办理的 2 件" in answer.text
    assert re.search("已由.+办理（同意）", answer.text)
    assert "没有找到" in answer.text
    assert answer.text.count("只能选") == 1


def test_rows_go_their_own_way(asked):
    browser, person, tasks = asked
    person.complete(person.get(f"/tasks/{tasks[0]}"), outcome="agree")
    answers = {"outcome": "agree", "opinion": "经核实，没有意见。", "list": "view=inbox"}
    answer = browser.post("/tasks/bulk", {**answers, "task": ticked(tasks)})
    assert answer.status_code == 200
    assert "成功 7 件，未成 1 件" in answer.text
    assert person.get("/tasks?view=available")["items"] == []
    assert person.get("/tasks?view=done")["total"] == 8


def test_a_script_gets_the_result_of_each_row(asked):
    browser, _person, tasks = asked
    posted = {"outcome": "agree", "opinion": "没有意见。", "task": ticked(tasks[:3])}
    found = browser.post("/tasks/bulk", posted, headers=JSON).get_json()
    assert {item["id"] for item in found["items"]} == set(tasks[:3])
    assert {item["status"] for item in found["items"]} == {"done"}
    again = browser.post("/tasks/bulk", posted, headers=JSON).get_json()
    assert {item["status"] for item in again["items"]} == {"failed"}


@pytest.mark.parametrize(
    "typed", [{}, {"outcome": "agree"}, {"outcome": "object", "opinion": "有异议"}, {"outcome": "nonsense"}]
)
def test_answers_are_corrected_before_anything_is_decided(asked, typed):
    browser, person, tasks = asked
    answer = browser.post("/tasks/bulk", {**typed, "task": ticked(tasks)})
    assert answer.status_code == 422
    assert all(value in answer.text for value in typed.values() if value != "nonsense")
    assert person.get("/tasks?view=available")["total"] == 8
    assert browser.post("/tasks/bulk", {**typed, "task": ticked(tasks)}, headers=JSON).status_code == 422


def test_an_outcome_that_needs_an_own_opinion_is_refused_through_the_api_too(asked):
    _browser, person, tasks = asked
    items = [{"id": task, "version": 0} for task in tasks]
    data = {"outcome": "object", "opinion": "有异议，详见材料。"}
    results = person.post("/tasks/bulk", {"items": items, "data": data})["items"]
    assert {row["status"] for row in results} == {"failed"}
    assert "不能批量办理" in results[0]["reasons"][0]


def test_steps_that_do_not_allow_it_are_named(own_crowd, browse):
    crowd = own_crowd(3)
    answer = browse(crowd.reviewer).post("/tasks/bulk/check", {"task": ticked(crowd.tasks)})
    assert "勾选的任务都不能批量办理" in answer.text
    assert answer.text.count("流程图没有允许批量") == 3


def test_rows_are_claimed_together(own_crowd, browse):
    crowd = own_crowd(3)
    first, second = browse("yunxi.reviewer1"), browse("yunxi.reviewer2")
    first.post(f"/tasks/{crowd.tasks[0]}/claim")
    answer = second.post("/tasks/bulk/check", {"task": ticked(crowd.tasks), "act": "claim"})
    assert "成功 2 件，未成 1 件" in answer.text
    assert "已由其他人领取" in answer.text


def test_checking_costs_the_same_for_few_rows_and_for_many(asked, demo_app):
    browser, person, tasks = asked
    costs = []
    for some in (tasks[:2], tasks):
        with counted(demo_app) as made:
            browser.post("/tasks/bulk/check", {"task": ticked(some)})
            items = [{"id": task, "version": 0} for task in some]
            person.post("/tasks/bulk", {"items": items, "dry_run": True})
        costs.append(len(made.own))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("rows", [[], ["x"], [":"], ["00000000-0000-0000-0000-000000000000:-1"], [":0:0", "\x00"]])
def test_nothing_ticked_leads_back_to_the_list(browse, rows):
    answer = browse("yunxi.reviewer1").post("/tasks/bulk/check", {"task": rows, "list": "view=available&q=平江"})
    assert answer.status_code == 302
    assert "view=available" in answer.location
    assert browse("yunxi.reviewer1").get("/tasks/bulk/check").status_code == 302


def test_more_than_a_page_can_show_is_refused_whole(asked):
    browser, person, tasks = asked
    rows, words = ticked(tasks) * 126, "一次最多批量办理 1000 件（列表一页的件数），这次有 1008 件，没有办理任何一件"
    answer = browser.post("/tasks/bulk/check", {"task": rows, "list": "view=inbox"})
    assert answer.status_code == 422
    assert words in answer.text
    items = [{"id": task, "version": 0} for task in tasks] * 126
    data = {"outcome": "agree", "opinion": "同意。"}
    refused = person.post("/tasks/bulk", {"items": items, "data": data}, expect=422)
    assert words in refused["errors"][0]["message"]
    assert person.get("/tasks?view=available")["total"] == 8


def test_rows_that_others_work_on_are_decided_once(demo_app, demo_database_url):
    found = decide_among_others(demo_app, demo_database_url, 120)
    assert sorted(item["id"] for item in found.results) == sorted(found.tasks), "each row has one result"
    done = {item["id"] for item in found.results if item["status"] == "done"}
    failed = {item["id"]: item["reasons"] for item in found.results if item["status"] == "failed"}
    assert len(done) + len(failed) == len(found.tasks)
    assert done
    assert failed, "nobody else was ever first"
    told = re.compile("“.+”(已由|.*已暂停)|.*挂起|这项任务刚刚由其他人办理或领取")
    assert all(told.match(reasons[0]) for reasons in failed.values()), failed
    authors = found.authors()
    assert {task for task, author in authors.items() if author == found.first} == done, "what it says it did, it did"
    assert {task for task, author in authors.items() if author == "second.consultee"} == found.decided
    assert not done & found.decided
    assert not authors.keys() & found.held, "who holds a task keeps it"
    assert authors.keys() | found.held | found.paused == set(found.tasks), "nothing is lost on the way"
