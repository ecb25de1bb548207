"""One demonstration for all tests that only ask: a case in every hand it can be in, and everybody who may come by.

Tests that change it restore what they changed or work in a database of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Databases, close, make_settings
from tests.factories.api_client import Case, Office, full_scores
from tests.factories.insiders import Insiders
from webapp import create_app
from webapp.accounts.models import User
from webapp.attachments.models import Attachment
from webapp.database import transaction
from webapp.host.application import prepare


@dataclass(frozen=True)
class World:
    """The places where things can be asked for."""

    office: Office
    batch: int
    """A batch of the demonstration in which every case is drawn and two departments are asked."""
    case: Case
    """A case of the county 云溪 with an open objection: reviewed, consulted, assessed, inspected, published."""
    other: Case
    """A case of the county 君山 that its unit still fills in."""
    attachments: dict[str, int]
    """Files of the first case by who attached them: ``unit``, ``inspector``, ``office``."""
    notice: int


OBJECTOR = {"name": "匿名举报人赵某", "contact": "13912345678", "text": "该单位拖欠工资，请核查。"}
FINDINGS = "现场发现消防通道被占用"
OPINION = "部门内部意见：存在未结案件"
SCORE = 17.0


@pytest.fixture(scope="session")
def hostile_app(databases: Databases, demo_data: Path) -> Iterator[Flask]:
    """An application on a demonstration of its own that lives as long as the test run."""
    url = databases.create(databases.template("demonstration", lambda empty: prepare(make_settings(demo_data), empty)))
    application = create_app(make_settings(demo_data), url)
    yield application
    close(application)
    databases.drop(url)


@pytest.fixture(scope="session")
def world(hostile_app: Flask) -> World:
    office = Insiders(hostile_app)
    clerk = office.person("yunxi.unit1.clerk")
    form = clerk.get("/definitions")["items"][0]["start_form"]
    batches = next(c for c in form["components"] if c.get("key") == "batch")["values"]
    batch = next(choice["value"] for choice in batches if "全部抽查" in choice["label"])
    case = Case(office, clerk, batch=batch, honour="city").submitted().do("review_county", outcome="pass")
    while "consult_department" in case.open_steps():
        case.do("consult_department", outcome="object", opinion=OPINION)
    person, task = case.who("assess_county")
    scores = full_scores(task["form"], 0.85)
    person.complete(task, outcome="pass", scores=scores)
    case.do("assign_inspectors")
    for _inspector in range(2):
        case.do("inspect_site", outcome="pass", findings=FINDINGS)
    case.do("publish_notice")
    notice = clerk.http.get("/api/v1/public/notices").get_json()["items"][0]["id"]
    answer = clerk.http.post(f"/api/v1/public/notices/{notice}/objections", json=OBJECTOR)
    assert answer.status_code == 201, answer.get_json()
    other = Case(office, office.person("junshan.unit1.clerk"), batch=batch, honour="city")
    return World(office, int(batch), case, other, _attachments(hostile_app, case), notice)


def _attachments(app: Flask, case: Case) -> dict[str, int]:
    query = select(Attachment.id, User.username).join(User, User.id == Attachment.uploaded_by)
    with app.app_context(), transaction() as session:
        rows = session.execute(query.where(Attachment.instance_id == case.id)).all()
    who = {".clerk": "unit", "inspector": "inspector", ".reviewer": "office", ".consultee": "department"}
    return {kind: row.id for row in rows for part, kind in who.items() if part in row.username}
