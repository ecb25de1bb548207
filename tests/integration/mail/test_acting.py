"""Steps that a link answers by itself: looking changes nothing, the button does, once, as the person it was sent to."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.integration.mail.conftest import Office
from tests.processes.drawing import chain, diagram, element, end, start
from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.mail import tokens
from webapp.mail.tokens import Ticket, make_token
from webapp.tasks.models import Task
from webapp.tasks.operations import claim

MARKED = (
    "<bpmn:extensionElements><wm:acknowledge/>"
    """<wm:assignment roles="county_reviewer" region="'430681'"/></bpmn:extensionElements>"""
)
DRAWN = diagram(start(), element("userTask", "note", MARKED), end(), chain("start", "note", "end"))
FORM = {
    "type": "default",
    "id": "note",
    "schemaVersion": 18,
    "components": [
        {
            "type": "radio",
            "id": "outcome",
            "key": "outcome",
            "label": "结果",
            "values": [{"label": "已阅", "value": "read"}],
            "validate": {"required": True},
            "properties": {"outcome": "true"},
        }
    ],
}


@pytest.fixture
def reviewer(office: Office) -> Actor:
    return office.person("reviewer", office.world.county, "county_reviewer")


@pytest.fixture
def colleague(office: Office) -> Actor:
    return office.person("colleague", office.world.county, "county_reviewer")


@pytest.fixture(params=[{}, {"note": FORM}], ids=["without a form", "with one outcome"])
def task(request: pytest.FixtureRequest, office: Office, reviewer: Actor, colleague: Actor) -> UUID:
    office.world.publish(DRAWN, request.param)
    instance = office.world.start(office.person("clerk", office.world.unit, "unit_clerk"))
    office.world.session.commit()
    return office.world.open_task(instance, "note").id


@pytest.fixture
def link(client: FlaskClient, session: Session, reviewer: Actor, task: UUID) -> str:
    """The link of the mail, which holds."""
    row = session.get_one(Task, task)
    assigned = (row.assigned_organisation_id, row.assigned_user_id)
    path = f"/mail/act/{make_token(Ticket(reviewer.user_id, task, '', assigned))}"
    assert client.get(path).status_code == 200
    return path


def status_of(session: Session, task: UUID) -> str:
    session.expire_all()
    return session.get_one(Task, task).status


def press(client: FlaskClient, link: str) -> int:
    """Open the page and press its button."""
    page = client.get(link)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    return client.post(link, data={"csrf_token": found[1] if found else ""}).status_code


def test_looking_decides_nothing_and_the_button_once(
    client: FlaskClient, session: Session, reviewer: Actor, task: UUID, link: str
) -> None:
    for method in ("GET", "HEAD"):
        assert client.open(link, method=method).status_code == 200
    assert client.post(link).status_code == 409
    assert status_of(session, task) == "open"

    assert press(client, link) == 200

    assert status_of(session, task) == "done"
    entry = session.query(AuditEntry).filter(AuditEntry.act == "mail.acknowledge").one()
    assert entry.actor_id == reviewer.user_id
    assert client.get(link).status_code == 410


def test_it_is_void_when_somebody_else_took_the_task(
    client: FlaskClient, session: Session, colleague: Actor, task: UUID, link: str
) -> None:
    claim(session, colleague, clock.now(), task)
    session.commit()

    assert client.get(link).status_code == 410


def test_it_is_void_when_the_account_is_closed(client: FlaskClient, reviewer: Actor, task: UUID, link: str) -> None:
    with transaction() as session:
        session.execute(update(User).where(User.id == reviewer.user_id).values(disabled_at=clock.real_now()))

    assert client.get(link).status_code == 410


def test_it_expires(client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "VALID_FOR", timedelta(seconds=-1))

    assert client.get(link).status_code == 410
