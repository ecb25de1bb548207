"""When a step is due, as its diagram declares it, and how severe its state is.

What was computed from days keeps its rule, so that a changed calendar, an extension or a suspension can move it; a
date printed in a document is never moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import Calendar, Due, day_of
from webapp.deadlines.current import calendar_in_force

SERIOUS_DAYS = 5
SOON_DAYS = 3
SEVERITIES = {"serious": "严重逾期", "overdue": "已逾期", "soon": "即将到期", "normal": "未到期"}

DAYS = ("working_days", "calendar_days")
DATES = ("date", "end_of_day", "before")
MOST_DAYS = 3660

Rule = dict[str, Any]
"""``working_days`` or ``calendar_days`` (or ``until``, an instant set by a person), ``region``, ``office_hours`` and
``added``: working days that an extension or a suspension put on top; ``used``: days that
earlier rounds took off, and ``carried``: what is left of the working days added to them."""


Declared = Mapping[str, str] | None
"""The attributes of ``wm:deadline``."""


@dataclass(frozen=True)
class Campaign:
    """What a batch says about the dates of its cases."""

    before_includes_day: bool
    phase_ends: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """What a deadline depends on beside its declaration: the batch, and what earlier rounds of the step used."""

    campaign: Campaign | None = None
    used_working: int = 0
    used_natural: int = 0
    added: int = 0
    """Working days that persons and suspensions added in earlier rounds."""


@dataclass(frozen=True)
class Deadline:
    """The due moment of a task; ``rule`` is there where it can be computed again."""

    at: datetime
    is_provisional: bool = False
    rule: Rule | None = None


def due_of(
    declared: Mapping[str, str] | None,
    opened: datetime,
    data: Mapping[str, Any],
    region: str | None = None,
    calendar: Calendar | None = None,
    given: Circumstances = Circumstances(),
) -> Deadline | None:
    """The deadline of a step that opens at ``opened``; ``None`` where none is declared or its date is not known yet.

    Args:
        declared: the attributes of ``wm:deadline``: one of ``working_days``, ``calendar_days``, ``date``,
            ``end_of_day``, ``before`` (“X日前”), each a number, a quoted text or a variable; or ``phase_end``, the
            name of a phase of the batch, beside which days hold where the batch sets no end or it is over; and
            ``office_hours``.
        data: what the instance's variables hold.
        region: code of the region whose office acts.
        given: the batch, and what earlier rounds used: a step that is opened again goes on counting.

    Raises:
        ValueError, TypeError, OverflowError: a variable holds no number of days or no date.
    """
    if not declared:
        return None
    calendar = calendar or calendar_in_force()
    phase = (given.campaign.phase_ends if given.campaign else {}).get(declared.get("phase_end", ""))
    if phase is not None and (phase >= day_of(opened) or not any(declared.get(name) for name in DAYS)):
        return Deadline(calendar.end_of(phase, region, office_hours=_wants_office_hours(declared)))
    for name in DAYS:
        if declared.get(name):
            rule = _rule(name, _days(declared[name], data), declared, region, given)
            due = compute(rule, opened, calendar)
            return Deadline(due.at, due.is_provisional, rule)
    moment = _printed(declared, data, region, calendar, given.campaign)
    return None if moment is None else Deadline(moment)


def compute(rule: Rule, opened: datetime, calendar: Calendar) -> Due:
    """The due moment that a stored rule gives for a task opened at ``opened``."""
    region, office_hours = rule.get("region"), bool(rule.get("office_hours"))
    if "until" in rule:
        due = Due(datetime.fromisoformat(rule["until"]))
    elif "working_days" in rule:
        due = calendar.after_working_days(opened, rule["working_days"], region, office_hours=office_hours)
    else:
        due = calendar.after_calendar_days(opened, rule["calendar_days"], region, office_hours=office_hours)
    added = rule.get("added", 0)
    if added == 0:
        return due
    later = calendar.after_working_days(due.at, added, region, office_hours=office_hours)
    return Due(later.at, due.is_provisional or later.is_provisional)


def with_added(rule: Rule | None, due: datetime, days: int, region: str | None) -> Rule:
    """The rule of a task that is given ``days`` more working days."""
    base: Rule = dict(rule) if rule else {"until": due.isoformat(), "region": region}
    return base | {"added": base.get("added", 0) + days}


def _rule(name: str, days: int, declared: Mapping[str, str], region: str | None, given: Circumstances) -> Rule:
    rule: Rule = {name: days, "region": region}
    used = given.used_working if name == "working_days" else given.used_natural
    if used or given.added:
        rule |= {name: max(1, days - used), "used": used}
        carried = max(0, given.added - max(0, used - days + 1))
        rule |= {"added": carried, "carried": carried} if carried else {}
    return rule | {"office_hours": True} if _wants_office_hours(declared) else rule


def _wants_office_hours(declared: Mapping[str, str]) -> bool:
    return declared.get("office_hours") == "true"


def _days(text: str, data: Mapping[str, Any]) -> int:
    value: Any = int(text) if text.isdecimal() else data.get(text)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"“{text}”应为天数，而不是 {value!r}")
    if not 0 <= value <= MOST_DAYS:
        raise ValueError(f"“{text}”应在 0 到 {MOST_DAYS} 天之间，而不是 {value!r}")
    return int(value)


def _printed(
    declared: Mapping[str, str],
    data: Mapping[str, Any],
    region: str | None,
    calendar: Calendar,
    campaign: Campaign | None,
) -> datetime | None:
    name = next((name for name in DATES if declared.get(name)), None)
    value = _text(declared[name], data) if name else None
    if value is None:
        return None
    office_hours = _wants_office_hours(declared)
    if name == "date" and len(value) > 10:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    day = date.fromisoformat(value[:10])
    if name == "before":
        includes = campaign.before_includes_day if campaign else None
        return calendar.end_before(day, region, office_hours=office_hours, includes_day=includes)
    return calendar.end_of(day, region, office_hours=office_hours)


def _text(text: str, data: Mapping[str, Any]) -> str | None:
    """What a quoted text says or a variable holds; a variable that is empty or not set yet is no deadline yet."""
    value = text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" else data.get(text)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"“{text}”应为日期，而不是 {value!r}")
    return value


def severity(due: datetime | None, now: datetime) -> str:
    """``serious`` (over 5 working days late), ``overdue``, ``soon`` (3 or fewer left) or ``normal``.

    Counted by the days of the whole country, as the filters of lists are.
    """
    if due is None:
        return "normal"
    left = calendar_in_force().working_days_left(due, now)
    if due < now:
        return "serious" if left < -SERIOUS_DAYS else "overdue"
    return "soon" if left <= SOON_DAYS else "normal"


def days_left_text(due: datetime | None, now: datetime, region: str | None = None) -> str:
    """The state of a deadline in words, e.g. 还剩 3 个工作日.

    Args:
        region: code of the region whose closures count; lists that mix regions leave it out.
    """
    if due is None:
        return "无时限"
    left = calendar_in_force().working_days_left(due, now, region)
    if due < now:
        return f"逾期 {-left} 个工作日" if left else "今天已逾期"
    return f"还剩 {left} 个工作日" if left else "今天到期"


def used_words(rule: Rule | None) -> str | None:
    """What is to be said of a period that goes on counting after the step came back."""
    used = (rule or {}).get("used", 0)
    if not used:
        return None
    unit = "个工作日" if "working_days" in (rule or {}) else "天"
    return f"这一环节此前已用 {used} {unit}，退回期间暂停计时，现接着计算。"


def before_words(due: datetime, *, includes_day: bool) -> str:
    """“X日前” of a printed date, beside the moment that it comes to."""
    day = due.astimezone(SHANGHAI).date()
    printed = day if includes_day else day + timedelta(days=1)
    return f"文件规定为 {printed.month}月{printed.day}日前，按规定{'包括' if includes_day else '不包括'}当日。"


def rest_day_words(due: datetime, region: str | None = None) -> str | None:
    """What is to be said of a due moment on a rest day: it is not moved, but the last working day before is meant."""
    calendar, day = calendar_in_force(), due.astimezone(SHANGHAI).date()
    if calendar.works(day, region):
        return None
    last = calendar.working_day_before(day, 0, region)
    state = calendar.state_of(day, region)
    rest = state.reason if state.is_known else f"周末（{state.reason}）"
    return f"{day.month}月{day.day}日为{rest}，日期不顺延；此前最后一个工作日是 {last.month}月{last.day}日。"
