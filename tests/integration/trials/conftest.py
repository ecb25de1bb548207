"""A process drawn by the test, with a draft that one designer edits."""

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import PROCESS, SmallWorld, assigned
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.access import Actor
from webapp.designer import operations
from webapp.designer.models import ProcessDraft

FORM = {
    "type": "default",
    "id": "decide",
    "components": [
        {"type": "textarea", "key": "why", "id": "why", "label": "理由", "validate": {"required": True}},
        {"type": "filepicker", "key": "files", "id": "files", "label": "附件", "multiple": True},
    ],
}
COUNTY = 'roles="county_reviewer" region="\'990101\'"'
CITY = 'roles="city_reviewer" region="\'990100\'"'


def drawn(*steps: str, days: int = 5) -> bytes:
    """One step after the other, the first at the county, the rest at the city."""
    nodes = [
        assigned(
            step, COUNTY if place == 0 else CITY, deadline=f'working_days="{days}"', more='<wm:form key="decide"/>'
        )
        for place, step in enumerate(steps)
    ]
    return diagram(start(), *nodes, end(), chain("start", *steps, "end"))


@pytest.fixture
def world(session: Session) -> SmallWorld:
    small = SmallWorld(session)
    small.publish(drawn("decide"), {"decide": FORM})
    return small


@pytest.fixture
def designer(world: SmallWorld) -> Actor:
    return world.person("designer", world.city, "process_designer")


@pytest.fixture
def draft(session: Session, designer: Actor) -> ProcessDraft:
    operations.open_draft(session, designer, clock.now(), PROCESS)
    return operations.edit(session, designer, clock.now(), PROCESS)
