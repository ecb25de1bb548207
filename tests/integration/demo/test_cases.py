"""``wenming demo cases``: declarations of the demonstration that wait for people at various steps."""

from collections import Counter

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.page_client import PageClient
from webapp import cli
from webapp.accounts.models import User
from webapp.database import db, transaction
from webapp.instances.models import Incident, Instance
from webapp.tasks.models import Task


@pytest.fixture
def add(demo_data, demo_database_url):
    """Types ``wenming demo cases`` with a number."""

    def run(count: int) -> Result:
        cli._gather()
        environment = {"WENMING_DATA": str(demo_data), "DATABASE_URL": demo_database_url, "WENMING_DEMO": "1"}
        return CliRunner().invoke(cli.main_group, ["demo", "cases", str(count)], env=environment)

    return run


def test_cases_stand_at_various_steps_and_more_can_be_added(demo_app: Flask, add):
    assert "已增加 13 件" in add(13).output
    with demo_app.app_context(), transaction() as session:
        steps = Counter(session.scalars(select(Task.element).where(Task.status == "open")))
        assert steps["review_county"] == 7
        assert {"attach_sealed_form", "consult_department", "assess_county"} <= steps.keys()
        assert session.scalar(select(func.count()).select_from(Incident)) == 0
        assert len(set(session.scalars(select(Instance.subject_id)))) == 13
    reviewer = PageClient(demo_app, "city.reviewer1")
    assert reviewer.read("/instances").count("SB20") >= 13
    assert "已增加 2 件" in add(2).output
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Instance)) == 15
        assert db.session.scalar(select(func.count()).where(User.username.like("unit%.clerk"))) > 0


@pytest.mark.parametrize("count", [0, 1001])
def test_a_number_out_of_range_is_refused(add, count):
    assert add(count).exit_code == 2


def test_without_a_demonstration_there_is_nothing_to_add_to(settings, database_url, session):
    cli._gather()
    environment = {"WENMING_DATA": str(settings.data), "DATABASE_URL": database_url, "WENMING_DEMO": "0"}
    result = CliRunner().invoke(cli.main_group, ["demo", "cases", "1"], env=environment)
    assert result.exit_code == 1
    assert "没有演示数据" in result.output
