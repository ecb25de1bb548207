"""The same migration by command and by page, for those who may."""

from pathlib import Path

from flask import Flask

from tests.factories.api_client import Case, Office
from tests.factories.migrating import CLERK, publish_next
from tests.factories.page_client import PageClient
from tests.integration.commands.test_commands import Shell
from tests.integration.migration.conftest import Desk, line
from webapp.migration import jobs


def test_a_migration_by_command(desk: Desk, tmp_path: Path, database_url: str) -> None:
    desk.publish(line("fill", "review"))
    case = desk.start("fill")
    desk.start()
    desk.publish(line("fill", "examine"))
    shell = Shell(tmp_path, database_url)
    chosen = ("migrate", "cases", "p", "--from", "1", "--to", "2", "--as", "admin")
    assert "没有可用的账号" in shell.refusal(*chosen[:-1], "nobody")
    assert "不能进行这项操作" in shell.refusal(*chosen[:-1], "clerk")
    assert "没有“nowhere”这个环节" in shell.refusal(*chosen, "--step", "nowhere")
    assert "原版本没有“x”" in shell.refusal(*chosen, "--map", "x=examine")
    found = shell.json(*chosen)
    assert found["counts"] == {"all": 2, "waiting": 2, "safe": 1, "mapping": 1}
    number = str(found["id"])
    assert "可以迁移 2" in shell.run("migrate", "map", number, "--map", "review=examine", "--as", "admin").output
    assert "写明迁移的原因" in shell.refusal("migrate", "start", number, "--reason", " ", "--as", "admin")
    assert shell.run("migrate", "start", number, "--reason", "试点", "--as", "admin").exit_code == 0
    assert shell.run("migrate", "suspend", number, "--as", "admin").exit_code == 0
    assert "不能进行这项操作" in shell.refusal("migrate", "suspend", number, "--as", "admin")
    assert shell.run("migrate", "resume", number, "--as", "admin").exit_code == 0
    jobs.run(int(number))
    assert "已迁移 2" in shell.run("migrate", "show", number, "--as", "admin").output
    assert desk.version_of(case) == 2
    assert "正在迁回" in shell.run("migrate", "undo", number, "--as", "admin").output


def test_pages_are_for_those_who_may_and_say_what_is_wrong(demo_app: Flask) -> None:
    case = Case(Office(demo_app), Office(demo_app).person(CLERK))
    publish_next(demo_app)
    for path in ("/migrations", "/migrations/new/declaration"):
        assert PageClient(demo_app, CLERK).get(path).status_code == 403
    page = PageClient(demo_app, "designer")
    assert page.get("/migrations/new/nowhere").status_code == 404
    assert page.get("/migrations/77").status_code == 404
    chosen = {"from_version": "1", "to_version": "1"}
    same = page.post("/migrations/new/declaration", chosen)
    assert same.status_code == 422
    assert "目标版本与原版本相同" in same.text
    listed = chosen | {"to_version": "2", "numbers": "SB2026-999999"}
    refused = page.post("/migrations/new/declaration", listed)
    assert refused.status_code == 422
    assert "SB2026-999999" in refused.text
    made = page.post("/migrations/new/declaration", chosen | {"to_version": "2", "step": "fill_declaration"})
    assert made.status_code == 302
    assert "可以迁移" in page.read(made.location)
    bad = page.post(f"{made.location}/map", {"map.fill_declaration": "review_county", "map.nowhere": "x"})
    assert bad.status_code == 422
    assert "原版本没有“nowhere”" in bad.text
    assert page.post(f"{made.location}/start", {"reason": ""}).status_code == 422
    assert PageClient(demo_app, CLERK).post(f"{made.location}/start", {"reason": "x"}).status_code == 403
    assert page.post(f"{made.location}/cancel").status_code == 302
    assert page.post(f"{made.location}/resume").status_code == 409
    assert case.open_steps() == ["fill_declaration"]
