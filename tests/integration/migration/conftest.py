"""A small process in several versions, a clerk and reviewers, and somebody who may migrate cases."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.small_world import COUNTY, PROCESS, SmallWorld, registered
from tests.processes.drawing import chain, diagram, element, end, fork, start
from webapp import clock
from webapp.access import Actor
from webapp.definitions import library
from webapp.instances.models import HistoryEntry, Instance
from webapp.migration import jobs, operations, passages
from webapp.migration.models import CaseMigration, MigrationItem
from webapp.tasks.models import Draft, Task, TaskCandidate
from webapp.tasks.operations import claim, complete_task

AT_UNIT = 'roles="unit_clerk" organisation="unit_id"'
AT_COUNTY = f'roles="county_reviewer" region="\'{COUNTY}\'" exclude="unit"'
WORDS = {"type": "textarea", "id": "w", "key": "opinion", "label": "意见"}


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "id": "f", "schemaVersion": 18, "components": [WORDS, *components]}


def step(key: str, rule: str = AT_COUNTY, *, days: int = 5, name: str = "") -> str:
    """A step with the form `step` and a deadline in working days."""
    declared = f'<wm:assignment {rule}/><wm:deadline working_days="{days}"/><wm:form key="step"/>'
    text = element("userTask", key, f"<bpmn:extensionElements>{declared}</bpmn:extensionElements>")
    return text.replace(f'name="{key}"', f'name="{name or key}"', 1)


def line(*steps: str) -> bytes:
    """Steps one after the other: the unit fills, the county does the rest."""
    drawn = [step(key, AT_UNIT if key == "fill" else AT_COUNTY) for key in steps]
    return diagram(start(), *drawn, end(), chain("start", *steps, "end"))


def block(*right: str) -> bytes:
    """Two branches after the unit has filled."""
    steps = ("left", *right)
    return diagram(
        start(),
        step("fill", AT_UNIT),
        fork("split"),
        *map(step, steps),
        fork("join"),
        step("after"),
        end(),
        chain("start", "fill", "split", "left", "join", "after", "end"),
        chain("split", *right, "join"),
    )


@dataclass
class Desk:
    """The people, and what they do; each act is committed as a request would."""

    world: SmallWorld
    clerk: Actor
    reviewer: Actor
    other: Actor
    admin: Actor
    started: list[Instance] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.world.session

    def publish(self, drawn: bytes, document: dict[str, Any] | None = None) -> None:
        self.world.publish(drawn, {"step": document or form()})
        self.session.commit()

    def start(self, *done: str) -> Instance:
        """A case, as far as these steps are done."""
        instance = self.world.start(self.clerk)
        self.started.append(instance)
        self.session.commit()
        for key in done:
            self.do(instance, key)
        return instance

    def do(self, instance: Instance, key: str, **answers: Any) -> None:
        task = self.task(instance, key)
        actor = self.clerk if key == "fill" else self.reviewer
        data = {"opinion": "同意"} | answers
        complete_task(self.session, actor, clock.now(), task.id, data, version=task.version)
        self.session.commit()

    def task(self, instance: Instance, key: str) -> Task:
        return self.world.open_task(instance, key)

    def claim(self, instance: Instance, key: str) -> None:
        task = self.task(instance, key)
        claim(self.session, self.reviewer, clock.now(), task.id)
        self.session.commit()

    def write(self, instance: Instance, key: str, answers: dict[str, Any]) -> None:
        task = self.task(instance, key)
        draft = Draft(task_id=task.id, user_id=self.reviewer.user_id, answers=answers, saved_at=clock.now())
        self.session.add(draft)
        self.session.commit()

    def propose(self, versions: tuple[int, int] = (1, 2), mapping: dict[str, str] | None = None, **chosen: Any) -> int:
        """A migration; returns its number."""
        made = operations.propose(self.session, self.admin, clock.now(), PROCESS, versions, chosen, mapping)
        self.session.commit()
        return made.id

    def begun(self, cases: int) -> int:
        """A migration of so many cases to a version with one step more, which waits for a worker."""
        self.publish(line("fill", "review"))
        for _ in range(cases):
            self.world.start(self.clerk)
        self.session.commit()
        self.publish(line("fill", "review", "confirm"))
        migration = self.propose()
        self.begin(migration)
        return migration

    def begin(self, migration: int) -> None:
        operations.start(self.session, self.admin, clock.now(), migration, "试点需要")
        self.session.commit()

    def carry_out(self, migration: int) -> None:
        """Start it and let a worker do it."""
        self.begin(migration)
        jobs.run(migration)
        self.session.expire_all()

    def move(self, versions: tuple[int, int] = (1, 2), mapping: dict[str, str] | None = None, **chosen: Any) -> int:
        made = self.propose(versions, mapping, **chosen)
        self.carry_out(made)
        return made

    def undo(self, migration: int) -> None:
        operations.undo(self.session, self.admin, migration)
        self.session.commit()
        jobs.back(migration)
        self.session.expire_all()

    def status(self, migration: int) -> str:
        return self.session.get_one(CaseMigration, migration, populate_existing=True).status

    def items(self, migration: int) -> dict[str, MigrationItem]:
        """Number of the case → what became of it."""
        query = select(MigrationItem, Instance.number).join(Instance, Instance.id == MigrationItem.instance_id)
        rows = self.session.execute(
            query.where(MigrationItem.migration_id == migration), execution_options={"populate_existing": True}
        )
        return {row.number: row.MigrationItem for row in rows}

    def item(self, migration: int, instance: Instance) -> MigrationItem:
        return self.items(migration)[instance.number]

    def version_of(self, instance: Instance) -> int:
        self.session.refresh(instance)
        return library.get_published(self.session, instance.process_version_id).version

    def timeline(self, instance: Instance) -> list[tuple[str, str | None]]:
        query = select(HistoryEntry.act, HistoryEntry.comment).where(HistoryEntry.instance_id == instance.id)
        return [(act, comment) for act, comment in self.session.execute(query.order_by(HistoryEntry.id))]

    def candidates(self, task: Task) -> set[str]:
        rows = self.session.scalars(
            select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
        )
        names = {one.user_id: one.username for one in (self.clerk, self.reviewer, self.other, self.admin)}
        return {names[key] for key in rows}


@pytest.fixture(autouse=True)
def _no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions of other databases have the same numbers: what is kept of published versions starts empty."""
    monkeypatch.setattr(library, "_published", {})
    monkeypatch.setattr(passages, "_ahead", {})


@pytest.fixture
def desk(session: Session) -> Iterator[Desk]:
    world = SmallWorld(session)
    made = Desk(
        world,
        world.person("clerk", world.unit, "unit_clerk"),
        world.person("reviewer", world.county, "county_reviewer"),
        world.person("other", world.county, "county_reviewer"),
        world.person("admin", world.city, "administrator"),
    )
    session.commit()
    with registered(data={"unit_id": world.unit}):
        yield made
