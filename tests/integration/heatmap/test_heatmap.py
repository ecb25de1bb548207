"""The figures of a version: what its cases passed and how long it took, by rows that anybody can count again."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories.api_client import Case, Office
from tests.factories.migrating import CLERK
from tests.factories.page_client import PageClient
from tests.integration.acts.conftest import Desk
from webapp import clock
from webapp.database import transaction
from webapp.definitions.library import get_published
from webapp.definitions.models import ProcessVersion
from webapp.heatmap import jobs, operations
from webapp.heatmap.models import HeatSummary
from webapp.heatmap.operations import compute, figures_of
from webapp.heatmap.rules import heat_of, rows_of, span


def test_everything_is_counted_as_it_happened(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.a)
    other = desk.world.start(desk.clerk)
    desk.session.execute(text("UPDATE tasks SET opened_at = closed_at - interval '2 days' WHERE status = 'done'"))
    desk.session.commit()
    found = compute(desk.session, clock.now() + timedelta(days=3), other.process_version_id)
    assert (found.cases, found.running) == (2, 2)
    assert (found.ways["start"], found.ways["fill"], found.ways["review"]) == ([2, 2], [1, 1], [1, 1])
    assert found.steps["fill"]["half"] == 2 * 86400
    assert (found.steps["fill"]["done"], found.steps["fill"]["open"], found.steps["left"]["open"]) == (1, 1, 1)
    rows = {
        row.element: row
        for row in rows_of(get_published(desk.session, other.process_version_id), found.ways, found.steps)
    }
    assert (rows["fill"].half, rows["left"].waiting, rows["left"].oldest) == ("2 天", 1, "3 天")


def test_what_is_cheap_is_fresh_and_what_is_dear_is_left_to_a_worker(desk: Desk) -> None:
    version = desk.instance.process_version_id
    first = figures_of(desk.session, clock.now(), version)
    assert first is not None
    assert first.cases == 1
    desk.world.start(desk.clerk)
    desk.session.execute(text("UPDATE heat_summaries SET computed_at = computed_at - interval '1 minute'"))
    desk.session.expire_all()
    again = figures_of(desk.session, clock.now(), version)
    assert again is not None
    assert again.cases == 2
    desk.world.start(desk.clerk)
    old = "UPDATE heat_summaries SET computed_at = computed_at - interval '1 day', milliseconds = 5000"
    desk.session.execute(text(old))
    desk.session.expire_all()
    assert figures_of(desk.session, clock.now(), version).cases == 2  # type: ignore[union-attr]
    figures_of(desk.session, clock.now(), version)
    waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'heatmap.compute'")
    assert desk.session.scalar(waiting) == 1
    desk.session.commit()
    jobs.compute_all()
    desk.session.expire_all()
    assert desk.session.scalars(select(HeatSummary.cases)).one() == 3


def test_the_first_look_at_very_many_shows_the_latest_until_a_worker_has_counted_all(
    demo_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(demo_app)
    for honour in ("county", "city"):
        Case(office, office.person(CLERK), honour=honour)
    monkeypatch.setattr(operations, "_FEW", 1)
    with demo_app.app_context(), transaction() as session:
        version = session.scalars(select(ProcessVersion.id).where(ProcessVersion.process == "declaration")).one()
    looked = PageClient(demo_app, "designer").get(f"/heatmap/{version}")
    assert "先按最近发起的 1 件显示" in looked.text
    assert looked.headers["Refresh"] == "5"
    with demo_app.app_context():
        jobs.compute_one(version)
    looked = PageClient(demo_app, "designer").get(f"/heatmap/{version}")
    assert "先按最近" not in looked.text
    assert "Refresh" not in looked.headers


def test_colours_tell_few_from_many_at_both_ends() -> None:
    heat = heat_of({"rare": 1, "some": 100, "all": 100_000, "never": 0})
    assert (heat["rare"], heat["all"]) == ("heat1", "heat5")
    assert heat["rare"] < heat["some"] < heat["all"]
    assert "never" not in heat
    assert heat_of({}) == {}


def test_spans_are_said_in_the_unit_of_people() -> None:
    assert [span(s) for s in (None, 0, 59, 90, 3600, 5400, 86400, 200_000)] == [
        "",
        "0 秒",
        "59 秒",
        "1.5 分钟",
        "1 小时",
        "1.5 小时",
        "1 天",
        "2.3 天",
    ]


def test_the_page_for_those_who_may(demo_app: Flask) -> None:
    with demo_app.app_context(), transaction() as session:
        version = session.scalars(select(ProcessVersion.id).where(ProcessVersion.process == "declaration")).first()
    page = PageClient(demo_app, "designer").read(f"/heatmap/{version}")
    assert "热力图" in page
    assert PageClient(demo_app, "designer").get("/heatmap/99999").status_code == 404
    assert PageClient(demo_app, "yunxi.unit1.clerk").get(f"/heatmap/{version}").status_code == 403
