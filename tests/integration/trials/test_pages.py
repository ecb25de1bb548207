"""Designers try a process out without JavaScript, take it along as a ZIP, and test it on the command line."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.factories.page_client import PageClient
from webapp import cli

TRIAL = "/designer/nomination/trial"


@pytest.fixture
def designer(demo_app: Flask) -> PageClient:
    return PageClient(demo_app, "designer")


def test_a_version_is_tried_step_by_step(demo_app: Flask, designer: PageClient) -> None:
    assert "开始试运行" in designer.read(TRIAL)
    begun = designer.post(f"{TRIAL}/begin", {"version": "1", "begins_on": "2026-03-02"})
    assert begun.location.endswith(TRIAL)
    page = designer.read(TRIAL)
    assert "2026-03-02 09:00" in page
    assert "市级审核员甲（示例市文明办）" in page
    example = {"trial:person": "city.a", "trial:example": "y"}
    assert designer.post(f"{TRIAL}/look", example).status_code == 302
    assert "非公文明单位培育对象推荐" in designer.read(TRIAL)
    missing = designer.post(f"{TRIAL}/step", {"trial:act": "start", "trial:person": "city.a"})
    assert missing.status_code == 422
    answers = {
        "title": "示例征集", "document_number": "示市文明办〔2026〕3号", "paragraph": "三", "kinds": "private",
        "honours": "city", "minimum": "1", "maximum": "3", "due_on": "2026-04-10",
    }  # fmt: skip
    started = designer.post(f"{TRIAL}/step", {"trial:act": "start", "trial:person": "city.a"} | answers)
    assert started.status_code == 302
    assert "二县审核员乙" in designer.read(TRIAL)
    waited = designer.post(f"{TRIAL}/step", {"trial:act": "wait", "trial:days": "next"})
    assert waited.status_code == 302
    assert "处理逾期未报" in designer.read(TRIAL)
    assert designer.post(f"{TRIAL}/back", {"to": "1"}).status_code == 302
    assert "处理逾期未报</strong>" not in designer.read(TRIAL)
    wrong = designer.post(f"{TRIAL}/step", {"trial:act": "message", "trial:name": "x", "trial:payload": "[1]"})
    assert (wrong.status_code, "JSON 对象" in wrong.text) == (422, True)
    odd = designer.post(f"{TRIAL}/step", {"trial:act": "complete", "trial:element": "gone", "trial:item": "{}"})
    assert (odd.status_code, "不在待办之中" in odd.text) == (422, True)
    assert designer.post(f"{TRIAL}/stop").status_code == 302
    assert "开始试运行" in designer.read(TRIAL)

    clerk, auditor = PageClient(demo_app, "private.clerk"), PageClient(demo_app, "auditor")
    assert clerk.get(TRIAL).status_code == 403
    assert auditor.post(f"{TRIAL}/begin", {"version": "1"}).status_code == 403
    assert auditor.get("/designer/nomination/archive.zip?version=1").status_code == 200
    assert auditor.get("/designer/archives/import").status_code == 403


def test_a_process_goes_out_and_comes_in_as_a_zip(designer: PageClient) -> None:
    data = designer.get("/designer/nomination/archive.zip?version=1").data
    taken = designer.post(
        "/designer/archives/import", {"file": (io.BytesIO(data), "n.zip"), "key": "copied"}, follow_redirects=True
    )
    assert "测试用例 3 个；检查发现 0 个错误" in taken.text
    again = designer.post("/designer/archives/import", {"file": (io.BytesIO(data), "n.zip"), "key": "copied"})
    assert (again.status_code, "已有草稿" in again.text) == (422, True)
    broken = designer.post("/designer/archives/import", {"file": (io.BytesIO(data[:-40]), "n.zip")})
    assert (broken.status_code, "不是完好的" in broken.text) == (422, True)
    assert designer.post("/designer/archives/import", {}).status_code == 422


def test_the_command_line_runs_the_cases(tmp_path: Path, demo_data: Path, demo_database_url: str) -> None:
    environment = {"WENMING_DATA": str(demo_data), "DATABASE_URL": demo_database_url, "WENMING_DEMO": "1"}
    cli._gather()

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli.main_group, ["definitions", *words], env=environment)

    file = tmp_path / "nomination.zip"
    assert run("export", "nomination", str(file)).exit_code == 0
    assert run("export", "nomination", str(file)).exit_code != 0
    tested = run("test", str(file), "--json")
    assert tested.exit_code == 0, tested.output
    (report,) = json.loads(tested.stdout)
    assert (report["passed"], report["failed"], report["coverage"]["missing"]) == (3, 0, [])
    assert "通过 3，不符合预期 0" in run("test", "nomination").stdout
    assert "没有名为" in run("test", "nowhere").stderr
    file.write_bytes(b"no zip")
    assert run("test", str(file)).exit_code != 0
