"""The calendar in force: one snapshot per process, read again when an administrator changed something.

The version is asked for at most once a second, like the offset of the business clock; counting never asks the database.
"""

import time
from datetime import date

from flask import Flask, current_app, has_app_context
from sqlalchemy import Connection, text

from webapp.database import db
from webapp.deadlines.calendar import Calendar, Closure, Customs, SpecialDay
from webapp.deadlines.shipped import shipped_calendar
from webapp.standing import forget, standing

_WHOLLY_FRESH_SECONDS = 600.0
"""Regions may come below one that is closed for a day without a change of the calendar."""

_SETTINGS = text("SELECT * FROM deadline_settings WHERE id = 1")
_YEARS = text("SELECT year FROM calendar_years")
_DAYS = text("SELECT day, kind, name FROM calendar_days")
_CLOSURES = text("""
    SELECT c.day, c.part, c.reason, array_agg(below.code) AS regions
    FROM calendar_closures c JOIN regions r ON r.code = c.region_code
    JOIN regions below ON below.path = r.path OR below.path LIKE r.path || '/%'
    GROUP BY c.id
""")


class CalendarKeeper:
    """The snapshot of one process; lives in ``app.extensions['calendar']``."""

    def __init__(self) -> None:
        self._calendar: Calendar | None = None
        self._read_at = float("-inf")

    def calendar(self) -> Calendar:
        """The calendar in force, at most a second old."""
        known, version = self._calendar, standing().calendar
        if known is None or known.version != version or time.monotonic() - self._read_at > _WHOLLY_FRESH_SECONDS:
            with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                known = self._calendar = read_calendar(connection)
            self._read_at = time.monotonic()
        return known

    def forget(self) -> None:
        """Read everything again at the next call."""
        self._calendar = None


def install(app: Flask) -> None:
    """Give an application its (still unread) calendar."""
    app.extensions["calendar"] = CalendarKeeper()


def calendar_in_force() -> Calendar:
    """The calendar that everything with legal effect counts by; outside an application the one shipped with it."""
    if not has_app_context():
        return shipped_calendar()
    keeper: CalendarKeeper = current_app.extensions["calendar"]
    return keeper.calendar()


def forget_calendar() -> None:
    """Read the calendar again in this process, after a change."""
    forget()
    current_app.extensions["calendar"].forget()


def read_calendar(connection: Connection) -> Calendar:
    """The calendar as the tables hold it; an installation that was never seeded counts by the shipped one."""
    row = connection.execute(_SETTINGS).one()
    customs = Customs(
        row.rest_day_end_moves,
        row.before_includes_day,
        (row.morning_from, row.morning_until),
        (row.afternoon_from, row.afternoon_until),
    )
    years = frozenset(connection.scalars(_YEARS))
    days = {day.day: SpecialDay(day.kind, day.name) for day in connection.execute(_DAYS)}
    if not years:
        shipped = shipped_calendar()
        years, days = shipped.years, dict(shipped.days)
    closures = tuple(Closure(c.day, frozenset(c.regions), c.part, c.reason) for c in connection.execute(_CLOSURES))
    return Calendar(days, years, closures, customs, row.version)


def missing_year(today: date) -> int | None:
    """The year whose holidays ought to be imported by now: this one, or from 1 November on the next."""
    years = calendar_in_force().years
    if today.year not in years:
        return today.year
    return today.year + 1 if today.month >= 11 and today.year + 1 not in years else None
