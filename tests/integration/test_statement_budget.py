"""A completion is one transaction of few statements, whatever the step; long lists take as many as short ones."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.factories.api_client import Case, Office, Person
from tests.factories.page_client import PageClient
from tests.factories.statements import Statements, counted
from tests.factories.whole_way import carry_to_the_end

CLERK = "yunxi.unit1.clerk"
OWN, AROUND, ATTACHED = 8, 3, 2
SERVED = 10  # of one step: claim a place of the quota or draw, each under a savepoint


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def declare(office: Office) -> Callable[[str], Case]:
    """Starts a declaration for an honour in the ordinary batch."""
    return lambda honour: Case(office, office.person(CLERK), batch="1", honour=honour)


def test_completions_keep_to_the_budget(demo_app: Flask, declare: Callable[[str], Case]) -> None:
    made: dict[str, Statements] = {}

    def complete(person: Person, task: dict[str, Any], chosen: dict[str, Any]) -> None:
        answers = person.answers(task["form"], **chosen)
        with counted(demo_app) as found:
            person.post(f"/tasks/{task['id']}/complete", {"data": answers, "version": task["version"]})
        made[task["element"]] = found

    carry_to_the_end(declare("provincial"), complete)
    assert {"review_county", "assess_county", "publish_notice", "accept_report"} <= made.keys()
    assert {step: found.commits for step, found in made.items() if found.commits != 1} == {}
    assert {step: found.own for step, found in made.items() if len(found.own) > OWN} == {}
    assert {step: found.around for step, found in made.items() if len(found.around) > AROUND} == {}
    assert {step: found.attached for step, found in made.items() if len(found.attached) > ATTACHED} == {}
    assert {step: found.served for step, found in made.items() if len(found.served) > SERVED} == {}


def test_the_form_of_the_page_keeps_to_the_budget(
    demo_app: Flask, office: Office, declare: Callable[[str], Case]
) -> None:
    case = declare("city").submitted()
    person, task = case.who("review_county")
    browser = PageClient(demo_app, person.username)
    with counted(demo_app) as found:
        answer = browser.post(f"/tasks/{task['id']}/complete", {"outcome": "pass", "version": task["version"]})
    assert answer.status_code == 302
    assert found.commits == 1
    assert len(found.own) <= OWN, found.own
    assert len(found.around) <= AROUND, found.around


@pytest.mark.parametrize("path", ["/tasks", "/tasks?view=available", "/api/v1/tasks?view=available"])
def test_lists_take_as_many_statements_for_many_tasks(
    demo_app: Flask, declare: Callable[[str], Case], path: str
) -> None:
    person, _task = declare("city").submitted().who("review_county")
    browser = PageClient(demo_app, person.username)

    def read() -> int:
        with counted(demo_app) as found:
            if path.startswith("/api/v1"):
                person.get(path.removeprefix("/api/v1"))
            else:
                browser.read(path)
        return len(found.own)

    read()
    few = read()
    declare("provincial").submitted()
    declare("county").submitted()
    assert read() == few
