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
    minutes = max(0, int(value.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min")]
    said = [f"{number} {unit}" for number, unit in parts if number][:2]
    return " ".join(said) or "less than 1 min"


FILTERS = {"day": day, "clock_time": clock_time, "duration": duration}
"""Instead of the Chinese ones of :mod:`webapp.templating`."""
