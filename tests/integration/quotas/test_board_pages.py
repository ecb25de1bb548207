"""The page of a plan: sums over everything, its board page by page, narrowed to a region or an honour."""

import re

from flask import Flask
from sqlalchemy import func, select

from tests.factories.page_client import PageClient
from webapp.database import transaction
from webapp.quotas.models import Quota


def test_a_long_board_comes_page_by_page_and_its_sums_do_not(demo_app: Flask) -> None:
    with demo_app.app_context(), transaction() as session:
        longest = select(Quota.plan_id, func.count()).group_by(Quota.plan_id).order_by(func.count().desc()).limit(1)
        plan, rows = session.execute(longest).one()
        planned = session.scalar(select(func.sum(Quota.planned)).where(Quota.plan_id == plan))
    page = PageClient(demo_app, "henan.officer1")
    last = -(-rows // 20)
    assert last > 1
    found = [read_board(page, f"/quotas/{plan}?page={number}") for number in range(1, last + 1)]
    assert [len(board) for board in found] == [20] * (last - 1) + [rows - 20 * (last - 1)]
    assert sum(int(row[-4]) for board in found for row in board) == planned
    assert f"第 2 / {last} 页" in page.read(f"/quotas/{plan}?page=2")
    assert "没有符合条件的名额" in page.read(f"/quotas/{plan}?page=99")
    pingdingshan = read_board(page, f"/quotas/{plan}?region=410400")
    assert {row[0] for row in pingdingshan} == {"平顶山市"}
    assert f"共 {len(pingdingshan)} 项" in page.read(f"/quotas/{plan}?region=410400")


def read_board(page: PageClient, path: str) -> list[list[str]]:
    """The cells of the board's rows, those of the line left out where there are none."""
    text = page.read(path)
    board = text[text.index('id="board"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", board[: board.index("</table>")], re.DOTALL)
    return [re.findall(r"<t[hd] [^>]*data-label[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows[1:]]
