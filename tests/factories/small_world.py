"""A county, its city, two offices and a process drawn by the test: enough to run instances."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.processes.drawing import element
from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.definitions.operations import publish
from webapp.instances import processes
from webapp.instances.models import Instance
from webapp.instances.operations import start_instance
from webapp.instances.processes import Beginning, ProcessRules
from webapp.registry.models import Organisation, Region
from webapp.tasks.models import Task

PROCESS = "p"
COUNTY, CITY = "430681", "430600"
_PATH = f"430000/{CITY}/{COUNTY}"


def assigned(
    key: str, rule: str = f'roles="county_reviewer" region="\'{COUNTY}\'"', *, deadline: str = "", more: str = ""
) -> str:
    """A user task with a `wm:assignment`, a `wm:deadline` where attributes are given, and other extensions."""
    declared = f"<wm:assignment {rule}/>" + (f"<wm:deadline {deadline}/>" if deadline else "") + more
    return element("userTask", key, f"<bpmn:extensionElements>{declared}</bpmn:extensionElements>")


class SmallWorld:
    """The places and people of one test."""

    def __init__(self, session: Session) -> None:
        self.session = session
        regions = [
            ("430000", "某省", None, "province"),
            (CITY, "某市", "430000", "city"),
            (COUNTY, "某县", CITY, "county"),
        ]
        for code, name, parent, level in regions:
            path = _PATH[: _PATH.index(code) + len(code)]
            session.add(Region(code=code, name=name, parent_code=parent, level=level, path=path))
            session.flush()
        self.city = self._organisation("市文明办", "office", CITY)
        self.county = self._organisation("县文明办", "office", COUNTY)
        self.unit = self._organisation("某单位", "unit", COUNTY)

    def _organisation(self, name: str, kind: str, region: str) -> int:
        row = Organisation(name=name, kind=kind, region_code=region, created_at=clock.real_now())
        self.session.add(row)
        self.session.flush()
        return row.id

    def person(self, username: str, organisation: int, *roles: str) -> Actor:
        """A new account; nobody can log in to it."""
        user = User(
            username=username,
            name=username,
            organisation_id=organisation,
            roles=list(roles),
            password_hash="!",
            created_at=clock.real_now(),
        )
        self.session.add(user)
        self.session.flush()
        return get_actor(self.session, user.id)

    def publish(self, drawn: bytes, forms: Mapping[str, Any] | None = None) -> None:
        """Make a drawn process the current version."""
        publish(self.session, PROCESS, drawn.decode(), forms or {}, {}, reason="test", published_by=None)

    def start(self, actor: Actor) -> Instance:
        """Start an instance."""
        return start_instance(self.session, actor, clock.now(), PROCESS, {})

    def open_tasks(self, instance: Instance) -> list[Task]:
        """The open tasks of an instance as the database holds them, by element."""
        query = select(Task).where(Task.instance_id == instance.id, Task.status == "open").order_by(Task.element)
        return list(self.session.scalars(query, execution_options={"populate_existing": True}))

    def open_task(self, instance: Instance, element: str) -> Task:
        """The one open task of that element."""
        (task,) = [task for task in self.open_tasks(instance) if task.element == element]
        return task

    def count(self, model: Any) -> int:
        """How many rows a table has."""
        return self.session.scalar(select(func.count()).select_from(model)) or 0


@contextmanager
def registered(
    *,
    data: Mapping[str, Any],
    services: Mapping[str, Callable[..., Any]] | None = None,
    steps: Mapping[str, Callable[..., Any]] | None = None,
) -> Iterator[None]:
    """Register the rules of the drawn process for the length of a block; everybody may start it with `data`."""

    def begin(_session: Session, actor: Actor, _now: datetime, _answers: dict[str, Any]) -> Beginning:
        return Beginning("某单位 · 测试", actor.organisation_id, None, None, _PATH, dict(data))

    rules = ProcessRules(
        process=PROCESS, begin=begin, may_start=lambda _actor: True, services=services or {}, steps=steps or {}
    )
    before = processes._registered.get(PROCESS)
    processes.register(rules)
    try:
        yield
    finally:
        del processes._registered[PROCESS]
        if before:
            processes.register(before)
