"""The administration pages as an administrator and an auditor use them, and as others do not."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories.small_world import SmallWorld, assigned
from tests.integration.administration.conftest import Browser
from tests.processes.drawing import chain, choice, diagram, end, flow, start
from webapp import clock, create_app
from webapp.audit.models import AuditEntry
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.clock import BusinessClock
from webapp.definitions.models import ProcessVersion
from webapp.host.heartbeats import BACKGROUND, beat
from webapp.host.models import Backup
from webapp.instances.models import Incident
from webapp.tasks.operations import complete_task

Browse = Callable[[str], Browser]
PAGES = ("", "/incidents", "/definitions", "/jobs", "/clock", "/audit", "/audit/export", "/audit/verification")

GUARDED = diagram(
    start(),
    assigned("decide"),
    choice("verdict"),
    assigned("yes"),
    end(),
    end("no"),
    chain("start", "decide", "verdict"),
    flow("verdict", "yes", "verdict == 'yes'"),
    flow("verdict", "no", "verdict == 'no'"),
    chain("yes", "end"),
)


@pytest.fixture
def incident(world: SmallWorld) -> Incident:
    """A decision after which the gateway has no way."""
    clerk = world.person("clerk", world.unit, "unit_clerk")
    world.publish(GUARDED)
    instance = world.start(clerk)
    world.session.commit()
    reviewer = world.person("second", world.county, "county_reviewer")
    task = world.open_task(instance, "decide")
    world.session.execute(
        text("INSERT INTO task_candidates (task_id, user_id, reason, is_open) VALUES (:t, :u, 'role', true)"),
        {"t": task.id, "u": reviewer.user_id},
    )
    complete_task(world.session, reviewer, clock.now(), task.id, {}, task.version)
    world.session.commit()
    return world.session.scalars(select(Incident)).one()


@pytest.mark.parametrize("page", PAGES)
def test_administrator_and_auditor_read_nobody_else_does(browse: Browse, page: str) -> None:
    for username, status in (("admin", 200), ("auditor", 200), ("reviewer", 403)):
        assert browse(username).get(f"/administration{page}").status_code == status, username


def test_the_auditor_changes_nothing(browse: Browse, incident: Incident) -> None:
    auditor = browse("auditor")
    for path in ("/clock", f"/incidents/{incident.id}/retry", "/jobs/1/retry"):
        assert auditor.post(f"/administration{path}", act="reset").status_code == 403, path
    assert "重试</button>" not in auditor.read(f"/administration/incidents/{incident.id}")


def test_the_overview_says_what_is_wrong(browse: Browse, session: Session, incident: Incident) -> None:
    text_ = browse("admin").read("/administration")
    assert "有事项需要处理" in text_
    assert text_.count("没有运行") == 2
    assert "还没有备份" in text_


def test_the_overview_says_that_all_is_well(browse: Browse, session: Session) -> None:
    for name in BACKGROUND:
        beat(session, name)
    session.add(Backup(path="x", size=1, sha256=""))
    session.commit()

    assert "一切正常" in browse("auditor").read("/administration")


def test_an_incident_is_mended_with_corrected_data(browse: Browse, session: Session, incident: Incident) -> None:
    admin = browse("admin")
    page = f"/administration/incidents/{incident.id}"
    assert "verdict" in admin.read("/administration/incidents")
    shown = admin.read(page)
    assert '"verdict": "perhaps"' in shown
    assert "环节执行失败" in shown
    assert "<svg" in shown

    assert admin.post(f"{page}/retry").status_code == 302
    assert "仍有 1 项异常" in admin.read(page)

    assert admin.post(f"{page}/retry", data='{"verdict": "yes"}').status_code == 302
    mended = admin.read(page)
    assert "异常解除" in mended
    assert "已处理" in mended
    assert "没有待处理的异常" in admin.read("/administration/incidents")
    assert "verdict" in admin.read("/administration/incidents?status=resolved&kind=engine")
    corrections = session.scalars(
        select(AuditEntry).where(AuditEntry.act == "instance.retry").order_by(AuditEntry.id.desc())
    ).first()
    assert corrections is not None
    assert corrections.after is not None
    assert corrections.after["corrections"] == {"verdict": "yes"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("{", "须为 JSON 对象"),
        ("[1]", "须为 JSON 对象"),
        ("[" * 5000, "须为 JSON 对象"),
        ('{"nonsense": 1}', "没有名为“nonsense”的变量"),
        ('{"verdict": NaN}', "不是有限数"),
        ('{"verdict": "\\u0000"}', "空字符"),
    ],
)
def test_corrections_that_cannot_be_are_said_at_their_field(
    browse: Browse, session: Session, incident: Incident, typed: str, said: str
) -> None:
    answer = browse("admin").post(f"/administration/incidents/{incident.id}/retry", data=typed)

    assert answer.status_code == 422
    assert said in answer.text
    session.expire_all()
    assert session.get_one(Incident, incident.id).retries == 0


def test_a_mended_incident_is_not_retried(browse: Browse, incident: Incident) -> None:
    admin = browse("admin")
    path = f"/administration/incidents/{incident.id}/retry"
    admin.post(path, data='{"verdict": "no"}')

    assert admin.post(path).status_code == 409


@pytest.mark.parametrize("path", ["/incidents/999", "/definitions/999"])
def test_what_does_not_exist(browse: Browse, path: str) -> None:
    assert browse("admin").get(f"/administration{path}").status_code == 404


def test_every_version_can_be_looked_at(browse: Browse, session: Session, incident: Incident) -> None:
    version = session.scalars(select(ProcessVersion)).one()
    admin = browse("admin")
    listed = admin.read("/administration/definitions")
    assert version.digest[:12] in listed

    page = admin.read(f"/administration/definitions/{version.id}")
    assert version.digest in page
    assert "<svg" in page
    assert "verdict-yes" in page


def test_a_failed_job_is_queued_again(browse: Browse, session: Session) -> None:
    job_id = defer(session, "audit.seal", {})
    session.commit()
    admin = browse("admin")
    assert "排队" in admin.read("/administration/jobs?status=todo")
    assert admin.post(f"/administration/jobs/{job_id}/retry").status_code == 409

    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    session.commit()
    assert admin.post(f"/administration/jobs/{job_id}/retry").status_code == 302

    assert session.scalar(text("SELECT status::text FROM procrastinate_jobs")) == "todo"
    assert admin.post("/administration/jobs/999/retry").status_code == 404


def test_jobs_page_by_page(browse: Browse, session: Session) -> None:
    for _ in range(60):
        defer(session, "audit.seal", {})
    session.commit()
    admin = browse("admin")
    first = admin.read("/administration/jobs")
    assert "before=11" in first
    assert "本页 10 项" in admin.read("/administration/jobs?before=11&job=audit.seal")


def test_the_clock_is_advanced_set_and_reset(browse: Browse, app: Flask, session: Session) -> None:
    admin = browse("admin")
    path = "/administration/clock"
    for fields, offset in (
        ({"act": "advance", "duration": "10d"}, timedelta(days=10)),
        ({"act": "advance", "duration": "2h"}, timedelta(days=10, hours=2)),
        ({"act": "reset"}, timedelta()),
    ):
        assert admin.post(path, **fields).status_code == 302
        with app.app_context():
            assert clock.offset() == offset
    assert admin.post(path, act="set", instant="2031-05-01T08:00").status_code == 302
    assert "2031-05-01 08:00" in admin.read(path)
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.startswith("clock.")).order_by(AuditEntry.id))
    assert list(acts) == ["clock.advance", "clock.advance", "clock.reset", "clock.set"]


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "advance", "duration": "soon"},
        {"act": "advance"},
        {"act": "advance", "duration": "99999w"},
        {"act": "set", "instant": "tomorrow"},
        {"act": "set", "instant": "1999-01-01"},
    ],
)
def test_what_the_clock_cannot_do(browse: Browse, fields: dict[str, str]) -> None:
    assert browse("admin").post("/administration/clock", **fields).status_code == 422


def test_in_earnest_the_clock_stays(browse: Browse, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "clock", BusinessClock(settable=False))
    answer = browse("admin").post("/administration/clock", act="advance", duration="1d")

    assert answer.status_code == 422
    assert "正式环境不能调整业务时钟" in answer.text


def test_the_audit_log_is_filtered_and_exported(browse: Browse, session: Session, world: SmallWorld) -> None:
    actor = world.person("somebody", world.city, "city_reviewer")
    record(session, actor, "test.one", subject="=1+1", after={"x": 1})
    record(session, actor, "test.two", refused=True, address="10.0.0.1")
    session.commit()
    auditor = browse("auditor")

    page = "/administration/audit"
    assert "test.one" in auditor.read(page)
    refused = auditor.read(f"{page}?refused=y&actor=SOMEBODY")
    assert "test.two" in refused.split("<tbody>")[1]
    assert "test.one" not in refused.split("<tbody>")[1]
    assert "没有符合条件" in auditor.read(f"{page}?actor=nobody")
    assert "没有符合条件" in auditor.read(f"{page}?act=test&from=2001-01-01&to=2001-02-01")
    today = clock.real_now().astimezone(clock.SHANGHAI).date().isoformat()
    assert "test.two" in auditor.read(f"{page}?act=test&from={today}&to={today}")
    assert "没有符合条件" in auditor.read(f"{page}?number=SB2026-1")
    assert auditor.get(f"{page}?from=nonsense").status_code == 200

    sheet = load_workbook(io.BytesIO(auditor.get(f"{page}/export?act=test.").data)).worksheets[0]
    assert [row[7].value for row in sheet.iter_rows(min_row=2)] == ["test.two", "test.one"]
    assert sheet["K3"].value == "=1+1"
    assert sheet["K3"].data_type == "s"


def test_the_audit_log_page_by_page(browse: Browse, session: Session) -> None:
    for _ in range(120):
        record(session, None, "test.act")
    session.commit()
    newest = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first()
    assert newest is not None
    auditor = browse("auditor")
    page = auditor.read("/administration/audit?act=test.act")
    assert f"before={newest - 49}" in page
    assert "本页 50 项" in auditor.read(f"/administration/audit?act=test.act&before={newest - 49}")


def test_the_chain_is_verified_on_the_page(browse: Browse, session: Session) -> None:
    assert "链条完整" in browse("auditor").read("/administration/audit/verification")


def test_nothing_of_this_needs_the_demonstration(app: Flask) -> None:
    settings = app.extensions["settings"]
    assert create_app(settings, app.config["SQLALCHEMY_DATABASE_URI"]).view_functions["administration.index"]
