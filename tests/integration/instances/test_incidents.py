"""What fails behind a decision becomes an incident: the decision stands, and a retry takes the instance on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from tests.factories.small_world import COUNTY, SmallWorld, assigned, registered
from tests.processes.drawing import (
    boundary,
    catch,
    chain,
    diagram,
    element,
    end,
    fork,
    message,
    service,
    signing,
    start,
    sub,
    timer,
)
from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.instances.incidents import BACK_OFF, NOBODY_EVERY
from webapp.instances.interventions import resume, retry_incident, suspend
from webapp.instances.models import HistoryEntry, Incident, Instance, Message, Submission
from webapp.instances.operations import send_message, withdraw
from webapp.instances.processes import Case
from webapp.instances.queries import open_incidents
from webapp.instances.repairs import retry_due
from webapp.instances.timers import fire_due
from webapp.problems import Conflict, Invalid
from webapp.tasks.following import follow_person
from webapp.tasks.models import TaskCandidate
from webapp.tasks.operations import complete_task

AT_COUNTY = f'roles="county_reviewer" region="\'{COUNTY}\'"'


class Archive:
    """A service that works only while it is mended; each call that works leaves a row."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, case: Case, **_arguments: Any) -> str:
        case.session.add(Message(instance_id=case.instance_id, name="filed", payload={}, created_at=case.now))
        case.session.flush()
        if self.broken:
            raise ConnectionError("档案系统没有应答")
        return "done"


@pytest.fixture
def clerk(world: SmallWorld) -> Actor:
    return world.person("clerk", world.unit, "unit_clerk")


@pytest.fixture
def reviewer(world: SmallWorld) -> Actor:
    return world.person("reviewer", world.county, "county_reviewer")


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture(autouse=True)
def _rules(archive: Archive) -> Iterator[None]:
    with registered(data={"signers": [], "until": "never", "region": COUNTY}, services={"archive": archive}):
        yield


def decide(world: SmallWorld, actor: Actor, instance: Instance, element_: str = "decide") -> None:
    """Complete an open task as somebody who has just read it; a failure undoes what the request did before."""
    world.session.commit()
    found = world.open_task(instance, element_)
    complete_task(world.session, actor, clock.now(), found.id, {}, found.version)


def elements(world: SmallWorld, instance: Instance) -> list[str]:
    return [found.element for found in world.open_tasks(instance)]


def acts(world: SmallWorld, instance: Instance) -> list[str]:
    query = select(HistoryEntry.act).where(HistoryEntry.instance_id == instance.id).order_by(HistoryEntry.id)
    return list(world.session.scalars(query))


def filed(*, second: str = "look") -> bytes:
    return diagram(
        start(),
        assigned("decide"),
        service("archive", 'name="archive"'),
        assigned(second),
        end(),
        chain("start", "decide", "archive", second, "end"),
    )


def test_a_failing_service_keeps_the_decision(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(filed())
    instance = world.start(clerk)

    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element, incident.error_type) == ("engine", "archive", "ConnectionError")
    assert incident.trace is not None
    assert "档案系统没有应答" in incident.trace
    assert incident.next_retry_at == incident.at + BACK_OFF[0]
    assert instance.status == "running"
    assert elements(world, instance) == []
    assert world.count(Submission) == 1
    assert world.count(Message) == 0, "what the failing service wrote is undone"
    assert acts(world, instance) == ["start", "complete", "incident"]


def test_a_retry_takes_the_instance_on(world: SmallWorld, clerk: Actor, reviewer: Actor, archive: Archive) -> None:
    world.publish(filed())
    instance = world.start(clerk)
    decide(world, reviewer, instance)

    retry_incident(world.session, reviewer, clock.now(), instance.id)
    (incident,) = world.session.scalars(select(Incident))
    assert (incident.status, incident.retries) == ("open", 1)

    archive.broken = False
    retry_incident(world.session, reviewer, clock.now(), instance.id)
    (incident,) = world.session.scalars(select(Incident))
    assert (incident.status, incident.resolved_by) == ("resolved", reviewer.user_id)
    assert elements(world, instance) == ["look"]
    assert acts(world, instance) == ["start", "complete", "incident", "retry", "service"]


