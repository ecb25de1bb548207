"""``wenming pairing`` as somebody types it."""

import json
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.integration.commands.test_commands import Shell
from webapp.pairing.models import HelpedUnit


@pytest.fixture
def shell(tmp_path: Path, demo_database_url: str) -> Shell:
    return Shell(tmp_path, demo_database_url)


def test_from_a_programme_to_a_confirmed_pair(shell: Shell) -> None:
    me = ("--as", "city.reviewer1")
    (programme,) = shell.json("pairing", "programmes", *me)
    assert programme["named"] == 8
    helper = shell.json("pairing", "helpers", *me)[0]["id"]
    assert shell.json("pairing", "match", str(programme["id"]), *me)["status"] == "waiting"
    refused = shell.run("pairing", "propose", str(programme["id"]), str(helper), str(helper), *me)
    assert refused.exit_code == 1
    board = shell.json("pairing", "board", *me)
    assert board["totals"]["active"] == 0
    assert board["without_partner"][0]["helpers"] > 20


def test_a_pair_from_the_proposal_to_the_list(shell: Shell, demo_session: Session, tmp_path: Path) -> None:
    me = ("--as", "city.reviewer1")
    programme = shell.json("pairing", "programmes", *me)[0]["id"]
    helper = next(one["id"] for one in shell.json("pairing", "helpers", *me) if one["name"] == "云溪区文明办")
    named = select(HelpedUnit.organisation_id).where(HelpedUnit.programme_id == programme)
    units = demo_session.scalars(named.order_by(HelpedUnit.organisation_id)).all()
    made = shell.json("pairing", "propose", str(programme), str(helper), str(units[0]), *me)
    number = str(made["id"])
    assert [one["id"] for one in shell.json("pairing", "list", "--status", "proposed", *me)] == [made["id"]]
    assert shell.json("pairing", "confirm", number, *me)["status"] == "confirmed"
    assert "不必重复确认" in shell.refusal("pairing", "confirm", number, *me)
    again = shell.json("pairing", "propose", str(programme), str(helper), str(units[1]), *me)
    refusal = shell.refusal("pairing", "confirm", str(again["id"]), *me)
    assert "“云溪区文明办”已与" in refusal
    assert "豫文明办〔2021〕5号 二（四）" in refusal
    waits = shell.json("pairing", "confirm", str(again["id"]), "--reason", "两家同属一个园区。", *me)
    assert (waits["status"], waits["exception"]["approved"]) == ("proposed", False)
    leader = shell.json("pairing", "confirm", str(again["id"]), "--as", "city.leader")
    assert (leader["status"], leader["exception"]["approved"]) == ("confirmed", True)
    shown = json.loads(shell.run("pairing", "show", number, *me).stdout)
    assert (shown["helper"]["name"], shown["logs"]) == ("云溪区文明办", [])
    assert "没有找到" in shell.refusal("pairing", "show", "999999", *me)
    target = tmp_path / "名单.docx"
    assert shell.run("pairing", "report", str(programme), str(target), *me).exit_code == 0
    table = Document(str(target)).tables[0]
    assert [row.cells[2].text for row in table.rows][1:] == ["云溪区文明办"] * 2
    assert "例外：两家同属一个园区。" in {row.cells[7].text for row in table.rows}
    assert shell.json("pairing", "board", *me)["totals"]["confirmed"] == 2


@pytest.mark.parametrize(
    ("who", "said"),
    [("nobody", "没有可用的账号“nobody”"), ("private.clerk", "您的角色不能进行这项操作")],
)
def test_refusals_are_one_line(shell: Shell, who: str, said: str) -> None:
    refused = shell.run("pairing", "programmes", "--as", who)
    assert refused.exit_code == 1
    assert said in refused.output + refused.stderr
