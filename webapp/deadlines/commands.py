"""``wenming calendar``: explain a date, say which years are known, take in the notice of a year."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp import clock
from webapp.administration.durations import parse_instant
from webapp.config import load_settings
from webapp.deadlines.current import calendar_in_force, missing_year
from webapp.deadlines.notice import Notice, read_notice
from webapp.deadlines.operations import Import, compare_notice, import_notice
from webapp.deadlines.queries import explain_period, list_years
from webapp.host.command_session import command_session
from webapp.imports.reading import UnreadableFileError
from webapp.registry.models import Region

_MOST = 3660


@click.group("calendar")
def calendar() -> None:
    """Working days and holidays 工作日历."""


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
        found = explain_period(
            calendar_in_force(), begins, region, working_days=working_days, calendar_days=calendar_days or 0
        )
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


def _words(found: dict[str, Any]) -> str:
    lines = []
    for day in found["days"]:
        weekday = "一二三四五六日"[date.fromisoformat(day["date"]).weekday()]
        lines.append(f"{day['date']} 周{weekday} {'计入  ' if day['counted'] else '不计入'} {day['reason']}")
    lines.append(f"到期：{found['due_at']}{'（途经尚未公布放假安排的年份，暂定）' if found['provisional'] else ''}")
    return "\n".join(lines)


@calendar.command("years")
def years() -> None:
    """List the years whose holidays are known 已有放假安排的年份."""
    with command_session(load_settings()) as session:
        for row in list_years(session):
            click.echo(f"{row.year} {row.source}")
        missing = missing_year(clock.today())
    if missing:
        click.echo(f"{missing} 年的放假安排尚未导入，涉及该年的期限都是暂定的。")


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="number of the notice; default: the name of the file")
@click.option("--dry-run", is_flag=True, help="only say what would happen")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON on standard output")
def import_(file: Path, source: str | None, dry_run: bool, as_json: bool) -> None:
    """Take in the State Council notice of a year: CSV with date,kind,name 导入放假安排."""
    try:
        notice = read_notice(file.read_bytes())
    except UnreadableFileError as error:
        raise click.ClickException(str(error)) from None
    found = None
    if notice.is_clean:
        with command_session(load_settings()) as session:
            found = (
                compare_notice(session, notice)
                if dry_run
                else import_notice(session, None, notice, source or file.name)
            )
    report = report_of(notice, found, applied=found is not None and not dry_run)
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else _report_words(report))
    if not notice.is_clean and not dry_run:
        raise click.ClickException("文件有错误，没有导入。请改正后重试。")


def report_of(notice: Notice, found: Import | None, *, applied: bool) -> dict[str, Any]:
    """What became of a notice, for people and programs."""
    days = {
        name: [day.isoformat() for day in getattr(found, name)] if found else []
        for name in ("added", "changed", "removed")
    }
    faults = [fault.as_json() for fault in notice.faults]
    return {"year": notice.year, "rows": notice.rows, **days, "problems": faults, "applied": applied}


def _report_words(report: dict[str, Any]) -> str:
    word = {"error": "错误", "warning": "提醒"}
    lines = [f"{_place(p['row'])}{word[p['severity']]}：{p['message']}" for p in report["problems"]]
    counts = "，".join(
        f"{word} {len(report[name])} 天" for name, word in (("added", "新增"), ("changed", "改动"), ("removed", "取消"))
    )
    done = "已导入" if report["applied"] else "没有导入"
    return "\n".join([*lines, f"{report['year']} 年：共 {report['rows']} 行，{counts}。{done}。"])


def _place(row: int) -> str:
    return f"第 {row} 行 " if row else ""


COMMANDS = (calendar,)