def test_the_machine_retries_three_times_then_leaves_it_to_a_person(
    world: SmallWorld, clerk: Actor, reviewer: Actor
) -> None:
    world.publish(filed())
    instance = world.start(clerk)
    decide(world, reviewer, instance)
    now = clock.now()

    assert not retry_due(world.session, now, instance.id), "not yet due"
    for pause in BACK_OFF:
        now += pause + timedelta(seconds=1)
        assert not retry_due(world.session, now, instance.id)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.retries, incident.next_retry_at) == (3, None)
    assert not retry_due(world.session, now + timedelta(days=1), instance.id)
    assert acts(world, instance) == ["start", "complete", "incident"], "failed retries do not fill the timeline"


def test_the_machine_mends_what_has_mended_itself(
    world: SmallWorld, clerk: Actor, reviewer: Actor, archive: Archive
) -> None:
    world.publish(filed())
    instance = world.start(clerk)
    decide(world, reviewer, instance)
    archive.broken = False

    assert retry_due(world.session, clock.now() + BACK_OFF[0], instance.id)

    assert open_incidents(world.session, instance.id) == []
    assert elements(world, instance) == ["look"]
    retried = world.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "retry")).one()
    assert retried.machine
    assert world.session.scalars(select(AuditEntry).where(AuditEntry.act == "instance.retry")).one().machine


def test_two_failures_are_two_incidents_and_one_retry_mends_one(
    world: SmallWorld, clerk: Actor, reviewer: Actor, archive: Archive
) -> None:
    world.publish(
        diagram(
            start(),
            fork("split"),
            service("archive", 'name="archive"'),
            service("other", 'name="unknown"'),
            fork("join"),
            end(),
            chain("start", "split", "archive", "join", "end"),
            chain("split", "other", "join"),
        )
    )
    instance = world.start(clerk)
    assert {i.element for i in open_incidents(world.session, instance.id)} == {"archive", "other"}

    archive.broken = False
    retry_incident(world.session, reviewer, clock.now(), instance.id)

    (left,) = open_incidents(world.session, instance.id)
    assert (left.element, left.error_type, left.retries) == ("other", "ServiceMissingError", 1)
    assert world.count(Incident) == 2


def test_an_empty_list_of_signers_keeps_the_decision_for_replay(
    world: SmallWorld, clerk: Actor, reviewer: Actor
) -> None:
    rule = f"<bpmn:extensionElements><wm:assignment {AT_COUNTY}/></bpmn:extensionElements>"
    world.publish(
        diagram(
            start(),
            assigned("decide"),
            element("userTask", "sign", rule + signing()),
            end(),
            chain("start", "decide", "sign", "end"),
        )
    )
    instance = world.start(clerk)
    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element, incident.error_type) == ("replay", "sign", "SignersError")
    assert elements(world, instance) == []
    assert world.count(Submission) == 1
    task_id = world.session.scalars(select(Submission.task_id)).one()
    with pytest.raises(Conflict):
        complete_task(world.session, reviewer, clock.now(), task_id, {}, 0)

    retry_incident(world.session, reviewer, clock.now(), instance.id)
    assert open_incidents(world.session, instance.id)[0].retries == 1
    retry_incident(world.session, reviewer, clock.now(), instance.id, {"signers": ["a", "b"]})

    assert open_incidents(world.session, instance.id) == []
    assert elements(world, instance) == ["sign", "sign"]
    assert world.count(Submission) == 1
    for found in world.open_tasks(instance):
        complete_task(world.session, reviewer, clock.now(), found.id, {}, found.version)
    assert instance.status == "completed"


def test_a_timer_that_cannot_be_armed_keeps_the_decision(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(
        diagram(
            start(),
            assigned("decide"),
            assigned("answer"),
            boundary("overdue", "answer", timer("until")),
            end(),
            end("late"),
            chain("start", "decide", "answer", "end"),
            chain("overdue", "late"),
        )
    )
    instance = world.start(clerk)
    decide(world, reviewer, instance)
    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element, incident.error_type) == ("replay", "overdue", "TimerNotArmedError")

    until = clock.now() + timedelta(days=3)
    retry_incident(world.session, reviewer, clock.now(), instance.id, {"until": until.isoformat()})

    assert elements(world, instance) == ["answer"]
    assert [wait["element"] for wait in instance.waits] == ["overdue"]
    assert fire_due(world.session, until + timedelta(seconds=1), instance.id)
    assert (instance.status, elements(world, instance)) == ("completed", [])


