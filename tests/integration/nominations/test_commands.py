"""``wenming nomination`` as somebody types it."""

from collections.abc import Callable
from pathlib import Path

from docx import Document
from openpyxl import load_workbook

from tests.factories.nominations import JUNSHAN, YUNXI, Call, three
from tests.integration.commands.test_commands import Shell


def test_a_call_is_listed_watched_and_written_to_files(
    open_call: Callable[..., Call], tmp_path: Path, demo_database_url: str
) -> None:
    call = open_call()
    call.submit(YUNXI, three("云溪"))
    call.do("review_nominations", outcome="accept")
    shell, number = Shell(tmp_path, demo_database_url), str(call.id)
    (listed,) = shell.json("nomination", "list")
    assert (listed["id"], listed["status"]) == (call.id, "open")
    rows = {row["county"]: row for row in shell.json("nomination", "board", number)["items"]}
    assert (rows[YUNXI]["status"], rows[YUNXI]["nominees"]) == ("accepted", 3)
    assert (rows[JUNSHAN]["status"], rows[JUNSHAN]["nominees"]) == ("waiting", 0)
    assert "云溪区" in shell.run("nomination", "board", number).output
    call.submit(JUNSHAN, three("君山"))
    call.do("review_nominations", outcome="accept")
    call.do("rank_nominees", outcome="submit")
    for ending in ("docx", "xlsx"):
        done = shell.run("nomination", "export", number, str(tmp_path / f"名单.{ending}"))
        assert done.output == "已导出 6 个培育对象。\n"
    assert len(Document(str(tmp_path / "名单.docx")).tables[0].rows) == 7
    assert len(list(load_workbook(tmp_path / "名单.xlsx").active.values)) == 7
    assert ".docx 或 .xlsx" in shell.refusal("nomination", "export", number, str(tmp_path / "名单.pdf"))
    assert "没有编号为 99999" in shell.refusal("nomination", "board", "99999")
