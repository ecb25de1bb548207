"""The calendar explained."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import request

from webapp.access import access
from webapp.api.views import blueprint
from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import Due, after_calendar_days, after_working_days, explain
from webapp.instances.queries import iso
from webapp.problems import InputError, Invalid, invalid


@blueprint.get("/calendar/due")
@access("account.own")
def get_due() -> dict[str, Any]:
    """When a period ends, and why each day counts or does not."""
    start = _start(request.args.get("start", ""))
    working, calendar = request.args.get("working_days"), request.args.get("calendar_days")
    if (working is None) == (calendar is None):
        raise invalid("working_days", "one_of", "请给出 working_days 或 calendar_days 中的一个。")
    if working is not None:
        due = after_working_days(start, _days("working_days", working))
    else:
        due = after_calendar_days(start, _days("calendar_days", calendar or ""))
    return _answer(start, due, by_working_days=working is not None)


def _answer(start: datetime, due: Due, *, by_working_days: bool) -> dict[str, Any]:
    first = start.astimezone(SHANGHAI).date() + timedelta(days=1)
    days = explain(first, due.at.astimezone(SHANGHAI).date(), by_working_days=by_working_days)
    return {"due_at": iso(due.at), "provisional": due.is_provisional, "days": days}


def _start(text: str) -> datetime:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), SHANGHAI)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("start", "date", "start 须为日期（2021-04-25）或带时区的时刻。") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _days(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 0 <= int(text[:6]) <= 3660:
        raise Invalid([InputError(name, "range", f"{name} 须为 0 到 3660 的整数。")])
    return int(text)
