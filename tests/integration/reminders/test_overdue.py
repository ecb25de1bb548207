"""What a diagram declares for the end of a step's time happens once, by the machine, and says so."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.small_world import CITY, assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, choice, diagram, end, flow, start
from webapp import clock
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.deadlines.extending import extend
from webapp.instances.interventions import resume, retry_incident, suspend
from webapp.instances.models import HistoryEntry, Incident, Instance, Submission
from webapp.mail.examples import example_about
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage
from webapp.problems import Forbidden
from webapp.reminders.jobs import act_on_overdue
from webapp.reminders.overdue import act_on_ended, list_ended
from webapp.reminders.preview import preview
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import claim, complete_task

FORM = {
    "type": "default",
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "label": "意见",
            "properties": {"outcome": "true"},
            "values": [{"label": "同意", "value": "agree"}, {"label": "未答复", "value": "silent"}],
            "validate": {"required": True},
        },
        {"type": "textarea", "key": "opinion", "label": "说明", "validate": {"required": True}},
    ],
}
HAND_OVER = f'<wm:overdue act="hand_over" after="2" roles="city_reviewer" region="\'{CITY}\'"/>'
DECIDE = '<wm:overdue act="decide" outcome="silent"/>'
START, DUE = "2021-04-22T10:00", "2021-04-28T23:59:59"
"""A Thursday; five working days later, over the working Sunday of the week before May Day."""

Begin = Callable[[str], Instance]


@pytest.fixture
def begin(world: DatedWorld) -> Begin:
    """Starts a case with one step that declares the given ending; what it decides chooses the end."""

    def make(ending: str) -> Instance:
        world.publish(
            diagram(
                start(),
                assigned("decide", deadline='working_days="5"', more=ending),
                choice("which", default="which-end"),
                end(),
                end("silence"),
                chain("start", "decide", "which"),
                flow("which", "end"),
                flow("which", "silence", "outcome == 'silent'"),
            ),
            {"decide": FORM},
        )
        return world.start_at(START)

    return make


def sweep(world: DatedWorld, moment: str) -> int:
    found = list_ended(world.session, at(moment), 50)
    return sum(act_on_ended(world.session, at(moment), *one) for one in found)


def test_the_machine_decides_when_the_time_is_over_and_not_before(world: DatedWorld, begin: Begin) -> None:
    instance = begin(DECIDE)
    task = world.open_task(instance, "decide")
    claim(world.session, world.reviewer, at("2021-04-23T09:00"), task.id)
    assert sweep(world, DUE) == 0
    assert sweep(world, "2021-04-29T00:00:00") == 1
    assert sweep(world, "2021-04-29T00:00:00") == 0
    assert world.open_tasks(instance) == []
    done = world.session.get_one(Task, task.id, populate_existing=True)
    assert (done.status, done.closed_by, done.claimed_by) == ("done", None, None)
    (kept,) = world.session.scalars(select(Submission))
    assert (kept.actor_id, kept.outcome, kept.answers) == (None, "silent", {"outcome": "silent"})
    line = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "silent")).one()
    assert (line.machine, line.actor_id, line.element) == (True, None, "decide")
    assert "由系统自动作出，不代表任何办理人的意见" in (line.comment or "")
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.act == "task.expire")).one()
    assert entry.machine
    world.session.refresh(instance)
    assert (instance.status, instance.outcome) == ("completed", "silence")


def test_a_step_is_handed_over_and_whoever_held_it_does_not_any_more(world: DatedWorld, begin: Begin) -> None:
    city = world.person("city.reviewer", world.city, "city_reviewer")
    instance = begin(HAND_OVER)
    task = world.open_task(instance, "decide")
    claim(world.session, world.reviewer, at("2021-04-23T09:00"), task.id)
    assert sweep(world, "2021-04-30T23:59:59") == 0
    assert sweep(world, "2021-05-01T00:00:00") == 1
    assert sweep(world, "2021-06-01T00:00:00") == 0
    task = world.open_task(instance, "decide")
    open_ = select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
    assert set(world.session.scalars(open_)) == {city.user_id}
    assert (task.assigned_organisation_id, task.claimed_by, task.due_at) == (world.city, None, at(DUE))
    told, lost = world.session.scalars(select(MailMessage).order_by(MailMessage.kind))
    assert (told.user_id, told.status, told.kind) == (city.user_id, "queued", "handed")
    assert (lost.user_id, lost.status, lost.kind) == (world.reviewer.user_id, "digest", "taken")
    assert "已转由市文明办办理" in get_kind("taken").build(lost.facts, example_about(at(DUE)), at(DUE)).lead
    (content,) = [get_kind("handed").build(told.facts, example_about(at(DUE)), at(DUE))]
    assert content.lead == "这项任务期限已过仍未办结，按流程规定转由您办理，请尽快处理。"
    assert ("原办理人", "reviewer") in content.facts
    line = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "hand_over")).one()
    assert line.comment == "“decide”逾期 2 个工作日仍未办理，按流程规定转由市文明办办理。"
    with pytest.raises(Forbidden):
        complete_task(world.session, world.reviewer, at("2021-05-06T09:00"), task.id, {"outcome": "agree"}, 9)
    answers = {"outcome": "agree", "opinion": "同意"}
    complete_task(world.session, city, at("2021-05-06T09:00"), task.id, answers, task.version)
    assert world.open_tasks(instance) == []


def test_nobody_to_take_over_is_an_incident(world: DatedWorld, begin: Begin) -> None:
    instance = begin(HAND_OVER.replace("city_reviewer", "inspector"))
    assert sweep(world, "2021-05-06T00:00:00") == 1
    (incident,) = world.session.scalars(select(Incident).where(Incident.instance_id == instance.id))
    assert incident.kind == "nobody"


def test_more_time_moves_the_end_and_a_suspension_keeps_it_away(world: DatedWorld, begin: Begin) -> None:
    instance = begin(DECIDE)
    task = world.open_task(instance, "decide")
    extend(world.session, world.leader, at("2021-04-27T09:00"), task.id, task.version, "材料在途", working_days=2)
    assert sweep(world, "2021-04-30T12:00:00") == 0
    suspend(world.session, world.leader, at("2021-04-30T13:00:00"), instance.id, "核查")
    assert sweep(world, "2021-05-10T00:00:00") == 0
    resume(world.session, world.leader, at("2021-05-10T09:00:00"), instance.id, "核查完毕")
    due = world.open_task(instance, "decide").due_at
    assert due == at("2021-05-10T23:59:59")  # 6 to 8 May (a working Saturday) and the 10th were lost
    assert sweep(world, "2021-05-10T23:59:59") == 0
    assert sweep(world, "2021-05-11T00:00:00") == 1


def test_what_is_done_in_time_is_left_alone(world: DatedWorld, begin: Begin) -> None:
    instance = begin(DECIDE)
    task = world.open_task(instance, "decide")
    answers = {"outcome": "agree", "opinion": "同意"}
    complete_task(world.session, world.reviewer, at("2021-04-28T23:00"), task.id, answers, task.version)
    assert sweep(world, "2021-06-01T00:00:00") == 0
    assert world.session.scalars(select(Submission)).one().actor_id == world.reviewer.user_id


def test_an_outcome_that_the_form_lacks_waits_for_the_administrator(world: DatedWorld, begin: Begin) -> None:
    instance = begin(DECIDE.replace("silent", "vanished"))
    assert sweep(world, "2021-04-29T00:00:00") == 1
    (incident,) = world.session.scalars(select(Incident))
    assert (incident.kind, incident.next_retry_at) == ("overdue", None)
    assert "vanished" in incident.message
    assert sweep(world, "2021-04-30T00:00:00") == 0
    retry_incident(world.session, world.administrator, at("2021-04-30T09:00:00"), instance.id)
    assert sweep(world, "2021-04-30T09:00:00") == 1
    world.session.refresh(incident)
    assert len(world.session.scalars(select(Incident).where(Incident.status == "open")).all()) == 1


@pytest.mark.parametrize(
    ("ending", "act", "moment", "to"),
    [(HAND_OVER, "hand_over", "05-01", "city.reviewer"), (DECIDE, "decide", "04-29", "reviewer")],
)
def test_it_is_foretold(world: DatedWorld, begin: Begin, ending: str, act: str, moment: str, to: str) -> None:
    world.person("city.reviewer", world.city, "city_reviewer")
    instance = begin(ending)
    items = preview(world.session, at(START), at("2021-05-31T00:00"))
    (item,) = [item for item in items if item["kind"] == "timer"]
    assert (item["act"], item["at"], item["instance"]) == (act, f"2021-{moment}T00:00:00+08:00", instance.id)
    assert [person["username"] for person in item["to"]] == [to]
    task = world.open_task(instance, "decide")
    assert (task.assigned_organisation_id, task.version) == (world.county, 0), "asking changes nothing"
    early = preview(world.session, at(START), at(DUE) - timedelta(days=1))
    assert {item["kind"] for item in early} == {"reminder"}


@pytest.mark.parametrize(("ending", "act"), [(HAND_OVER, "hand_over"), (DECIDE, "silent")])
def test_two_sweeps_at_once_act_once(app: Flask, world: DatedWorld, begin: Begin, ending: str, act: str) -> None:
    begin(ending)
    clock.set_now(world.session, at("2021-05-07T09:30"))
    world.session.commit()
    ready, errors = threading.Barrier(3), []

    def work() -> None:
        try:
            with app.app_context():
                ready.wait(30)
                act_on_overdue()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with transaction() as session:
        assert len(session.scalars(select(HistoryEntry).where(HistoryEntry.act == act)).all()) == 1
