"""Working days in China: weekends, statutory holidays and 调休 days; a year not yet published is marked provisional.

Source of the days: the yearly notices of the State Council as collected by ``chinesecalendar`` (2004 to the last
year published).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from webapp.clock import SHANGHAI

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class Due:
    """A due moment; ``is_provisional`` when a year without published holidays was counted through."""

    at: datetime
    is_provisional: bool


@lru_cache(maxsize=8192)
def working_day(day: date) -> tuple[bool, bool]:
    """Whether people work on ``day``, and whether that is known (the year's holidays are published)."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.weekday() < 5, False


def end_of(day: date) -> datetime:
    """The last second of ``day`` in Asia/Shanghai, aware."""
    return datetime.combine(day, END_OF_DAY, SHANGHAI)


def after_working_days(start: datetime, days: int) -> Due:
    """The end of the ``days``-th working day after the day of ``start``; the starting day is not counted."""
    day, left, provisional = start.astimezone(SHANGHAI).date(), days, False
    while left > 0:
        day += timedelta(days=1)
        works, known = working_day(day)
        left -= works
        provisional |= not known
    return Due(end_of(day), provisional)


def after_calendar_days(start: datetime, days: int) -> Due:
    """The end of the ``days``-th day after ``start``; a rest day there moves it to the next working day."""
    day, provisional = start.astimezone(SHANGHAI).date() + timedelta(days=days), False
    while True:
        works, known = working_day(day)
        provisional |= not known
        if works:
            return Due(end_of(day), provisional)
        day += timedelta(days=1)


def working_days_left(due: datetime, now: datetime) -> int:
    """Working days from today to the due day: 0 on the day itself, negative when overdue."""
    first, last = now.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    sign, (low, high) = (1, (first, last)) if last >= first else (-1, (last, first))
    span = (high - low).days
    if span > 800:
        return sign * (span * 5 // 7)
    return sign * sum(working_day(low + timedelta(days=n + 1))[0] for n in range(span))


def explain(first: date, last: date, *, by_working_days: bool) -> list[dict[str, object]]:
    """Every day from ``first`` to ``last``: whether it counts, and why (holiday, weekend, 调休 working day)."""
    found: list[dict[str, object]] = []
    day = first
    while day <= last:
        works, known = working_day(day)
        counted = works if by_working_days else True
        found.append({"date": day.isoformat(), "counted": counted, "reason": _reason(day, works=works, known=known)})
        day += timedelta(days=1)
    return found


def _reason(day: date, *, works: bool, known: bool) -> str:
    if not known:
        return "当年放假安排尚未公布，暂按周末计" if not works else "当年放假安排尚未公布，暂按工作日计"
    if works:
        return "调休上班" if day.weekday() >= 5 else "工作日"
    _rest, name = chinese_calendar.get_holiday_detail(day)
    return f"法定节假日（{HOLIDAYS.get(name, name)}）" if name else "周末"


HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