def late_and_broken() -> bytes:
    return diagram(
        start(),
        assigned("answer"),
        boundary("overdue", "answer", timer("'2027-01-04T12:00:00+08:00'")),
        service("archive", 'name="archive"'),
        catch("pause", timer("until")),
        end(),
        end("late"),
        chain("start", "answer", "end"),
        chain("overdue", "archive", "pause", "late"),
    )


def test_a_timer_that_cannot_go_on_is_one_incident_and_changes_nothing(
    world: SmallWorld, clerk: Actor, reviewer: Actor, archive: Archive
) -> None:
    archive.broken = False
    world.publish(late_and_broken())
    instance = world.start(clerk)
    before, data = instance.state, dict(instance.data)
    late = clock.now().replace(year=2027, month=2)

    assert not fire_due(world.session, late, instance.id)
    assert not fire_due(world.session, late, instance.id)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element, incident.pending) == ("replay", "pause", {"act": "advance"})
    assert incident.retries == 0, "the sweep leaves it alone"
    assert (instance.state, instance.data) == (before, data)
    assert elements(world, instance) == ["answer"]
    assert world.count(Message) == 0

    retry_incident(world.session, reviewer, late, instance.id, {"until": "2027-03-04T12:00:00+08:00"})
    assert open_incidents(world.session, instance.id) == []
    assert (elements(world, instance), [w["element"] for w in instance.waits]) == ([], ["pause"])
    assert world.count(Message) == 1


def test_a_withdrawal_that_cannot_go_on_is_kept(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    body = sub("body", start("s"), assigned("look"), end("e"), chain("s", "look", "e"))
    world.publish(
        diagram(
            start(),
            body,
            boundary("withdrawn", "body", message("withdrawal")),
            catch("pause", timer("until")),
            end("gone", 'status="withdrawn" value="withdrawn" name="已撤回"'),
            end(),
            chain("start", "body", "end"),
            chain("withdrawn", "pause", "gone"),
            messages=("withdrawal",),
        )
    )
    instance = world.start(clerk)

    withdraw(world.session, clerk, clock.now(), instance.id, "材料有误")

    assert instance.status == "running"
    assert acts(world, instance) == ["start", "withdraw", "incident"]
    at = clock.now() - timedelta(days=1)
    retry_incident(world.session, reviewer, clock.now(), instance.id, {"until": at.isoformat()})
    assert (instance.status, elements(world, instance)) == ("withdrawn", [])
    assert open_incidents(world.session, instance.id) == []


def test_the_end_of_an_instance_makes_its_incidents_moot(world: SmallWorld, clerk: Actor) -> None:
    body = sub("body", start("s"), assigned("look"), end("e"), chain("s", "look", "e"))
    world.publish(
        diagram(
            start(),
            body,
            boundary("withdrawn", "body", message("withdrawal")),
            end("gone", 'status="withdrawn" value="withdrawn" name="已撤回"'),
            end(),
            chain("start", "body", "end"),
            chain("withdrawn", "gone"),
            messages=("withdrawal",),
        )
    )
    instance = world.start(clerk)
    assert [i.kind for i in open_incidents(world.session, instance.id)] == ["nobody"]

    withdraw(world.session, clerk, clock.now(), instance.id, "材料有误")

    assert open_incidents(world.session, instance.id) == []
    with pytest.raises(Conflict):
        retry_incident(world.session, clerk, clock.now(), instance.id)


def alone(rule: str) -> bytes:
    return diagram(start(), assigned("look", rule), end(), chain("start", "look", "end"))


def test_a_step_without_people_is_an_incident_until_somebody_gets_the_role(world: SmallWorld, clerk: Actor) -> None:
    world.publish(alone(AT_COUNTY))
    instance = world.start(clerk)
    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element) == ("nobody", "look")
    assert incident.next_retry_at == incident.at + NOBODY_EVERY

    newcomer = world.person("newcomer", world.county, "county_reviewer")
    follow_person(world.session, newcomer.user_id)

    world.session.expire_all()
    assert open_incidents(world.session, instance.id) == []
    decide(world, newcomer, instance, "look")
    assert instance.status == "completed"


def test_the_machine_looks_for_people_again(world: SmallWorld, clerk: Actor) -> None:
    world.publish(alone(AT_COUNTY))
    instance = world.start(clerk)
    assert not retry_due(world.session, clock.now() + NOBODY_EVERY, instance.id)
    (incident,) = open_incidents(world.session, instance.id)
    assert incident.next_retry_at is not None

    world.person("newcomer", world.county, "county_reviewer")  # an account that came another way
    assert retry_due(world.session, incident.next_retry_at, instance.id)
    assert open_incidents(world.session, instance.id) == []


