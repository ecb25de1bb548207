"""When a step is due, as its diagram declares it, and how severe its state is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import after_calendar_days, after_working_days, end_of, working_days_left

SERIOUS_DAYS = 5
SOON_DAYS = 3
SEVERITIES = {"serious": "严重逾期", "overdue": "已逾期", "soon": "即将到期", "normal": "未到期"}


def due_of(deadline: Mapping[str, str] | None, opened: datetime, data: Mapping[str, Any]) -> datetime | None:
    """The due moment of a step that opens at ``opened``.

    Args:
        deadline: the attributes of ``wm:deadline``: ``working_days``, ``calendar_days`` or ``date`` (a variable).
        data: what the instance's variables hold.
    """
    if not deadline:
        return None
    if days := _days(deadline.get("working_days"), data):
        return after_working_days(opened, days).at
    if days := _days(deadline.get("calendar_days"), data):
        return after_calendar_days(opened, days).at
    return _moment(data.get(deadline.get("date", "")))


def _days(text: str | None, data: Mapping[str, Any]) -> int | None:
    if not text:
        return None
    value = text if text.isdecimal() else data.get(text)
    return int(value) if value is not None else None


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return end_of(moment.date()) if len(value) == 10 else moment.astimezone(SHANGHAI)


def severity(due: datetime | None, now: datetime) -> str:
    """``serious`` (over 5 working days late), ``overdue``, ``soon`` (3 or fewer left) or ``normal``."""
    if due is None:
        return "normal"
    left = working_days_left(due, now)
    if due < now:
        return "serious" if left < -SERIOUS_DAYS else "overdue"
    return "soon" if left <= SOON_DAYS else "normal"


def days_left_text(due: datetime | None, now: datetime) -> str:
    """The state of a deadline in words, e.g. 还剩 3 个工作日."""
    if due is None:
        return "无时限"
    left = working_days_left(due, now)
    if due < now:
        return f"逾期 {-left} 个工作日" if left else "今天已逾期"
    return f"还剩 {left} 个工作日" if left else "今天到期"
