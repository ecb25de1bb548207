"""``wenming import quotas`` and ``wenming quota`` as an office's own program calls them."""

from pathlib import Path

import pytest

from tests.integration.commands.test_commands import Shell
from tests.integration.quotas.test_import import workbook

TABLE = workbook(
    ("2022—2024年度湖南省文明单位名额分配表",),
    ("地 市", "省级文明单位（个）"),
    ("长 沙 市", 40),
    ("岳 阳 市", 16),
    ("合 计", 60),
)
ME = ("--as", "province.officer1")


@pytest.fixture
def shell(tmp_path: Path, demo_database_url: str) -> Shell:
    return Shell(tmp_path, demo_database_url)


def test_from_a_workbook_to_a_plan_in_force(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "名额 分配表.xlsx"
    file.write_bytes(TABLE)
    tried = shell.json("import", "quotas", str(file), "--dry-run")
    assert (tried["rows"], tried["applied"]) == (2, False)
    done = shell.run("import", "quotas", str(file))
    assert "所印合计 60，各行之和 56，两者不符" in done.output
    plans = shell.json("quota", "list")
    assert isinstance(plans, list)
    plan = next(one for one in plans if one["title"] == "2022—2024年度湖南省文明单位名额分配表")
    number = str(plan["id"])
    assert (plan["kind"], plan["in_force"]) == ("cap", False)
    assert "写明" in shell.refusal("quota", "acknowledge", number, "--reason", " ", *ME)
    assert "只有下达这份名额" in shell.refusal(
        "quota", "acknowledge", number, "--reason", "已核", "--as", "city.reviewer1"
    )
    assert shell.run("quota", "acknowledge", number, "--reason", "已核实，以各行为准。", *ME).exit_code == 0
    assert "已由他人确认" in shell.refusal("quota", "acknowledge", number, "--reason", "再核", *ME)
    board = shell.json("quota", "board", number)
    assert (board["in_force"], board["printed"]) == (True, {"provincial": 60})
    items = board["items"]
    assert isinstance(items, list)
    found = [(row["region_name"], row["planned"], row["free"]) for row in items]
    assert found == [("长沙市", 40, 40), ("岳阳市", 16, 16)]
    assert "两者不符" in shell.run("quota", "board", number).output


def test_an_empty_template_is_not_imported(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"
    file.write_bytes(workbook(("地区", "省级文明单位标兵", "省级文明单位")))
    assert "未导入" in shell.refusal("import", "quotas", str(file))
    assert "没有编号为 99999" in shell.refusal("quota", "board", "99999")
