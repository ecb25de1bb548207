"""How days, moments and spans of time are written on English pages."""

from datetime import date, datetime, timedelta

from babel.dates import format_date

from webapp.clock import SHANGHAI


def day(value: date | None) -> str:
    """``20 November 2026``; instants are taken in Shanghai; empty for ``None``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI)
    return format_date(value, "d MMMM y", locale="en")


def clock_time(value: datetime) -> str:
    """``3 January 2027, 09:30`` in Shanghai."""
    return f"{day(value)}, {value.astimezone(SHANGHAI):%H:%M}"


def duration(value: timedelta | None) -> str:
    """How long something took, in its two largest units: ``3 days 4 h``."""
    if value is None:
        return ""
    said = [f"{number} {'days' if unit == 'day' and number > 1 else unit}" for number, unit in largest_units(value)]
    return " ".join(said) or "less than 1 min"


def largest_units(value: timedelta) -> list[tuple[int, str]]:
    """A span in its two largest of ``day``, ``h`` and ``min``; nothing below a minute, whatever the language."""
    minutes = max(0, int(value.total_seconds()) // 60)
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    return [(number, unit) for number, unit in parts if number][:2]


FILTERS = {"day": day, "clock_time": clock_time, "duration": duration}
"""Instead of the Chinese ones of :mod:`webapp.templating`."""
