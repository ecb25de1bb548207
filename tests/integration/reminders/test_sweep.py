"""The sweep tells each stage once: to whoever should act, then to their superiors, and never about what is done."""

import threading
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.database import db, transaction
from webapp.deadlines.extending import extend
from webapp.instances.interventions import resume, suspend
from webapp.instances.models import HistoryEntry, Instance
from webapp.mail.models import MailMessage
from webapp.registry.models import Organisation
from webapp.reminders import operations
from webapp.reminders.jobs import send_notices
from webapp.reminders.operations import sweep_batch
from webapp.reminders.superiors import find_superiors
from webapp.tasks.following import follow_person
from webapp.tasks.models import Task
from webapp.tasks.operations import claim, complete_task


@pytest.fixture
def instance(world: DatedWorld) -> Instance:
    """A step of the county office that is due on 28 April 2021."""
    step = assigned("decide", deadline='working_days="5"')
    world.publish(diagram(start(), step, assigned("look"), end(), chain("start", "decide", "look", "end")))
    return world.start_at("2021-04-22T10:00")


def sweep(session: Session, text: str) -> int:
    return sweep_batch(session, at(text))[1]


def told(session: Session) -> list[tuple[str, int, str]]:
    return [(m.kind, m.user_id, m.status) for m in session.scalars(select(MailMessage).order_by(MailMessage.id))]


def test_the_next_stage_is_planned_when_the_task_is_opened(world: DatedWorld, instance: Instance) -> None:
    assert world.open_task(instance, "decide").next_notice_at == at("2021-04-25T08:00")


def test_each_stage_is_told_once(world: DatedWorld, instance: Instance) -> None:
    session = world.session
    assert sweep(session, "2021-04-25T07:59") == 0
    assert [sweep(session, "2021-04-25T08:00"), sweep(session, "2021-04-25T08:00")] == [1, 0]
    assert told(session) == [("reminder", world.reviewer.user_id, "digest")]
    assert world.open_task(instance, "decide").next_notice_at == at("2021-04-27T08:00")


def test_who_claimed_it_is_reminded_alone(world: DatedWorld, instance: Instance) -> None:
    other = world.person("other", world.county, "county_reviewer")
    follow_person(world.session, other.user_id)
    task = world.open_task(instance, "decide")
    claim(world.session, other, at("2021-04-22T10:00"), task.id)
    world.session.flush()
    sweep(world.session, "2021-04-25T08:00")
    assert [user for _kind, user, _status in told(world.session)] == [other.user_id]


def test_missed_reminders_are_merged_and_what_is_overdue_is_escalated_once(
    world: DatedWorld, instance: Instance
) -> None:
    session = world.session
    assert [sweep(session, "2021-04-28T12:00"), sweep(session, "2021-04-28T12:00")] == [1, 0]
    assert [kind for kind, _user, _status in told(session)] == ["reminder"]
    assert [sweep(session, "2021-05-06T12:00"), sweep(session, "2021-05-06T12:30")] == [1, 0]
    assert told(session)[1:] == [("escalation", world.leader.user_id, "queued")]
    line = session.scalars(select(HistoryEntry).where(HistoryEntry.act == "escalate")).one()
    assert line.machine
    assert line.comment == "“decide”逾期 3 个工作日，已上报市文明办：leader。"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "task.escalate")).one()
    assert entry.machine
    assert (entry.after or {})["to"] == [world.leader.user_id]


def test_escalation_climbs_each_time_and_stays_at_the_top(world: DatedWorld, instance: Instance) -> None:
    province = world._organisation("省文明办", "office", "430000")
    officer = world.person("officer", province, "provincial_officer")
    for moment in ("2021-04-29T09:00", "2021-05-10T09:00", "2021-05-17T09:00"):
        sweep(world.session, moment)
    assert [user for _kind, user, _status in told(world.session)] == [
        world.leader.user_id,
        officer.user_id,
        officer.user_id,
    ]


def test_a_named_superior_goes_before_the_office_above(world: DatedWorld, instance: Instance) -> None:
    head = world._organisation("督导单位", "unit", "430600")
    chief = world.person("chief", head, "unit_leader")
    world.session.get_one(Organisation, world.county).superior_id = head
    world.session.flush()
    sweep(world.session, "2021-04-29T09:00")
    assert told(world.session) == [("escalation", chief.user_id, "queued")]


