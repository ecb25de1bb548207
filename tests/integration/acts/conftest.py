"""A county office with three reviewers, its city, a unit, and a process with a block, signers and a choice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import COUNTY, SmallWorld, registered
from tests.processes.drawing import chain, diagram, element, end, fork, signing, start
from webapp import clock
from webapp.access import Actor
from webapp.definitions import library
from webapp.instances.models import HistoryEntry, Instance
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task

AT_UNIT = 'roles="unit_clerk" organisation="unit_id"'
AT_COUNTY = f'roles="county_reviewer" region="\'{COUNTY}\'" exclude="unit"'
OUTCOME = {
    "type": "radio",
    "id": "o",
    "key": "outcome",
    "label": "结果",
    "values": [{"label": "通过", "value": "pass"}, {"label": "不通过", "value": "refuse"}],
    "validate": {"required": True},
    "properties": {"outcome": "true"},
}
WORDS = {"type": "textarea", "id": "w", "key": "opinion", "label": "意见"}
FORM = {"type": "default", "id": "f", "schemaVersion": 18, "components": [OUTCOME, WORDS]}
PASS = {"outcome": "pass", "opinion": "同意"}


BODIES = 'organisation="signer"'
"""Of a 会签 whose list holds bodies instead of people."""


def signed(key: str, *, sequential: bool = False, rule: str = 'rule="all"', who: str = 'person="signer"') -> str:
    """A 会签 of those in `signers`."""
    declared = f'<wm:assignment roles="county_reviewer" {who} exclude="unit"/>'
    voting = f'<wm:signing {rule} approve="pass" outcome="outcome" result="passed"/><wm:form key="step"/>'
    inside = f"<bpmn:extensionElements>{declared}{voting}</bpmn:extensionElements>" + signing(sequential=sequential)
    return element("userTask", key, inside)


def step(key: str, rule: str = AT_COUNTY, more: str = "") -> str:
    """A step with the form `step`."""
    inside = f'<bpmn:extensionElements><wm:assignment {rule}/>{more}<wm:form key="step"/></bpmn:extensionElements>'
    return element("userTask", key, inside)


def case(*, sequential: bool = False, cc: str = "", rule: str = 'rule="all"', who: str = 'person="signer"') -> bytes:
    return diagram(
        start(),
        step("fill", AT_UNIT),
        step("review", more=cc),
        fork("split"),
        step("left"),
        step("right"),
        fork("join"),
        signed("sign", sequential=sequential, rule=rule, who=who),
        step("decide"),
        end(),
        chain("start", "fill", "review", "split", "left", "join", "sign", "decide", "end"),
        chain("split", "right", "join"),
    )


@dataclass
class Desk:
    """The people and what they do, each act as a request would: committed at its end."""

    world: SmallWorld
    session: Session
    clerk: Actor
    a: Actor
    b: Actor
    c: Actor
    leader: Actor
    instance: Instance

    def task(self, element_: str) -> Task:
        query = select(Task).where(
            Task.instance_id == self.instance.id, Task.element == element_, Task.status == "open"
        )
        return self.session.scalars(query.order_by(Task.opened_at, Task.id), execution_options=FRESH).first()  # type: ignore[return-value]

    def of(self, element_: str, person: Actor) -> Task:
        """The open task of that step that a person holds."""
        query = select(Task).where(
            Task.instance_id == self.instance.id,
            Task.element == element_,
            Task.status == "open",
            Task.claimed_by == person.user_id,
        )
        return self.session.scalars(query, execution_options=FRESH).one()

    def complete(self, task: Task, person: Actor, data: dict[str, Any] | None = None) -> None:
        complete_task(self.session, person, clock.now(), task.id, data or PASS, task.version)
        self.session.commit()

    def pass_(self, element_: str, person: Actor) -> None:
        self.complete(self.task(element_), person)

    @property
    def elements(self) -> list[str]:
        query = select(Task.element).where(Task.instance_id == self.instance.id, Task.status == "open")
        return sorted(self.session.scalars(query))

    def people(self, task: Task) -> dict[str, str]:
        """Who may do a task → why."""
        query = select(TaskCandidate.user_id, TaskCandidate.reason).where(
            TaskCandidate.task_id == task.id, TaskCandidate.is_open
        )
        names = {p.user_id: p.name for p in (self.clerk, self.a, self.b, self.c, self.leader)}
        return {names.get(user, str(user)): reason for user, reason in self.session.execute(query)}

    def lines(self) -> list[tuple[str, int | None, int | None]]:
        query = select(HistoryEntry).where(HistoryEntry.instance_id == self.instance.id).order_by(HistoryEntry.id)
        return [(e.act, e.actor_id, e.on_behalf_of) for e in self.session.scalars(query)]

    @property
    def acts(self) -> list[str]:
        return [line[0] for line in self.lines()]


FRESH = {"populate_existing": True}


@pytest.fixture
def world(session: Session, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """Versions of other databases have the same numbers: the cache starts empty."""
    monkeypatch.setattr(library, "_published", {})
    return SmallWorld(session)


@pytest.fixture
def drawn() -> bytes:
    return case()


@pytest.fixture
def desk(world: SmallWorld, drawn: bytes) -> Iterator[Desk]:
    clerk = world.person("clerk", world.unit, "unit_clerk")
    a, b, c = (world.person(name, world.county, "county_reviewer") for name in ("甲", "乙", "丙"))
    leader = world.person("市长", world.city, "city_leader")
    bodies = [world._organisation(name, "department", COUNTY) for name in ("县公安局", "县税务局")]
    for body in bodies:
        world.person(f"部门{body}", body, "county_reviewer")
    is_of_bodies = BODIES in drawn.decode()
    data = {"unit_id": world.unit, "signers": bodies if is_of_bodies else [a.user_id, b.user_id]}
    with registered(data=data):
        world.publish(drawn, {"step": FORM})
        instance = world.start(clerk)
        world.session.commit()
        yield Desk(world, world.session, clerk, a, b, c, leader, instance)
