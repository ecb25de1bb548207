"""``wenming pairing`` as somebody types it."""

from pathlib import Path

import pytest

from tests.integration.commands.test_commands import Shell


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


@pytest.mark.parametrize(
    ("who", "said"),
    [("nobody", "没有可用的账号“nobody”"), ("private.clerk", "您的角色不能进行这项操作")],
)
def test_refusals_are_one_line(shell: Shell, who: str, said: str) -> None:
    refused = shell.run("pairing", "programmes", "--as", who)
    assert refused.exit_code == 1
    assert said in refused.output + refused.stderr
