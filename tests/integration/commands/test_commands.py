"""The commands on the clock, the calendar and the audit log, as somebody types them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select, text

from webapp import cli
from webapp.audit.models import AuditEntry
from webapp.host.migrate import migrate


class Shell:
    """Runs ``wenming …`` in this process; the last line of what a refusal says is on standard error."""

    def __init__(self, data: Path, url: str, *, demo: bool = True) -> None:
        self.environment = {"WENMING_DATA": str(data), "DATABASE_URL": url, "WENMING_DEMO": "1" if demo else "0"}
        cli._gather()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(cli.main_group, list(words), env=self.environment)

    def json(self, *words: str) -> dict[str, object]:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        found: dict[str, object] = json.loads(result.stdout)
        return found

    def refusal(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code != 0
        return result.stderr.strip().splitlines()[-1]


@pytest.fixture
def url(database_url: str) -> str:
    migrate(database_url)
    return database_url


@pytest.fixture
def shell(tmp_path: Path, url: str) -> Shell:
    return Shell(tmp_path, url)


def test_the_clock_is_moved_shown_and_reset(shell: Shell, url: str) -> None:
    assert shell.json("clock", "show")["offset_seconds"] == 0

    assert shell.run("clock", "advance", "10d").exit_code == 0
    assert shell.run("clock", "advance", "P1W").exit_code == 0
    assert shell.json("clock", "show")["offset_seconds"] == 17 * 86400.0
    assert shell.run("clock", "set", "2030-02-28T23:59").exit_code == 0
    shown = shell.json("clock", "show")
    assert str(shown["now"]).startswith(("2030-02-28T23:59", "2030-03-01T00:0"))
    assert str(shown["now"]).endswith("+08:00")
    assert shell.run("clock", "reset").exit_code == 0
    assert shell.json("clock", "show")["offset_seconds"] == 0

    engine = create_engine(url)
    with engine.connect() as connection:
        acts = list(connection.scalars(select(AuditEntry.act).where(AuditEntry.act.startswith("clock."))))
    engine.dispose()
    assert acts == ["clock.advance", "clock.advance", "clock.set", "clock.reset"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("clock", "advance", "soon"), "不是时间长度"),
        (("clock", "advance", "999999w"), "2000 年至 2099 年"),
        (("clock", "set", "yesterday"), "不是时刻"),
        (("clock", "set", "1970-01-01"), "2000 年至 2099 年"),
        (("calendar", "due", "--start", "2021-04-25"), "--working-days"),
        (("calendar", "due", "--start", "x", "--working-days", "1"), "不是时刻"),
        (("calendar", "due", "--start", "2021-04-25", "--working-days", "1", "--region", "9"), "没有代码为"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refusal(*words)


@pytest.mark.parametrize("words", [("set", "2030-01-01"), ("advance", "1d"), ("reset",)])
def test_in_earnest_the_clock_stays(tmp_path: Path, url: str, words: tuple[str, ...]) -> None:
    shell = Shell(tmp_path, url, demo=False)
    assert "WENMING_DEMO=0" in shell.refusal("clock", *words)
    assert shell.json("clock", "show")["settable"] is False


def test_a_period_is_explained_day_by_day(shell: Shell) -> None:
    """Labour Day 2021 moved working days to 25 April and 8 May."""
    found = shell.json("calendar", "due", "--start", "2021-04-24", "--working-days", "6")
    assert found["due_at"] == "2021-04-30T23:59:59+08:00"
    days = found["days"]
    assert isinstance(days, list)
    assert days[0] == {"date": "2021-04-25", "counted": True, "reason": "调休上班"}

    spoken = shell.run("calendar", "due", "--start", "2021-04-30", "--working-days", "1").output
    assert "2021-05-01 周六 不计入 法定节假日（劳动节）" in spoken
    assert "到期：2021-05-06T23:59:59+08:00" in spoken

    calendar_days = shell.json("calendar", "due", "--start", "2021-04-24T12:00:00+08:00", "--calendar-days", "7")
    assert calendar_days["due_at"] == "2021-05-06T23:59:59+08:00", "the end on a holiday moves to the next working day"


def test_the_audit_log_is_verified(shell: Shell, url: str) -> None:
    shell.run("clock", "advance", "1d")
    found = shell.json("audit", "verify")
    assert (found["ok"], found["sealed"]) == (True, 0)
    assert int(str(found["unsealed"])) > 0
    assert "链条完整" in shell.run("audit", "verify").output

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO audit_seals SELECT 1, min(id), 'forged', now() FROM audit_entries"))
    engine.dispose()
    assert shell.refusal("audit", "verify").startswith("审计日志不完整：第 1 环")
    broken = shell.run("audit", "verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["breaks"][0]["kind"] == "changed"


def test_a_file_out_of_reach_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The system may refuse the question already whether a file is there: no rights, a name too long."""
    monkeypatch.setattr("sys.argv", ["wenming", "definitions", "test", "长" * 100])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("无法读写 长")
    assert said.count("\n") == 1
