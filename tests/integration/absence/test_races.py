"""Deputies and the absent person at the same moment: exactly one decides, the others are told who did."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from tests.factories.held_rows import meet
from tests.integration.absence.conftest import Name
from tests.integration.acts.conftest import PASS, Desk
from webapp import clock
from webapp.absence.operations import end_deputy
from webapp.access import Actor
from webapp.database import transaction
from webapp.instances.models import Submission
from webapp.problems import Problem
from webapp.tasks.models import Task
from webapp.tasks.operations import claim, complete_task

DONE = "done"


def trying(app: Flask, act: Callable[..., object], *given: object) -> Callable[[], str]:
    """An act in a thread and a transaction of its own; what came of it."""

    def call() -> str:
        with app.app_context():
            try:
                with transaction() as session:
                    act(session, *given)
            except Problem as problem:
                return problem.detail
            return DONE

    return call


def completing(app: Flask, person: Actor, task: Task) -> Callable[[], str]:
    return trying(app, complete_task, person, clock.now(), task.id, PASS, task.version)


def decided_by(desk: Desk) -> list[tuple[int | None, int | None]]:
    desk.session.rollback()
    found = desk.session.scalars(select(Submission).where(Submission.element == "review"))
    return [(one.actor_id, one.on_behalf_of) for one in found]


def test_two_deputies_and_the_absent_person_at_once(app: Flask, desk: Desk, helper: Actor, stands_in: Name) -> None:
    second = desk.world.person("戊", desk.world.county, "supervisor")
    desk.pass_("fill", desk.clerk)
    claim(desk.session, desk.a, clock.now(), desk.task("review").id)
    stands_in(helper, desk.a)
    stands_in(second, desk.a)
    task, people = desk.task("review"), (helper, second, desk.a)
    desk.session.rollback()
    answers = meet(app, "instances", desk.instance.id, *(completing(app, one, task) for one in people))
    assert answers.count(DONE) == 1
    (decided,) = decided_by(desk)
    winner = people[answers.index(DONE)]
    assert decided == (winner.user_id, None if winner is desk.a else desk.a.user_id)
    who = winner.name if winner is desk.a else f"{winner.name} 代 甲"
    assert [f"已由{who}于" in words for words in answers if words != DONE] == [True, True]


def test_an_absence_that_ends_while_its_deputy_decides(app: Flask, desk: Desk, helper: Actor, stands_in: Name) -> None:
    desk.pass_("fill", desk.clerk)
    row = stands_in(helper, desk.a)
    task = desk.task("review")
    desk.session.rollback()
    ending = trying(app, end_deputy, desk.a, clock.now(), row.id)
    answers = meet(app, "instances", desk.instance.id, completing(app, helper, task))
    assert answers == [DONE]
    assert ending() == DONE
    assert decided_by(desk) == [(helper.user_id, desk.a.user_id)]
    row = stands_in(helper, desk.a)
    left = desk.task("left")
    desk.session.rollback()
    deciding = completing(app, helper, left)
    assert trying(app, end_deputy, desk.a, clock.now(), row.id)() == DONE
    assert "办理的期间已经结束" in deciding()
    assert left.id == desk.task("left").id, "it is open for the others"
