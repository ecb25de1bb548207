"""A step that comes back goes on with what it left of its period; what it waited meanwhile does not count."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, choice, diagram, end, flow, start
from webapp.deadlines.extending import extend
from webapp.deadlines.ledger import open_deadlines
from webapp.definitions.library import get_published
from webapp.instances.models import Instance
from webapp.tasks.models import Task
from webapp.tasks.operations import complete_task

FORM = {
    "type": "default",
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "label": "意见",
            "properties": {"outcome": "true"},
            "values": [{"label": "同意", "value": "agree"}, {"label": "退回", "value": "return"}],
        }
    ],
}
Begin = Callable[[str], Instance]


@pytest.fixture
def begin(world: DatedWorld) -> Begin:
    """Starts a case in which an office reviews and may ask for corrections, on a Thursday."""

    def make(deadline: str) -> Instance:
        world.publish(
            diagram(
                start(),
                assigned("review", deadline=deadline),
                choice("which", default="which-end"),
                assigned("correct", deadline='working_days="20"'),
                end(),
                chain("start", "review", "which", "end"),
                flow("which", "correct", "outcome == 'return'"),
                flow("correct", "review"),
            ),
            {"review": FORM},
        )
        return world.start_at("2021-04-08T10:00")

    return make


def answer(world: DatedWorld, instance: Instance, moment: str, outcome: str) -> None:
    task = world.open_task(instance, "review")
    complete_task(world.session, world.reviewer, at(moment), task.id, {"outcome": outcome}, task.version)


def correct(world: DatedWorld, instance: Instance, moment: str) -> Task:
    task = world.open_task(instance, "correct")
    complete_task(world.session, world.reviewer, at(moment), task.id, {}, task.version)
    return world.open_task(instance, "review")


def note(session: Session, world: DatedWorld, instance: Instance) -> str | None:
    (found,) = open_deadlines(session, world.leader, get_published(session, instance.process_version_id), instance)
    return found.note


def test_the_period_goes_on_after_a_return(world: DatedWorld, begin: Begin) -> None:
    instance = begin('working_days="5"')
    assert world.open_task(instance, "review").due_at == at("2021-04-15T23:59:59")
    answer(world, instance, "2021-04-13T15:00", "return")  # 9, 12 and 13 April are used
    task = correct(world, instance, "2021-04-22T09:00")
    assert task.due_at == at("2021-04-25T23:59:59")  # two more: Friday, and the working Sunday before May Day
    assert note(world.session, world, instance) == "这一环节此前已用 3 个工作日，退回期间暂停计时，现接着计算。"
    answer(world, instance, "2021-04-25T16:00", "return")
    task = correct(world, instance, "2021-05-06T09:00")
    assert task.due_at == at("2021-05-07T23:59:59")  # nothing is left: one day, not none


def test_a_step_that_says_so_starts_anew(world: DatedWorld, begin: Begin) -> None:
    instance = begin('working_days="5" on_return="restart"')
    answer(world, instance, "2021-04-13T15:00", "return")
    task = correct(world, instance, "2021-04-22T09:00")
    assert task.due_at == at("2021-04-28T23:59:59")
    assert note(world.session, world, instance) is None


def test_days_that_a_leader_added_are_not_lost(world: DatedWorld, begin: Begin) -> None:
    instance = begin('working_days="5"')
    task = world.open_task(instance, "review")
    extend(world.session, world.leader, at("2021-04-09T09:00"), task.id, task.version, "材料多", working_days=2)
    answer(world, instance, "2021-04-13T15:00", "return")
    task = correct(world, instance, "2021-04-22T09:00")
    assert task.due_at == at("2021-04-27T23:59:59")  # four of seven are left
    answer(world, instance, "2021-04-26T15:00", "return")
    task = correct(world, instance, "2021-05-06T09:00")
    assert task.due_at == at("2021-05-07T23:59:59")  # one: a Friday, after the working Sunday


def test_calendar_days_go_on_as_calendar_days(world: DatedWorld, begin: Begin) -> None:
    instance = begin('calendar_days="10"')
    answer(world, instance, "2021-04-13T15:00", "return")
    task = correct(world, instance, "2021-04-22T09:00")
    assert task.due_at == at("2021-04-27T23:59:59")
