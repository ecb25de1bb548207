"""Imports in the browser: a dry run, a yes, then all or nothing; large files by a worker."""

import asyncio
import io

from openpyxl import load_workbook
from sqlalchemy import func, select, text

from webapp.background.worker import make_queue, work
from webapp.imports import jobs, runs
from webapp.imports.headers import COLUMNS
from webapp.imports.models import ImportRun
from webapp.registry.models import Organisation

UNITS = "单位名称,管辖地区\n示例甲局,430603\n示例乙局,430611\n"


def upload(person, content, kind="units", name="名单.csv"):
    file = (io.BytesIO(content if isinstance(content, bytes) else content.encode("gb18030")), name)
    return person.post("/imports", {"kind": kind, "file": file}, content_type="multipart/form-data")


def count(session):
    return session.scalar(select(func.count()).where(Organisation.name.like("示例_局")))


def test_nothing_is_imported_before_the_yes(browse, records):
    city = browse("city.reviewer1")
    place = upload(city, UNITS).headers["Location"]
    page = city.read(place)
    assert "还没有导入" in page
    assert "将变更 2 项" in page
    assert count(records) == 0
    assert city.post(f"{place}/confirm").status_code == 302
    assert "已导入，共变更 2 项" in city.read(place)
    assert count(records) == 2
    assert city.post(f"{place}/confirm").status_code == 409


def test_the_file_is_forgotten_when_it_is_no_longer_needed(browse, records):
    city = browse("city.reviewer1")
    place = upload(city, UNITS).headers["Location"]
    city.post(f"{place}/confirm")
    assert records.scalars(select(ImportRun.content)).all() == [None]


def test_a_refused_row_keeps_everything_out(browse, records):
    city = browse("city.reviewer1")
    place = upload(city, UNITS + "示例丙局,长沙市\n").headers["Location"]
    page = city.read(place)
    assert "1 行被拒绝" in page
    assert "没有找到地区" in page
    assert city.post(f"{place}/confirm").status_code == 409
    assert count(records) == 0


def test_a_checked_file_can_be_given_up(browse, records):
    city = browse("city.reviewer1")
    place = upload(city, UNITS).headers["Location"]
    assert city.post(f"{place}/discard").status_code == 302
    assert city.post(f"{place}/confirm").status_code == 409
    assert "已放弃" in city.read(place)
    assert "名单.csv" in city.read("/imports")


def test_what_changed_since_the_dry_run_is_asked_about_again(browse, records):
    first, second = browse("city.reviewer1"), browse("city.reviewer2")
    code = "91430600MA4L16JQ97"
    mine = upload(first, f"名称,统一社会信用代码,管辖地区\n示例甲局,{code},430603\n").headers["Location"]
    theirs = upload(second, f"名称,统一社会信用代码,管辖地区\n示例乙局,{code},430603\n").headers["Location"]
    second.post(f"{theirs}/confirm")
    first.post(f"{mine}/confirm")
    assert "被拒绝" in first.read(mine)
    assert count(records) == 1


def test_an_unreadable_file_is_explained(browse):
    city = browse("city.reviewer1")
    for content, word in (
        ("电话\n1\n", "表头"),
        (b"PK\x03\x04broken", "损坏"),
        (b"\xd0\xcf\x11\xe0", "旧版"),
        ('"', "引号"),
    ):
        assert word in city.read(upload(city, content).headers["Location"])


def test_no_file_no_kind_and_a_huge_file_are_explained(browse, monkeypatch):
    city = browse("city.reviewer1")
    assert city.post("/imports", {"kind": "units"}, content_type="multipart/form-data").status_code == 422
    assert upload(city, UNITS, kind="nothing").status_code == 422
    monkeypatch.setattr(runs, "MAX_BYTES", 10)
    assert upload(city, UNITS).status_code == 413


