"""Reminders and escalations follow the task from hand to hand, and stand still with it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.integration.absence.conftest import Name, helper, stands_in
from tests.integration.acts.conftest import AT_COUNTY, AT_UNIT, Desk, desk, step, world
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.acts import asking, handing, recalling
from webapp.deadlines.operations import ensure_calendar
from webapp.instances.interventions import resume, suspend
from webapp.mail.models import MailMessage
from webapp.reminders.operations import sweep_batch
from webapp.tasks.models import Task
from webapp.tasks.operations import claim, release

__all__ = ["desk", "helper", "stands_in", "world"]


@pytest.fixture
def drawn() -> bytes:
    """A review in twenty working days, which is reminded of at each of the last ten."""
    limit = '<wm:deadline working_days="20"/><wm:reminders before="10 9 8 7 6 5 4 3 2 1"/>'
    steps = (start(), step("fill", AT_UNIT), step("review", AT_COUNTY, limit), step("decide"), end())
    return diagram(*steps, chain("start", "fill", "review", "decide", "end"))


@pytest.fixture
def review(desk: Desk) -> Task:
    ensure_calendar(desk.session)
    desk.pass_("fill", desk.clerk)
    return desk.task("review")


@pytest.fixture
def next_told(desk: Desk) -> Callable[[], set[int]]:
    """Lets the next stage come and says who is told of it; nobody where there is none."""

    def tell() -> set[int]:
        task = desk.task("review")
        last = max(desk.session.scalars(select(MailMessage.id)), default=0)
        if task is not None and task.next_notice_at is not None:
            sweep_batch(desk.session, task.next_notice_at)
            desk.session.commit()
        query = select(MailMessage.user_id).where(MailMessage.id > last, MailMessage.kind == "reminder")
        return set(desk.session.scalars(query))

    return tell


def test_who_has_it_is_reminded(desk: Desk, review: Task, next_told: Callable[[], set[int]]) -> None:
    a, b, c = (person.user_id for person in (desk.a, desk.b, desk.c))
    assert next_told() == {a, b, c}
    claim(desk.session, desk.b, clock.now(), review.id)
    assert next_told() == {b}
    release(desk.session, desk.b, review.id)
    assert next_told() == {a, b, c}
    handing.transfer(desk.session, desk.a, clock.now(), review.id, desk.task("review").version, c)
    assert next_told() == {c}
    asking.ask(desk.session, desk.c, clock.now(), review.id, desk.task("review").version, "delegate", "乙", "请看")
    assert next_told() == {b}
    desk.complete(desk.task("review"), desk.b, {"outcome": "agree", "opinion": "可以"})
    assert next_told() == {c}


def test_a_deputy_is_reminded_as_long_as_the_other_is_away(
    desk: Desk, helper: Actor, stands_in: Name, review: Task, next_told: Callable[[], set[int]]
) -> None:
    people = {person.user_id for person in (desk.a, desk.b, desk.c)}
    stands_in(helper, desk.a)
    assert next_told() == people | {helper.user_id}
    claim(desk.session, helper, clock.now(), review.id)
    assert next_told() == {helper.user_id}


def test_what_is_done_is_told_again_only_if_it_is_taken_back(
    desk: Desk, review: Task, next_told: Callable[[], set[int]]
) -> None:
    moment = desk.task("review").next_notice_at
    desk.pass_("review", desk.a)
    assert moment is not None
    assert sweep_batch(desk.session, moment) == (0, 0)
    recalling.recall(desk.session, desk.a, clock.now(), desk.instance.id, "填错了")
    desk.session.commit()
    assert desk.a.user_id in next_told()


def test_a_suspension_moves_what_is_planned_by_the_days_that_were_lost(
    desk: Desk, review: Task, next_told: Callable[[], set[int]]
) -> None:
    before = desk.task("review").next_notice_at
    assert before is not None
    began: datetime = clock.now()
    suspend(desk.session, desk.leader, began, desk.instance.id, "等待材料")
    assert sweep_batch(desk.session, before + timedelta(days=90)) == (0, 0)
    resume(desk.session, desk.leader, began + timedelta(days=14), desk.instance.id, "已补齐")
    desk.session.commit()
    assert sweep_batch(desk.session, began + timedelta(days=14)) == (1, 0), "planned again, nobody told"
    after = desk.task("review").next_notice_at
    assert after is not None
    assert after >= before + timedelta(days=11)
    assert sweep_batch(desk.session, before) == (0, 0)
    assert next_told() == {person.user_id for person in (desk.a, desk.b, desk.c)}
