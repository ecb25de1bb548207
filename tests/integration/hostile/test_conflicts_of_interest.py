"""Nobody decides on their own organisation or checks their own work; where that leaves nobody, others are named."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.api_client import Case
from tests.factories.small_world import CITY, COUNTY, SmallWorld, assigned, registered
from tests.integration.hostile.conftest import World
from tests.processes.drawing import chain, diagram, end
from tests.processes.drawing import start as begin
from webapp import clock
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.batches.models import Batch
from webapp.database import transaction
from webapp.definitions import library
from webapp.instances import scope
from webapp.instances.models import Incident, Instance
from webapp.problems import Forbidden
from webapp.registry.models import Organisation
from webapp.tasks.following import follow_person
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task

DATA = {"unit_id": 1}


@pytest.fixture
def small(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallWorld]:
    """Versions of other databases have the same numbers: the cache starts empty."""
    monkeypatch.setattr(library, "_published", {})
    with registered(data=DATA):
        yield SmallWorld(session)


def drawn(*steps: str, keys: str) -> bytes:
    """A process of these steps one after the other."""
    return diagram(begin(), *steps, end(), chain("start", *keys.split(), "end"))


def candidates(session: Session, task: Task) -> dict[str, str]:
    """Username → reason of those who may do a task."""
    query = (
        select(User.username, TaskCandidate.reason)
        .join(User, User.id == TaskCandidate.user_id)
        .where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
    )
    return {name: reason for name, reason in session.execute(query)}


def under_review(small: SmallWorld, organisation: int, batch: int | None = None) -> Task:
    """The open review of a case about that organisation itself."""
    starter = small.person("starter", organisation)
    instance = small.start(starter)
    small.session.execute(update(Instance).where(Instance.id == instance.id).values(batch_id=batch))
    return small.open_task(instance, "review")


def test_people_of_the_reviewed_body_itself_are_passed_over_for_the_office_above(small: SmallWorld) -> None:
    """An office inside the unit under review: its reviewers are members of that unit."""
    small.publish(drawn(assigned("review"), keys="review"))
    reviewer = small.person("reviewer", small.county, "county_reviewer")
    above = small.person("above", small.city, "city_reviewer")
    small.person("inspector", small.city, "inspector")
    task = under_review(small, small.county)
    assert candidates(small.session, task) == {"above": "office_above"}
    with pytest.raises(Forbidden):
        complete_task(small.session, reviewer, clock.now(), task.id, {}, 0)
    complete_task(small.session, above, clock.now(), task.id, {}, 0)


def make_batch(small: SmallWorld, substitute: int, creator: int) -> int:
    batch = Batch(
        title="批次",
        region_code=CITY,
        document_number="x",
        opens_on=date(2020, 1, 1),
        closes_on=date(2040, 1, 1),
        term="t",
        notice_days=5,
        pass_mark=Decimal(1),
        sampling_ratio=Decimal(0),
        draw_seed="s",
        substitute_id=substitute,
        created_by=creator,
        created_at=clock.real_now(),
    )
    small.session.add(batch)
    small.session.flush()
    return batch.id


def test_the_substitute_of_the_batch_comes_before_the_office_above(small: SmallWorld) -> None:
    small.publish(drawn(assigned("first"), assigned("review"), keys="first review"))
    neighbour = Organisation(name="邻县文明办", kind="office", region_code=None, created_at=clock.real_now())
    small.session.add(neighbour)
    small.session.flush()
    starter = small.person("starter", small.county, "county_reviewer")
    small.person("above", small.city, "city_reviewer")
    other = small.person("neighbour", neighbour.id, "county_reviewer")
    batch = make_batch(small, neighbour.id, starter.user_id)
    instance = small.start(starter)
    small.session.execute(update(Instance).where(Instance.id == instance.id).values(batch_id=batch))
    first = small.open_task(instance, "first")
    assert candidates(small.session, first) == {"above": "office_above"}
    complete_by_anybody(small, first)
    review = small.open_task(instance, "review")
    assert candidates(small.session, review) == {"neighbour": "substitute"}
    assert scope.may_see(small.session, other, instance)
    complete_task(small.session, other, clock.now(), review.id, {}, review.version)


def complete_by_anybody(small: SmallWorld, task: Task) -> None:
    user = small.session.scalars(
        select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
    ).first()
    assert user is not None
    complete_task(small.session, get_actor(small.session, user), clock.now(), task.id, {}, task.version)


def test_whoever_did_an_excluded_step_does_not_do_the_next(small: SmallWorld) -> None:
    rule = f'roles="county_reviewer" region="\'{COUNTY}\'" exclude="unit acted:first"'
    small.publish(drawn(assigned("first"), assigned("second", rule), keys="first second"))
    one = small.person("one", small.county, "county_reviewer")
    small.person("two", small.county, "county_reviewer")
    instance = small.start(small.person("clerk", small.unit, "unit_clerk"))
    complete_task(small.session, one, clock.now(), small.open_task(instance, "first").id, {}, 0)
    second = small.open_task(instance, "second")
    assert candidates(small.session, second) == {"two": "role"}
    with pytest.raises(Forbidden):
        complete_task(small.session, one, clock.now(), second.id, {}, 0)


def test_where_nobody_is_left_at_all_the_step_is_an_incident_and_no_pass(small: SmallWorld) -> None:
    small.publish(drawn(assigned("review"), keys="review"))
    small.person("reviewer", small.county, "county_reviewer")
    task = under_review(small, small.county)
    assert candidates(small.session, task) == {}
    incident = small.session.scalars(select(Incident).where(Incident.instance_id == task.instance_id)).one()
    assert (incident.kind, incident.status) == ("nobody", "open")
    assert small.session.get_one(Instance, task.instance_id).status == "running"


def test_who_moves_into_the_unit_loses_its_review(small: SmallWorld) -> None:
    """A person whose organisation becomes the unit under review stops being a candidate at once."""
    rule = 'roles="county_reviewer" person="reviewer_id"'
    with registered(data={"reviewer_id": 0}):
        reviewer = small.person("reviewer", small.county, "county_reviewer")
    with registered(data={"reviewer_id": reviewer.user_id}):
        small.publish(drawn(assigned("review", rule), keys="review"))
        instance = small.start(small.person("clerk", small.unit, "unit_clerk"))
        task = small.open_task(instance, "review")
        assert list(candidates(small.session, task)) == ["reviewer"]
        small.session.execute(update(User).where(User.username == "reviewer").values(organisation_id=small.unit))
        follow_person(small.session, reviewer.user_id)
        assert candidates(small.session, task) == {}
        assert small.open_task(instance, "review").claimed_by is None


def test_who_moves_to_another_office_leaves_its_open_steps_behind(small: SmallWorld) -> None:
    small.publish(drawn(assigned("review"), keys="review"))
    reviewer = small.person("reviewer", small.county, "county_reviewer")
    small.person("colleague", small.county, "county_reviewer")
    instance = small.start(small.person("clerk", small.unit, "unit_clerk"))
    task = small.open_task(instance, "review")
    small.session.execute(update(User).where(User.username == "reviewer").values(organisation_id=small.city))
    follow_person(small.session, reviewer.user_id)
    assert candidates(small.session, task) == {"colleague": "role"}


def test_a_county_reviewer_who_becomes_an_inspector_does_not_inspect_what_they_reviewed(
    hostile_app: Flask, world: World
) -> None:
    clerk = world.office.person("yunxi.unit1.clerk")
    case = Case(world.office, clerk, batch=str(world.batch), honour="provincial").submitted()
    reviewer, _task = case.who("review_county")
    case.do("review_county", outcome="pass").consulted().assessed()
    with hostile_app.app_context(), transaction() as session:
        user = session.scalars(select(User).where(User.username == reviewer.username)).one()
        number, before = user.id, (user.organisation_id, list(user.roles))
        city = session.scalars(select(User.organisation_id).where(User.username == "inspector1")).one()
        user.organisation_id, user.roles = city, ["inspector"]
    try:
        officer, task = case.who("assign_inspectors")
        offered = next(c for c in task["form"]["components"] if c.get("key") == "inspectors")["values"]
        assert str(number) not in [choice["value"] for choice in offered]
        chosen = [str(number), offered[0]["value"]]
        refusal = officer.complete(task, 422, inspectors=chosen)
        assert refusal["errors"][0]["path"].startswith("inspectors")
    finally:
        with hostile_app.app_context(), transaction() as session:
            user = session.get_one(User, number)
            user.organisation_id, user.roles = before
        clerk.post(f"/instances/{case.id}/withdraw", {"reason": "结束"})
