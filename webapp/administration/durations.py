"""How a length of time is written on the command line and in the clock's form: ``10d``, ``3h``, ``2w``, ``P10D``."""

import re
from datetime import datetime, timedelta

from webapp.clock import SHANGHAI

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SHORT = re.compile(r"(\d{1,6})([wdhms])", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE
)
EXAMPLES = "10d、3h、90m、2w、1d12h 或 P10D"


def parse_duration(text: str) -> timedelta:
    """The length of time that ``text`` means.

    Raises:
        ValueError: it is no such text, or no time at all; the message is for the person who typed it.
    """
    text = text.strip()
    found = _iso(text) if text[:1] in {"P", "p"} else _short(text)
    if not found:
        raise ValueError(f"“{text}”不是时间长度，请写成 {EXAMPLES}。")
    return found


def _short(text: str) -> timedelta:
    parts = _SHORT.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return timedelta()
    return sum((timedelta(**{_UNITS[unit.lower()]: int(number)}) for number, unit in parts), timedelta())


def _iso(text: str) -> timedelta:
    match = _ISO.fullmatch(text)
    if match is None:
        return timedelta()
    numbers = (int(number or 0) for number in match.groups())
    return timedelta(**dict(zip(("weeks", "days", "hours", "minutes", "seconds"), numbers, strict=True)))


def parse_instant(text: str) -> datetime:
    """The instant that ``text`` means: ISO 8601, in Shanghai where it names no offset; a date is its beginning.

    Raises:
        ValueError: it is no instant; the message is for the person who typed it.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        example = "2027-03-01 或 2027-03-01T09:00"
        raise ValueError(f"“{text.strip()}”不是时刻，请写成 {example}，可带时区（如 +08:00）。") from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
