"""The holidays that the program brings along: the yearly notices of the State Council as ``chinesecalendar`` has them.

They fill the tables of a new installation; what an administrator changed there is never overwritten.
"""

from datetime import date
from functools import cache

from chinese_calendar.constants import holidays, workdays

from webapp.deadlines.calendar import HOLIDAY, WORKING, Calendar, make_calendar

SOURCE = "国务院办公厅放假通知（随程序提供）"
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


def shipped_days() -> list[tuple[date, str, str]]:
    """Date, kind and Chinese name of every holiday and 调休 working day, by date."""
    rest = [(day, HOLIDAY, NAMES.get(name, name)) for day, name in holidays.items()]
    return sorted(rest + [(day, WORKING, NAMES.get(name, name)) for day, name in workdays.items()])


def shipped_years() -> frozenset[int]:
    """The years whose notices are known."""
    years = {day.year for day in holidays}
    return frozenset(range(min(years), max(years) + 1))


@cache
def shipped_calendar() -> Calendar:
    """The calendar of a new installation."""
    return make_calendar(shipped_days(), shipped_years())
