"""Files that lie about themselves, do not fit, or belong to nobody."""

import os
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.api_client import PDF, PNG, Person
from tests.factories.browsers import browser, csrf_of
from tests.integration.hostile.conftest import World
from webapp import clock
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of, store_upload, sweep_orphans
from webapp.attachments.rules import clean_name
from webapp.database import db, transaction
from webapp.imports import runs

CLERK = "yunxi.unit1.clerk"
HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture
def clerk(world: World) -> Person:
    return world.office.person(CLERK)


def upload(person: Person, name: str, content: bytes) -> Any:
    files = {"file": (BytesIO(content), name)}
    return person.http.post("/api/v1/attachments", data=files, headers=person.headers)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.pdf", HTML),
        ("照片.png", SVG),
        ("照片.jpg", PNG),
        ("表.docx", PDF),
        ("视频.mp4", PDF),
        ("说明.txt", b"a\x00b"),
        ("说明.html", HTML),
        ("图.svg", SVG),
        ("程序.exe", b"MZ"),
        ("表.pdf.exe", PDF),
        ("表.pdf/", HTML),
        (".pdf", PDF),
        ("无扩展名", PDF),
        ("空.pdf", b""),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(clerk: Person, name: str, content: bytes) -> None:
    answer = upload(clerk, name, content)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["path"] == "file"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("/etc/cron.d/x.pdf", "x.pdf"),
        ("C:\\Users\\我\\盖章表.pdf", "盖章表.pdf"),
        ("盖章\u202efdp.表\r\nX-Evil: 1\x00.pdf", "盖章fdp.表X-Evil: 1.pdf"),
        ("长" * 300 + ".pdf", "长" * 146 + ".pdf"),
        ("", "未命名"),
    ],
)
def test_names_are_kept_without_what_could_harm(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@pytest.mark.parametrize(("name", "kept"), [("../盖 章.pdf", "盖 章.pdf"), ("长" * 300 + ".pdf", "长" * 146 + ".pdf")])
def test_names_travel_back_in_one_header(clerk: Person, name: str, kept: str) -> None:
    found = upload(clerk, name, PDF).get_json()
    assert found["name"] == kept
    with clerk.http.get(f"/api/v1/attachments/{found['id']}", headers=clerk.headers) as download:
        assert download.data == PDF
        assert quote(kept, safe="") in download.headers["Content-Disposition"]


@pytest.mark.parametrize(("name", "content"), [("说明.txt", HTML), ("表.csv", HTML), ("表.pdf", PDF), ("图.png", PNG)])
def test_downloads_are_never_run(hostile_app: Flask, clerk: Person, name: str, content: bytes) -> None:
    number = upload(clerk, name, content).get_json()["id"]
    with clerk.http.get(f"/api/v1/attachments/{number}", headers=clerk.headers) as answer:
        headers = answer.headers
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert headers["Cache-Control"] != "public"
        assert "html" not in headers["Content-Type"]


def test_a_file_over_the_limit(hostile_app: Flask, clerk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(hostile_app.extensions["settings"], attachment_limit=100_000)
    monkeypatch.setitem(hostile_app.extensions, "settings", settings)
    before = set(settings.attachments.rglob("*"))
    answer = upload(clerk, "大.pdf", PDF + b"0" * settings.attachment_limit)
    assert answer.status_code == 413
    assert "上限" in answer.get_json()["detail"]
    assert set(settings.attachments.rglob("*")) == before


def test_a_body_over_every_limit_is_not_read(hostile_app: Flask, clerk: Person) -> None:
    huge = {"CONTENT_LENGTH": str(10**12)}
    answer = clerk.http.post("/api/v1/attachments", data=b"x", headers=clerk.headers, environ_overrides=huge)
    assert answer.status_code == 413
    text = b'{"text":"' + b"x" * 5_000_000 + b'"}'
    answer = clerk.http.post("/api/v1/instances", data=text, headers=clerk.headers, content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_nothing_that_is_no_file(clerk: Person) -> None:
    for content in (
        {"data": b"x"},
        {"json": {"file": "x"}},
        {"data": {"file": "text"}},
        {"data": {"other": (BytesIO(PDF), "a.pdf")}},
    ):
        answer = clerk.http.post("/api/v1/attachments", headers=clerk.headers, **content)
        assert answer.status_code == 422
    broken = {
        "content_type": "multipart/form-data; boundary=x",
        "data": b"--x\r\nContent-Disposition: form-data; name=file",
    }
    assert clerk.http.post("/api/v1/attachments", headers=clerk.headers, **broken).status_code in {400, 422}


def old(path: Path) -> None:
    """Make a file two days old."""
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 2 * 86_400))


def sweep(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        return sweep_orphans(session, app.extensions["settings"], clock.now())


def kept(app: Flask, username: str, content: bytes, *, commit: bool = True) -> tuple[int, Path]:
    """A file stored in a transaction that is committed or not."""
    settings = app.extensions["settings"]
    with app.app_context():
        session = db.session()
        actor = get_actor(session, session.scalars(select(User.id).where(User.username == username)).one())
        row = store_upload(session, settings, actor, "表.pdf", BytesIO(content))
        number, path = row.id, path_of(settings, row.sha256)
        session.commit() if commit else session.rollback()
        db.session.remove()
    return number, path


def test_the_file_of_a_request_that_failed_is_swept_later(hostile_app: Flask, world: World) -> None:
    _number, path = kept(hostile_app, CLERK, PDF + b"rolled back", commit=False)
    assert path.exists()
    sweep(hostile_app)
    assert path.exists(), "somebody may be about to commit it"
    old(path)
    assert sweep(hostile_app) == 1
    assert not path.exists()


def test_what_an_upload_left_that_was_killed_is_swept(hostile_app: Flask, world: World) -> None:
    left = hostile_app.extensions["settings"].attachments / "incoming-killed"
    left.write_bytes(b"half")
    old(left)
    assert sweep(hostile_app) == 1
    assert not left.exists()


def test_the_same_bytes_stay_while_anybody_needs_them(hostile_app: Flask, world: World) -> None:
    content = PDF + b"shared"
    first, path = kept(hostile_app, CLERK, content)
    second, same = kept(hostile_app, "junshan.unit1.clerk", content)
    assert path == same
    with hostile_app.app_context(), transaction() as session:
        past = clock.now() - timedelta(days=2)
        session.execute(update(Attachment).where(Attachment.id == first).values(uploaded_at=past))
        session.execute(update(Attachment).where(Attachment.id == second).values(instance_id=world.other.id))
    old(path)
    sweep(hostile_app)
    sweep(hostile_app)
    with hostile_app.app_context(), transaction() as session:
        assert session.get(Attachment, first) is None
        assert session.get(Attachment, second) is not None
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written(hostile_app: Flask, clerk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    settings = hostile_app.extensions["settings"]
    before = set(settings.attachments.rglob("*"))
    answer = upload(clerk, "表.pdf", PDF + b"full")
    assert answer.status_code == 507
    assert "没有保存" in answer.get_json()["detail"]
    assert {path for path in settings.attachments.rglob("*") if path.is_file()} <= before


def test_a_file_that_is_gone_is_said(hostile_app: Flask, clerk: Person) -> None:
    found = upload(clerk, "表.pdf", PDF + b"gone").get_json()
    path_of(hostile_app.extensions["settings"], found["sha256"]).unlink()
    answer = clerk.http.get(f"/api/v1/attachments/{found['id']}", headers=clerk.headers)
    assert answer.status_code == 404
    assert "备份" in answer.get_json()["detail"]


NAMESPACE = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))


@pytest.mark.parametrize(
    "content",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><bpmn:definitions {NAMESPACE}>&l8;</bpmn:definitions>',
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><bpmn:definitions {NAMESPACE}>&e;</bpmn:definitions>',
        f'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><bpmn:definitions {NAMESPACE}/>',
        "",
        "{}",
        "\x00",
        "<a>" * 5000,
        "PK\x03\x04",
    ],
    ids=["entities", "file", "network", "empty", "json", "nul", "deep", "zip"],
)
def test_hostile_diagrams_are_told_their_problem(world: World, content: str) -> None:
    designer = world.office.person("designer")
    answer = designer.http.post(
        "/api/v1/definitions/check", data=content.encode(), headers=designer.headers, content_type="application/xml"
    )
    assert answer.status_code == 200
    found = answer.get_json()
    assert "error" in {problem["severity"] for problem in found["problems"]}
    assert "root:" not in answer.text


