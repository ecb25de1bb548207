"""``wenming calendar due``: when does a period end, and why does each day count or not?"""

import json
from datetime import date, datetime, timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp.administration.durations import parse_instant
from webapp.config import load_settings
from webapp.deadlines.calendar import Calendar, day_of
from webapp.deadlines.current import calendar_in_force
from webapp.host.command_session import command_session
from webapp.registry.models import Region

_MOST = 3660


@click.group("calendar")
def calendar() -> None:
    """Working days 工作日历."""


@calendar.command("due")
@click.option("--start", required=True, help="date or instant (ISO 8601; without offset in Shanghai); not counted")
@click.option("--working-days", type=click.IntRange(0, _MOST), help="length in working days")
@click.option("--calendar-days", type=click.IntRange(0, _MOST), help="length in calendar days")
@click.option("--region", help="code of the region whose local days count")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def due(start: str, working_days: int | None, calendar_days: int | None, region: str | None, as_json: bool) -> None:
    """Say when a period ends and explain each day of it 计算期限."""
    if (working_days is None) == (calendar_days is None):
        raise click.ClickException("请给出 --working-days 或 --calendar-days 中的一个。")
    begins, settings = _start(start), load_settings()
    with command_session(settings) as session:
        _refuse_unknown(session, region)
        found = _due(calendar_in_force(), begins, working_days, calendar_days, region)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else _words(found))


def _start(text: str) -> datetime:
    try:
        found = parse_instant(text)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if not 1900 <= found.year <= 2200:
        raise click.ClickException("--start 须在 1900 年到 2200 年之间。")
    return found


def _refuse_unknown(session: Session, region: str | None) -> None:
    if region and session.get(Region, region[:20]) is None:
        raise click.ClickException(f"没有代码为“{region}”的地区，请核对。")


def _due(
    days: Calendar, start: datetime, working_days: int | None, calendar_days: int | None, region: str | None
) -> dict[str, Any]:
    if working_days is not None:
        end = days.after_working_days(start, working_days, region)
    else:
        end = days.after_calendar_days(start, calendar_days or 0, region)
    first = day_of(start) + timedelta(days=1)
    explained = days.explain(first, day_of(end.at), region, by_working_days=working_days is not None)
    return {"due_at": end.at.isoformat(), "provisional": end.is_provisional, "days": list(explained)}


def _words(found: dict[str, Any]) -> str:
    lines = []
    for day in found["days"]:
        weekday = "一二三四五六日"[date.fromisoformat(day["date"]).weekday()]
        lines.append(f"{day['date']} 周{weekday} {'计入  ' if day['counted'] else '不计入'} {day['reason']}")
    lines.append(f"到期：{found['due_at']}{'（途经尚未公布放假安排的年份，暂定）' if found['provisional'] else ''}")
    return "\n".join(lines)


COMMANDS = (calendar,)
