"""What is shown of the calendar: a period explained day by day, a year as months, what is closed where."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import HOLIDAY, PARTS, WORKING, Calendar, Due, day_of
from webapp.deadlines.models import CalendarClosure, CalendarDay, CalendarYear
from webapp.registry.models import Organisation, Region


def explain_period(
    calendar: Calendar, start: datetime, region: str | None, *, working_days: int | None = None, calendar_days: int = 0
) -> dict[str, Any]:
    """When a period ends, with every day on the way to it: counted or not, and why."""
    if working_days is not None:
        due = calendar.after_working_days(start, working_days, region)
    else:
        due = calendar.after_calendar_days(start, calendar_days, region)
    return _explained(calendar, start, due, region, by_working_days=working_days is not None)


def _explained(
    calendar: Calendar, start: datetime, due: Due, region: str | None, *, by_working_days: bool
) -> dict[str, Any]:
    first = day_of(start) + timedelta(days=1)
    days = list(calendar.explain(first, day_of(due.at), region, by_working_days=by_working_days))
    return {"due_at": due.at.astimezone(SHANGHAI).isoformat(), "provisional": due.is_provisional, "days": days}


@dataclass(frozen=True)
class Cell:
    """A day of the picture of a year."""

    day: date
    look: str
    """``holiday``, ``working`` (调休), ``closed``, ``half``, ``weekend`` or ``plain``."""
    mark: str
    """What stands beside the number, so that nothing is said by colour alone."""
    title: str
    is_today: bool


def year_picture(
    calendar: Calendar, year: int, today: date, closures: dict[date, list[str]]
) -> list[list[list[Cell | None]]]:
    """Twelve months as weeks from Monday to Sunday; ``None`` where a week reaches into another month."""
    return [_month(calendar, year, month, today, closures) for month in range(1, 13)]


def _month(
    calendar: Calendar, year: int, month: int, today: date, closures: dict[date, list[str]]
) -> list[list[Cell | None]]:
    day = date(year, month, 1)
    cells: list[Cell | None] = [None] * day.weekday()
    while day.month == month and day.year == year:
        cells.append(_cell(calendar, day, today, closures.get(day, [])))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _cell(calendar: Calendar, day: date, today: date, closed: list[str]) -> Cell:
    special, reason = calendar.days.get(day), calendar.state_of(day).reason
    if special is not None and special.kind == HOLIDAY:
        look, mark = "holiday", "休"
    elif special is not None and special.kind == WORKING:
        look, mark = "working", "班"
    else:
        look, mark = ("weekend" if day.weekday() > 4 else "plain"), ""
    if closed:
        look, mark = "closed", mark + "闭"
    return Cell(day, look, mark, "；".join([f"{day.month}月{day.day}日", reason, *closed]), day == today)


@dataclass(frozen=True)
class Stretch:
    """Days in a row with the same name."""

    name: str
    is_rest: bool
    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def list_specials(calendar: Calendar, year: int) -> dict[str, list[Stretch]]:
    """Holiday → its rest and 调休 working days, days in a row as one: what the picture shows, in words."""
    found: list[Stretch] = []
    for day in sorted(day for day in calendar.days if day.year == year):
        special, before = calendar.days[day], found[-1] if found else None
        one = Stretch(special.name, special.kind == HOLIDAY, day, day)
        if before and (before.name, before.is_rest) == (one.name, one.is_rest) and (day - before.last).days == 1:
            found[-1] = Stretch(one.name, one.is_rest, before.first, day)
        else:
            found.append(one)
    return {name: [one for one in found if one.name == name] for name in dict.fromkeys(one.name for one in found)}


def office_regions(session: Session) -> list[tuple[str, str]]:
    """Code and name of the regions that have an office, in tree order."""
    has_office = exists().where(Organisation.kind == "office", Organisation.region_code == Region.code)
    query = select(Region.code, Region.name, Region.path).where(has_office).order_by(Region.path)
    return [(row.code, "　" * row.path.count("/") + row.name) for row in session.execute(query)]


def list_years(session: Session) -> list[CalendarYear]:
    """The published years, newest first."""
    return list(session.scalars(select(CalendarYear).order_by(CalendarYear.year.desc())))


def find_day(session: Session, day: date) -> CalendarDay | None:
    """What is published about a day."""
    return session.get(CalendarDay, day)


def list_closures(session: Session, first: date, last: date) -> list[Any]:
    """The closures of a time with the names of their regions, by date."""
    query = (
        select(CalendarClosure, Region.name.label("region"))
        .join(Region, Region.code == CalendarClosure.region_code)
        .where(CalendarClosure.day.between(first, last))
        .order_by(CalendarClosure.day, Region.code, CalendarClosure.part)
    )
    return list(session.execute(query))


def closures_by_day(rows: list[Any]) -> dict[date, list[str]]:
    """Day → what is closed then, in words."""
    found: dict[date, list[str]] = {}
    for row in rows:
        one = row.CalendarClosure
        found.setdefault(one.day, []).append(f"{row.region}{PARTS[one.part]}不办公（{one.reason}）")
    return found
