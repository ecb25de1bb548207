"""A list narrowed to a severity holds exactly the tasks that show it, whatever day of the week or year it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from tests.factories.small_world import assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, diagram, end, start
from webapp.deadlines.rules import SEVERITIES, severity
from webapp.inbox.queries import list_tasks
from webapp.tasks.models import Task


@pytest.fixture
def _tasks(world: DatedWorld) -> None:
    """One task for every half day around the Labour Day holiday of 2021."""
    world.publish(diagram(start(), assigned("decide"), end(), chain("start", "decide", "end")))
    found = world.open_task(world.start_at("2021-03-01T10:00"), "decide")
    columns = {column.name: getattr(found, column.name) for column in Task.__table__.columns}
    moments = [at("2021-04-10T11:59:59") + timedelta(hours=12 * number) for number in range(80)]
    owned = columns | {"claimed_by": world.reviewer.user_id}
    world.session.execute(insert(Task), [owned | {"id": uuid4(), "due_at": moment} for moment in moments])


@pytest.mark.usefixtures("_tasks")
@pytest.mark.parametrize(
    "now", ["2021-04-24T10:00", "2021-04-25T23:30", "2021-04-30T08:00", "2021-05-03T12:00", "2021-05-08T00:00"]
)
def test_filters_and_badges_agree(world: DatedWorld, now: str) -> None:
    moment = at(now)
    every = world.session.scalars(select(Task).where(Task.claimed_by == world.reviewer.user_id)).all()
    for chosen in SEVERITIES:
        page = list_tasks(world.session, world.reviewer, moment, "mine", {"severity": chosen}, 1, 100)
        shown = {row.id for row in page.items}
        assert shown == {task.id for task in every if severity(task.due_at, moment) == chosen}
        assert shown
