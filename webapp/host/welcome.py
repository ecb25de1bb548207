"""What the console says once people can come: the address, and in a demonstration who they can be."""

import socket
import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from webapp.accounts.bootstrap import USERNAME
from webapp.config import Settings
from webapp.host.preparation import Prepared

_HEADINGS = ("账号", "口令", "角色", "单位")
_MOST_ROWS = 16


def address(settings: Settings) -> str:
    """Where a browser finds the application."""
    if settings.url:
        return f"{settings.url}/"
    host = socket.gethostname() if settings.host in {"0.0.0.0", "::", ""} else settings.host  # noqa: S104 (compared)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def welcome(settings: Settings, prepared: Prepared) -> None:
    """Print the address, and a demo account for each role or the first administrator's one-time password."""
    click.echo(f"\n文明创建流程平台已启动 / Wenming is running: {address(settings)}\n")
    if prepared.accounts:
        for line in _table(_one_per_role(prepared.accounts)):
            click.echo(line)
        click.echo("\n全部演示账号 / all demo accounts: .venv/bin/wenming demo accounts")
    tell_administrator(prepared)
    if not prepared.sends_mail:
        click.echo(
            "未设置发信服务器，邮件不发出，可在 管理 → 邮件 查看 / no mail server: mail is kept under 管理 → 邮件"
        )
    click.echo("按 Ctrl-C 停止 / press Ctrl-C to stop\n")


def tell_administrator(prepared: Prepared) -> None:
    """Say the one-time password of an administrator that was just made, shown nowhere else, and what waits for them."""
    if prepared.administrator_password is not None:
        words = "管理员账号（首次登录须改口令） / first administrator"
        click.echo(f"{words}: {USERNAME}  {prepared.administrator_password}", err=True)
    for name in prepared.kept_aside:
        words = "随更新带来，没有替换本单位发布的流程，可在“流程”里比较、恢复"
        click.echo(f"{name}：{words} / stored beside the version published here, which stays in force", err=True)


def _one_per_role(accounts: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for account in accounts:
        roles = " ".join(account["role"])
        row = (account["username"], account["password"], roles, account["organisation"])
        chosen.setdefault(roles, row)
    return list(chosen.values())[:_MOST_ROWS]


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(_width(cell) for cell in column) for column in zip(_HEADINGS, *rows, strict=True)]
    return [
        "  " + "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (_HEADINGS, *rows)
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
