"""``wenming calendar`` as somebody types it: the years that are known, and a new one."""

import json
from pathlib import Path

import pytest

from tests.integration.commands.test_commands import Shell
from tests.integration.deadlines.test_changes import NOTICE_2027


@pytest.fixture
def shell(tmp_path: Path, database_url: str) -> Shell:
    return Shell(tmp_path, database_url)


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "2027.csv"
    path.write_text(NOTICE_2027, encoding="gb18030")
    return path


def test_a_notice_is_tried_and_taken_in(shell: Shell, notice: Path) -> None:
    tried = shell.json("calendar", "import", str(notice), "--dry-run")
    assert (tried["year"], tried["rows"], tried["applied"]) == (2027, 14, False)
    assert len(tried["added"]) == 14
    before = shell.json("calendar", "due", "--start", "2027-02-05", "--working-days", "1")
    assert before["provisional"] is True
    spoken = shell.run("calendar", "import", str(notice), "--source", "国办发明电〔2026〕1号")
    assert (spoken.exit_code, spoken.output) == (0, "2027 年：共 14 行，新增 14 天，改动 0 天，取消 0 天。已导入。\n")
    assert shell.run("calendar", "years").output.startswith("2027 国办发明电〔2026〕1号\n")
    after = shell.json("calendar", "due", "--start", "2027-02-05", "--working-days", "1")
    assert (after["due_at"], after["provisional"]) == ("2027-02-10T23:59:59+08:00", False)
    again = shell.json("calendar", "import", str(notice))
    assert (again["added"], again["changed"], again["removed"]) == ([], [], [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2027-02-19,上班,春节", "星期五"),
        ("2027-02-30,放假,春节", "无法识别"),
        ("2027-02-10,半休,春节", "无法识别"),
        ("2027-02-10,放假,", "没有写节日名称"),
        ("2027-02-06,放假,春节", "出现了两次"),
        ("2028-01-01,放假,元旦", "一个文件只放一年"),
        ("2026-12-20,放假,元旦", "一个文件只放一年"),
        ("=2+3,放假,元旦", "无法识别"),
    ],
)
def test_a_wrong_line_refuses_the_file_and_is_named(shell: Shell, notice: Path, line: str, said: str) -> None:
    notice.write_text(NOTICE_2027 + line + "\n", encoding="utf-8")
    done = shell.run("calendar", "import", str(notice), "--json")
    assert done.exit_code == 1
    problems = json.loads(done.stdout)["problems"]
    assert any(said in problem["message"] for problem in problems if problem["severity"] == "error")
    assert "没有导入" in shell.refusal("calendar", "import", str(notice))


def test_what_looks_unlikely_is_a_reminder(shell: Shell, notice: Path) -> None:
    notice.write_text(NOTICE_2027.replace("2027-06-09,放假,端午节\n", ""), encoding="utf-8")
    found = shell.json("calendar", "import", str(notice), "--dry-run")
    assert [problem["severity"] for problem in found["problems"]] == ["warning"]


@pytest.mark.parametrize("content", ["", "甲,乙\n1,2\n", "日期,名称\n2027-01-01,元旦\n"])
def test_a_file_without_the_columns_is_refused_in_one_line(shell: Shell, notice: Path, content: str) -> None:
    notice.write_text(content, encoding="utf-8")
    assert shell.refusal("calendar", "import", str(notice))
