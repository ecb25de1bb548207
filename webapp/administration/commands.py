"""``wenming clock``: what business time is it, and (in a demo installation) what shall it be?"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp import clock as business_clock
from webapp.administration.clock_operations import advance_clock, reset_clock, set_clock
from webapp.administration.durations import parse_duration, parse_instant
from webapp.clock import SHANGHAI, ClockRefusedError
from webapp.config import load_settings
from webapp.host.command_session import command_session


@click.group("clock")
def clock() -> None:
    """The business clock 业务时钟."""


@clock.command("show")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def show(as_json: bool) -> None:
    """Print business time, real time and the difference 显示时钟."""
    with command_session(load_settings()):
        found = _reading()
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else _words(found))


@clock.command("set")
@click.argument("instant")
def set_(instant: str) -> None:
    """Let business time go on from INSTANT (ISO 8601; without offset in Shanghai) 设定时钟."""
    _move(lambda session: set_clock(session, None, _parsed(parse_instant, instant)))


@clock.command("advance")
@click.argument("duration")
def advance(duration: str) -> None:
    """Move business time on by DURATION: 10d, 3h, 90m, 2w, P10D 推进时钟."""
    _move(lambda session: advance_clock(session, None, _parsed(parse_duration, duration)))


@clock.command("reset")
def reset() -> None:
    """Let business time be real time again 恢复真实时间."""
    _move(lambda session: reset_clock(session, None))


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except (ValueError, OverflowError) as error:
        raise click.ClickException(str(error)) from None


def _move(act: Callable[[Session], datetime]) -> None:
    try:
        with command_session(load_settings()) as session:
            now = act(session)
    except ClockRefusedError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"业务时间：{_local(now)}")


def _reading() -> dict[str, Any]:
    offset = business_clock.offset()
    return {
        "now": _local(business_clock.now()),
        "real": _local(business_clock.real_now()),
        "offset_seconds": round(offset.total_seconds(), 3),
        "settable": load_settings().demo,
    }


def _local(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _words(found: dict[str, Any]) -> str:
    ahead = f"，相差 {found['offset_seconds']:.0f} 秒" if found["offset_seconds"] else ""
    return f"业务时间：{found['now']}\n真实时间：{found['real']}{ahead}"


COMMANDS = (clock,)