def test_the_minimum_of_people_holds(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(alone(AT_COUNTY + ' persons="2"'))
    instance = world.start(clerk)
    assert [i.kind for i in open_incidents(world.session, instance.id)] == ["nobody"]

    second = world.person("second", world.county, "county_reviewer")
    follow_person(world.session, second.user_id)

    assert open_incidents(world.session, instance.id) == []
    assert {c.user_id for c in world.session.scalars(select(TaskCandidate))} == {reviewer.user_id, second.user_id}


def test_the_last_person_to_leave_makes_an_incident(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(alone(AT_COUNTY))
    instance = world.start(clerk)
    assert open_incidents(world.session, instance.id) == []

    world.session.get_one(User, reviewer.user_id).disabled_at = clock.real_now()
    world.session.flush()
    follow_person(world.session, reviewer.user_id)

    assert [i.kind for i in open_incidents(world.session, instance.id)] == ["nobody"]
    assert "incident" in acts(world, instance)


def test_the_office_above_stands_in_and_its_people_may_leave(world: SmallWorld, clerk: Actor) -> None:
    above = world.person("above", world.city, "city_reviewer")
    other = world.person("other", world.city, "city_reviewer")
    world.publish(alone(AT_COUNTY))
    instance = world.start(clerk)
    assert open_incidents(world.session, instance.id) == []

    world.session.get_one(User, above.user_id).disabled_at = clock.real_now()
    world.session.flush()
    follow_person(world.session, above.user_id)

    still = select(TaskCandidate.user_id).where(TaskCandidate.is_open)
    assert list(world.session.scalars(still)) == [other.user_id]
    follow_person(world.session, other.user_id)
    assert list(world.session.scalars(still)) == [other.user_id], "nothing of the post has changed"


def test_a_named_person_who_may_not_act_does_not_block_the_task(world: SmallWorld, clerk: Actor) -> None:
    world.publish(alone('person="signers"'))
    with registered(data={"signers": 999_999}):
        instance = world.start(clerk)
        (incident,) = open_incidents(world.session, instance.id)
        assert incident.kind == "nobody"
        assert world.open_task(instance, "look").claimed_by is None

        inspector = world.person("inspector", world.city, "inspector")
        retry_incident(world.session, clerk, clock.now(), instance.id, {"signers": inspector.user_id})
        assert open_incidents(world.session, instance.id) == []
        decide(world, inspector, instance, "look")
    assert instance.status == "completed"


def test_a_named_person_who_comes_back_gets_the_task_back(world: SmallWorld, clerk: Actor) -> None:
    world.publish(alone('person="signers"'))
    inspector = world.person("inspector", world.city, "inspector")
    with registered(data={"signers": inspector.user_id}):
        instance = world.start(clerk)
    user = world.session.get_one(User, inspector.user_id)
    for away_since, kinds in ((clock.real_now(), ["nobody"]), (None, [])):
        user.disabled_at = away_since
        world.session.flush()
        follow_person(world.session, inspector.user_id)
        world.session.expire_all()
        assert [i.kind for i in open_incidents(world.session, instance.id)] == kinds

    with registered(data={}):
        decide(world, inspector, instance, "look")
    assert instance.status == "completed"


@pytest.mark.parametrize(
    "rule", ['region="missing"', 'organisation="region + 1"', 'organisation="signers"', 'region="1"']
)
def test_a_rule_that_cannot_be_computed_is_an_incident(
    world: SmallWorld, clerk: Actor, reviewer: Actor, rule: str
) -> None:
    world.publish(
        diagram(start(), assigned("decide"), assigned("look", rule), end(), chain("start", "decide", "look", "end"))
    )
    instance = world.start(clerk)

    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.element, incident.error_type) == ("nobody", "look", "AssignmentError")
    assert elements(world, instance) == ["look"]


def test_a_rule_is_asked_again_after_its_data_were_mended(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(alone('roles="county_reviewer" region="region"'))
    with registered(data={"region": 7}):
        instance = world.start(clerk)
        retry_incident(world.session, reviewer, clock.now(), instance.id, {"region": COUNTY})

    assert open_incidents(world.session, instance.id) == []
    assert instance.data["region"] == COUNTY
    assert world.open_task(instance, "look").assigned_organisation_id == world.county


def test_a_deadline_that_cannot_be_computed_does_not_stop_the_step(
    world: SmallWorld, clerk: Actor, reviewer: Actor
) -> None:
    drawn = diagram(start(), assigned("look", deadline='working_days="until"'), end(), chain("start", "look", "end"))
    world.publish(drawn)
    instance = world.start(clerk)
    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.error_type) == ("deadline", "DeadlineError")

    retry_incident(world.session, reviewer, clock.now(), instance.id, {"until": 5})

    assert open_incidents(world.session, instance.id) == []
    assert world.open_task(instance, "look").due_at is not None


@pytest.mark.parametrize("data", [{"nonsense": 1}, {"region": "\x00"}, {"region": float("inf")}])
def test_corrections_are_checked(world: SmallWorld, clerk: Actor, data: dict[str, Any]) -> None:
    world.publish(alone('roles="county_reviewer" region="region"'))
    instance = world.start(clerk)

    with pytest.raises(Invalid):
        retry_incident(world.session, clerk, clock.now(), instance.id, data)


def test_a_suspended_instance_is_left_alone(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(alone(AT_COUNTY))
    leader = world.person("leader", world.city, "city_leader")
    instance = world.start(clerk)
    suspend(world.session, leader, clock.now(), instance.id, "核查")
    successor = world.person("successor", world.county, "county_reviewer")
    world.session.get_one(User, reviewer.user_id).disabled_at = clock.real_now()
    world.session.flush()
    for user_id in (successor.user_id, reviewer.user_id):
        follow_person(world.session, user_id)
    with pytest.raises(Conflict):
        retry_incident(world.session, leader, clock.now(), instance.id)

    resume(world.session, leader, clock.now(), instance.id, "核查完毕")

    candidates = world.session.scalars(select(TaskCandidate.user_id).where(TaskCandidate.is_open))
    assert list(candidates) == [successor.user_id]


def test_a_kept_message_that_cannot_go_on_is_handed_over_once(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(
        diagram(
            start(),
            assigned("decide"),
            catch("hear", message("objection")),
            catch("pause", timer("until")),
            assigned("settle"),
            end(),
            chain("start", "decide", "hear", "pause", "settle", "end"),
            messages=("objection",),
        )
    )
    instance = world.start(clerk)
    assert not send_message(world.session, clock.now(), instance.id, "objection", {})
    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, (incident.pending or {})["message"]) == ("replay", "objection")
    past = (clock.now() - timedelta(days=1)).isoformat()
    retry_incident(world.session, reviewer, clock.now(), instance.id, {"until": past})
    assert elements(world, instance) == ["settle"]


def test_a_state_that_cannot_be_read_keeps_the_decision(world: SmallWorld, clerk: Actor, reviewer: Actor) -> None:
    world.publish(filed())
    instance = world.start(clerk)
    good = instance.state
    world.session.execute(update(Instance).values(state="not a state"))

    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.error_type) == ("replay", "StateError")
    assert world.count(Submission) == 1
    retry_incident(world.session, reviewer, clock.now(), instance.id)
    assert open_incidents(world.session, instance.id)[0].retries == 1

    world.session.execute(update(Instance).values(state=good))
    retry_incident(world.session, reviewer, clock.now(), instance.id)
    assert [i.kind for i in open_incidents(world.session, instance.id)] == ["engine"]


def test_a_lost_database_is_no_incident(
    world: SmallWorld, clerk: Actor, reviewer: Actor, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(_archive: Archive, _case: Case, **_arguments: Any) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionError("the server went away"))

    monkeypatch.setattr(Archive, "__call__", lose)
    world.publish(filed())
    instance = world.start(clerk)

    with pytest.raises(OperationalError):
        decide(world, reviewer, instance)

    world.session.rollback()
    assert open_incidents(world.session, instance.id) == []
    assert elements(world, instance) == ["decide"]


def test_a_service_that_breaks_a_rule_of_the_database_is_an_incident(
    world: SmallWorld, clerk: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def violate(_archive: Archive, case: Case, **_arguments: Any) -> None:
        case.session.execute(update(Instance).values(status="nonsense"))

    monkeypatch.setattr(Archive, "__call__", violate)
    world.publish(filed())
    instance = world.start(clerk)

    decide(world, reviewer, instance)

    (incident,) = open_incidents(world.session, instance.id)
    assert (incident.kind, incident.error_type) == ("engine", "IntegrityError")
    assert world.count(Submission) == 1
