"""What would be told up to a day, to whom, for whom it may be asked; nothing is done by asking."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.api_client import Case, Office
from tests.factories.small_world import assigned
from tests.integration.commands.test_commands import Shell
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import chain, diagram, end, start
from webapp import clock
from webapp.config import ROOT
from webapp.instances.models import Instance
from webapp.instances.scope import visible
from webapp.mail.models import MailMessage
from webapp.registry.models import Region
from webapp.reminders.operations import sweep_batch
from webapp.reminders.preview import preview


@pytest.fixture
def instance(world: DatedWorld) -> Instance:
    """A step of the county office that is due on 28 April 2021."""
    world.publish(
        diagram(start(), assigned("decide", deadline='working_days="5"'), end(), chain("start", "decide", "end"))
    )
    return world.start_at("2021-04-22T10:00")


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


def test_everything_up_to_a_day_with_its_recipients(world: DatedWorld, instance: Instance) -> None:
    items = preview(world.session, at("2021-04-22T12:00"), at("2021-04-29T23:59:59"))
    assert [(item["at"], item["kind"], [p["username"] for p in item["to"]]) for item in items] == [
        ("2021-04-25T08:00:00+08:00", "reminder", ["reviewer"]),
        ("2021-04-27T08:00:00+08:00", "reminder", ["reviewer"]),
        ("2021-04-28T08:00:00+08:00", "reminder", ["reviewer"]),
        ("2021-04-29T09:00:00+08:00", "escalation", ["leader"]),
    ]
    assert {item["task"] for item in items} == {str(world.open_task(instance, "decide").id)}
    assert world.count(MailMessage) == 0


def test_the_preview_and_the_sweep_agree(world: DatedWorld, instance: Instance) -> None:
    until = at("2021-05-31T12:00")
    foretold = [(item["at"], item["kind"]) for item in preview(world.session, at("2021-04-22T12:00"), until)]
    done = []
    while (moment := world.open_task(instance, "decide").next_notice_at) and moment <= until:
        assert sweep_batch(world.session, moment) == (1, 1)
        done.append(moment)
    assert [at_ for at_, _kind in foretold] == [moment.astimezone(until.tzinfo).isoformat() for moment in done]
    assert preview(world.session, until, until) == []


def test_who_sees_nothing_of_the_case_is_told_nothing(world: DatedWorld, instance: Instance) -> None:
    world.session.add(Region(code="430700", name="另一市", parent_code="430000", level="city", path="430000/430700"))
    world.session.flush()
    stranger = world.person("stranger", world._organisation("另一市文明办", "office", "430700"), "city_leader")
    times = at("2021-04-22T12:00"), at("2021-05-31T12:00")
    assert preview(world.session, *times, visible(stranger)) == []
    assert preview(world.session, *times, visible(world.leader)) == preview(world.session, *times)


def test_the_api_wants_a_login(app: Flask) -> None:
    assert app.test_client().get("/api/v1/deadlines/preview?until=2021-04-29").status_code == 401


def test_the_api_and_the_command_foretell_the_same(office: Office, demo_data: Path, demo_database_url: str) -> None:
    case = Case(office, office.person("yunxi.unit1.clerk"), batch="1", honour="city")
    until = (clock.real_now().date() + timedelta(days=60)).isoformat()
    reviewer, admin = office.person("city.reviewer1"), office.person("admin")
    items = reviewer.get(f"/deadlines/preview?until={until}")["items"]
    assert {item["kind"] for item in items if item["instance"] == case.id} == {"reminder", "escalation"}
    assert [item["at"] for item in items] == sorted(item["at"] for item in items)
    spoken = Shell(demo_data, demo_database_url).json("deadlines", "preview", "--until", until)
    assert spoken["items"] == admin.get(f"/deadlines/preview?until={until}")["items"]
    case.clerk.get(f"/deadlines/preview?until={until}", expect=403)


def test_what_is_no_day_is_refused(office: Office, demo_data: Path, demo_database_url: str) -> None:
    shell = Shell(demo_data, demo_database_url)
    for until in ("", "soon", "2021-02-30", "0001-01-01", "9999-12-31", "2021-04-29T25:00"):
        refused = office.person("admin").get(f"/deadlines/preview?until={until}", expect=422)
        assert refused["errors"][0]["path"] == "until"
        assert shell.refusal("deadlines", "preview", "--until", until)


def test_the_zone_of_the_server_changes_nothing(office: Office, demo_data: Path, demo_database_url: str) -> None:
    """A whole installation, asked by processes that believe they are elsewhere, two of them with daylight saving."""
    Case(office, office.person("yunxi.unit1.clerk"), batch="1", honour="city")
    until = (clock.real_now().date() + timedelta(days=200)).isoformat()
    asked = (("deadlines", "preview", "--until", until), ("calendar", "due", "--start", until, "--working-days", "9"))

    def answers(zone: str) -> list[str]:
        environment = os.environ | {"TZ": zone, "WENMING_DATA": str(demo_data), "DATABASE_URL": demo_database_url}
        program = [sys.executable, "-c", "from webapp.cli import main; main()"]
        return [
            subprocess.run(
                [*program, *words, "--json"], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout
            for words in asked
        ]

    here = answers("Asia/Shanghai")
    assert '"escalation"' in here[0]
    for zone in ("UTC", "America/New_York", "Pacific/Auckland"):
        assert answers(zone) == here, zone
