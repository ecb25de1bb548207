"""``wenming deadlines``: what would be reminded of, escalated and fired up to a day."""

import json
from datetime import datetime
from typing import Any

import click

from webapp import clock
from webapp.administration.durations import parse_instant
from webapp.clock import SHANGHAI
from webapp.config import load_settings
from webapp.deadlines.calendar import end_of
from webapp.host.command_session import command_session
from webapp.reminders.preview import MOST, preview

_KINDS = {"reminder": "提醒", "escalation": "逾期上报", "timer": "定时器"}
_ACTS = {"hand_over": "逾期转办", "decide": "到期自动办理"}


@click.group("deadlines")
def deadlines() -> None:
    """Reminders, escalation and timers 到期提醒."""


@deadlines.command("preview")
@click.option("--until", required=True, help="date (to its end) or instant, ISO 8601; without offset in Shanghai")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def preview_(until: str, as_json: bool) -> None:
    """Say what the clock would do up to a day, without doing it 预览到期提醒."""
    last = _until(until)
    with command_session(load_settings()) as session:
        items = preview(session, clock.now(), last)
    click.echo(json.dumps({"items": items}, ensure_ascii=False, indent=1) if as_json else _words(items))


def _until(text: str) -> datetime:
    try:
        found = parse_instant(text)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if not 1900 <= found.year <= 2200:
        raise click.ClickException("--until 须在 1900 年到 2200 年之间。")
    return end_of(found.astimezone(SHANGHAI).date()) if len(text.strip()) == 10 else found


def _words(items: list[dict[str, Any]]) -> str:
    end = f"共 {len(items)} 项{'（只列出前面的）' if len(items) == MOST else ''}。"
    return "\n".join([*map(_line, items), end])


def _line(item: dict[str, Any]) -> str:
    what = _ACTS.get(item["act"]) or _KINDS[item["kind"]]
    people = "、".join(person["name"] for person in item["to"])
    return f"{item['at'][:16].replace('T', ' ')} {what} 办件 {item['instance']} {item['element']} {people}".rstrip()


COMMANDS = (deadlines,)
