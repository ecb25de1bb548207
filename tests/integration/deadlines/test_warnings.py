"""From 1 November on, whoever keeps the installation hears that the next year is missing, until it is imported."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import make_settings
from tests.factories.page_client import PageClient
from tests.integration.deadlines.conftest import at
from tests.integration.deadlines.test_changes import NOTICE_2027
from webapp import clock
from webapp.database import transaction
from webapp.deadlines.jobs import watch_calendar
from webapp.deadlines.notice import read_notice
from webapp.deadlines.operations import import_notice
from webapp.host.doctor import examine
from webapp.mail.models import MailMessage


def set_clock(app: Flask, text: str) -> None:
    with app.app_context(), transaction() as session:
        clock.set_now(session, at(text))


@pytest.mark.parametrize(("today", "warned"), [("2026-10-31T09:00", False), ("2026-11-01T00:30", True)])
def test_the_doctor_and_the_administration_warn(
    demo_app: Flask, demo_database_url: str, tmp_path: Path, today: str, warned: bool
) -> None:
    set_clock(demo_app, today)
    settings = replace(make_settings(tmp_path), database_url=demo_database_url)
    (finding,) = [finding for finding in examine(settings) if finding.name == "calendar"]
    assert (finding.status == "warning") == warned
    page = PageClient(demo_app, "admin").read("/administration")
    assert ("2027 年的放假安排尚未导入" in page) == warned


def test_the_warning_goes_with_the_notice(demo_app: Flask, demo_database_url: str, tmp_path: Path) -> None:
    set_clock(demo_app, "2026-12-31T23:00")
    with demo_app.app_context(), transaction() as session:
        import_notice(session, None, read_notice(NOTICE_2027.encode()), "国办发明电〔2026〕1号")
    settings = replace(make_settings(tmp_path), database_url=demo_database_url)
    (finding,) = [finding for finding in examine(settings) if finding.name == "calendar"]
    assert (finding.status, finding.message) == ("ok", "放假安排已导入到 2027 年")
    assert "尚未导入" not in PageClient(demo_app, "admin").read("/administration")


def test_years_that_were_missed_are_named_one_by_one(demo_app: Flask, demo_database_url: str, tmp_path: Path) -> None:
    set_clock(demo_app, "2028-03-01T09:00")
    settings = replace(make_settings(tmp_path), database_url=demo_database_url)
    (finding,) = [finding for finding in examine(settings) if finding.name == "calendar"]
    assert finding.status == "warning"
    assert finding.message.startswith("2028 年")
    with demo_app.app_context():
        assert clock.offset() > timedelta()


def test_administrators_hear_of_it_once_a_week_from_november_on(demo_app: Flask) -> None:
    def told(moment: str) -> int:
        set_clock(demo_app, moment)
        with demo_app.app_context():
            watch_calendar()
            with transaction() as session:
                years = select(MailMessage.facts["year"].as_integer()).where(MailMessage.kind == "calendar")
                found = list(session.scalars(years))
        assert set(found) <= {2027}
        return len(found)

    assert told("2026-10-31T08:30") == 0
    once = told("2026-11-01T08:30")
    assert once > 0
    assert told("2026-11-05T08:30") == once
    assert told("2026-11-08T08:30") == 2 * once