def test_a_diagram_of_ten_thousand_elements(world: World) -> None:
    designer = world.office.person("designer")
    tasks = "".join(f'<bpmn:task id="t{n}" name="第{n}步"/>' for n in range(10_000))
    process = f'<bpmn:process id="p" isExecutable="true">{tasks}</bpmn:process>'
    xml = f"<bpmn:definitions {NAMESPACE}>{process}</bpmn:definitions>"
    answer = designer.http.post("/api/v1/definitions/check", data=xml.encode(), headers=designer.headers)
    assert answer.status_code == 200
    assert answer.get_json()["problems"]


def test_a_sheet_that_unpacks_to_more_than_memory_is_refused(
    hostile_app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 1024 * 1024)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _part in range(100):
                sheet.write(b"0" * 1024 * 1024)
    assert len(packed.getvalue()) < 1_000_000
    client = browser(hostile_app, "city.reviewer1")
    token = csrf_of(client.get("/imports"))
    files = {"csrf_token": token, "kind": "units", "file": (BytesIO(packed.getvalue()), "单位.xlsx")}
    answer = client.post("/imports", data=files, follow_redirects=True)
    assert answer.status_code < 500
    assert "展开后超过" in answer.text, re.sub(r"<[^>]*>|\\s+", " ", answer.text)