def test_imports_belong_to_whoever_made_them_and_need_the_right(browse):
    place = upload(browse("city.reviewer1"), UNITS).headers["Location"]
    other = browse("city.reviewer2")
    assert other.get(place).status_code == 404
    assert other.post(f"{place}/confirm").status_code == 404
    for username in ("yunxi.reviewer1", "yunxi.unit1.clerk"):
        person = browse(username)
        assert person.get("/imports").status_code == 403
        assert upload(person, UNITS).status_code == 403


def test_the_report_is_exported_row_by_row(browse):
    city = browse("city.reviewer1")
    place = upload(city, UNITS + "示例丙局,火星\n").headers["Location"]
    book = load_workbook(io.BytesIO(city.get(f"{place}/report").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[:2] for row in rows[1:]] == [(2, "接受"), (3, "接受"), (4, "拒绝")]


def test_the_template_of_every_kind_is_a_file_that_can_be_imported(browse):
    city = browse("city.reviewer1")
    for kind in COLUMNS:
        place = upload(city, city.get(f"/imports/template/{kind}").data, kind=kind).headers["Location"]
        read = city.read(place)
        assert "检查完毕" in read or (kind == "quotas" and "没有数据行" in read)
    assert city.get("/imports/template/nothing").status_code == 404


def test_a_large_file_is_worked_off_by_a_worker_who_writes_how_far_he_is(browse, demo_app, records, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    monkeypatch.setattr(runs, "_PROGRESS_SECONDS", 0)
    city = browse("city.reviewer1")
    many = "单位名称,管辖地区\n" + "".join(f"示例{number}小学,430603\n" for number in range(1200))
    place = upload(city, many).headers["Location"]
    assert "正在检查" in city.read(place)
    assert city.get(place).headers["Refresh"]
    assert city.post(f"{place}/confirm").status_code == 409
    _work_off(demo_app)
    assert "将变更 1200 项" in city.read(place)
    city.post(f"{place}/confirm")
    assert "正在导入" in city.read(place)
    _work_off(demo_app)
    assert "已导入，共变更 1200 项" in city.read(place)
    schools = select(func.count()).where(Organisation.name.like("示例%小学"))
    assert records.scalar(schools) == 1200


def test_a_failure_of_the_worker_imports_nothing_and_is_said(browse, demo_app, records, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    city = browse("city.reviewer1")
    place = upload(city, UNITS).headers["Location"]
    _work_off(demo_app)
    city.post(f"{place}/confirm")
    records.execute(
        text(
            "CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'on purpose'; END $$; "
            "CREATE TRIGGER refuse_it BEFORE UPDATE ON import_runs FOR EACH ROW "
            "WHEN (NEW.status = 'done') EXECUTE FUNCTION refuse_it()"
        )
    )
    _work_off(demo_app)
    assert "没有导入任何内容" in city.read(place)
    assert count(records) == 0


def test_a_job_that_runs_a_second_time_finds_nothing_left_to_do(browse, demo_app, records):
    city = browse("city.reviewer1")
    place = upload(city, UNITS).headers["Location"]
    city.post(f"{place}/confirm")
    with demo_app.app_context():
        runs.run_as_job(int(place.rpartition("/")[2]), runs.import_run)
    assert count(records) == 2


def test_a_file_that_nobody_says_yes_to_is_forgotten_after_a_week(browse, demo_app, records):
    city = browse("city.reviewer1")
    old, young = (upload(city, UNITS).headers["Location"] for _ in range(2))
    number = int(old.rpartition("/")[2])
    records.execute(
        text("UPDATE import_runs SET created_at = created_at - interval '8 days' WHERE id = :id"), {"id": number}
    )
    with demo_app.app_context():
        jobs.sweep()
    assert "没有确认" in city.read(old)
    assert "检查完毕" in city.read(young)


def _work_off(app):
    asyncio.run(work(make_queue(app, app.config["SQLALCHEMY_DATABASE_URI"])))