def test_a_leader_of_ones_own_comes_first_and_then_the_office_above(world: DatedWorld, instance: Instance) -> None:
    chief = world.person("chief", world.county, "inspector")
    world.session.get_one(User, world.reviewer.user_id).leader_id = chief.user_id
    world.session.flush()
    for moment in ("2021-04-29T09:00", "2021-05-10T09:00"):
        sweep(world.session, moment)
    assert [user for _kind, user, _status in told(world.session)] == [chief.user_id, world.leader.user_id]


def test_where_nobody_is_above_the_administrator_learns_why(world: DatedWorld, instance: Instance) -> None:
    world.session.execute(db.text("UPDATE users SET disabled_at = now() WHERE username = 'leader'"))
    sweep(world.session, "2021-04-29T09:00")
    assert told(world.session) == [("escalation", world.administrator.user_id, "queued")]
    line = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "escalate")).one()
    assert "没有可以通知的负责人" in (line.comment or "")


def test_nothing_is_told_about_what_is_done_or_suspended(world: DatedWorld, instance: Instance) -> None:
    task = world.open_task(instance, "decide")
    suspend(world.session, world.leader, at("2021-04-22T10:00"), instance.id, "核实")
    assert sweep(world.session, "2021-05-06T12:00") == 0
    resume(world.session, world.leader, at("2021-04-22T11:00"), instance.id, "已核实")
    complete_task(world.session, world.reviewer, at("2021-04-22T12:00"), task.id, {}, task.version)
    assert sweep(world.session, "2021-05-06T12:00") == 0
    assert told(world.session) == []


def test_an_extension_moves_what_is_planned(world: DatedWorld, instance: Instance) -> None:
    session, task = world.session, world.open_task(instance, "decide")
    sweep(session, "2021-04-25T08:00")
    extend(session, world.leader, at("2021-04-25T10:00"), task.id, task.version, "材料较多", working_days=10)
    assert sweep(session, "2021-04-25T10:01") == 0
    after = world.open_task(instance, "decide")
    assert (after.due_at, after.next_notice_at) == (at("2021-05-14T23:59:59"), at("2021-05-08T08:00"))


def test_one_that_fails_stops_no_other(world: DatedWorld, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    second = world.start_at("2021-04-22T11:00")
    find, broken = find_superiors, world.open_task(instance, "decide").id

    def fail(session: Session, *arguments: Any) -> Any:
        if arguments[1] == 0 and len(calls) < 2:  # for all together, then for the first one by itself
            calls.append(1)
            session.execute(db.text("SELECT 1/0"))
        return find(session, *arguments)

    calls: list[int] = []
    monkeypatch.setattr(operations, "find_superiors", fail)
    assert sweep(world.session, "2021-04-29T09:00") == 1
    assert len(calls) == 2
    moments = {task.id: task.next_notice_at for one in (instance, second) for task in world.open_tasks(one)}
    assert set(moments.values()) == {at("2021-04-29T10:00"), at("2021-05-10T09:00")}
    assert broken in moments
    assert sweep(world.session, "2021-04-29T10:00") == 1


def test_two_sweeps_at_once_tell_once(app: Flask, world: DatedWorld, instance: Instance) -> None:
    for hour in range(11, 17):
        world.start_at(f"2021-04-22T{hour}:00")
    clock.set_now(world.session, at("2021-04-29T09:30"))
    world.session.commit()
    ready, errors = threading.Barrier(2), []

    def work() -> None:
        try:
            with app.app_context():
                ready.wait(30)
                send_notices()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with transaction() as session:
        assert told(session) == [("escalation", world.leader.user_id, "queued")] * 7


def test_a_busy_task_waits_for_the_next_sweep(world: DatedWorld, instance: Instance) -> None:
    task: Task = world.open_task(instance, "decide")
    world.session.commit()
    moment: datetime = at("2021-04-29T09:00")
    with transaction() as other:
        other.execute(select(Instance.id).where(Instance.id == instance.id).with_for_update())
        assert sweep_batch(world.session, moment) == (0, 0)
        world.session.rollback()
    assert sweep_batch(world.session, moment) == (1, 1)
    assert task.instance_id == instance.id
