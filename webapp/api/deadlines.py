"""The calendar explained."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import request

from webapp.access import access
from webapp.api.views import blueprint
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.deadlines.calendar import Calendar, Due, day_of
from webapp.deadlines.current import calendar_in_force
from webapp.instances.queries import iso
from webapp.problems import InputError, Invalid, invalid
from webapp.registry.models import Region

_EARLIEST, _LATEST = 1900, 2200
"""Years that a period may start in; far beyond what anybody declares, and inside what dates can hold."""


@blueprint.get("/calendar/due")
@access("account.own")
def get_due() -> dict[str, Any]:
    """When a period ends, and why each day counts or does not."""
    start, region, calendar = _start(request.args.get("start", "")), _region(), calendar_in_force()
    working, days = request.args.get("working_days"), request.args.get("calendar_days")
    if (working is None) == (days is None):
        raise invalid("working_days", "one_of", "请给出 working_days 或 calendar_days 中的一个。")
    if working is not None:
        due = calendar.after_working_days(start, _days("working_days", working), region)
    else:
        due = calendar.after_calendar_days(start, _days("calendar_days", days or ""), region)
    return explained(calendar, start, due, region, by_working_days=working is not None)


def explained(
    calendar: Calendar, start: datetime, due: Due, region: str | None, *, by_working_days: bool
) -> dict[str, Any]:
    """A due moment with every day on the way to it."""
    first = day_of(start) + timedelta(days=1)
    days = list(calendar.explain(first, day_of(due.at), region, by_working_days=by_working_days))
    return {"due_at": iso(due.at), "provisional": due.is_provisional, "days": days}


def _region() -> str | None:
    code = request.args.get("region")
    if code and db.session().get(Region, code[:20]) is None:
        raise invalid("region", "unknown", "没有这个地区代码，请核对。")
    return code or None


def _start(text: str) -> datetime:
    try:
        if len(text) == 10:
            moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), SHANGHAI)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("start", "date", "start 须为日期（2021-04-25）或带时区的时刻。") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    if not _EARLIEST <= aware.year <= _LATEST:
        raise invalid("start", "range", f"start 须在 {_EARLIEST} 年到 {_LATEST} 年之间。")
    return aware


def _days(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6) or not 0 <= int(text) <= 3660:
        raise Invalid([InputError(name, "range", f"{name} 须为 0 到 3660 的整数。")])
    return int(text)
