"""An iCalendar file (RFC 5545): lines of at most 75 octets, texts with their special characters marked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PER_HOUR = 60
"""How often a feed may be read within an hour; calendar programs come every few minutes at most."""
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MOST_OCTETS = 75


@dataclass(frozen=True)
class Entry:
    """One deadline."""

    uid: str
    summary: str
    description: str
    url: str
    due: datetime


def calendar(name: str, entries: Iterable[Entry], made_at: datetime) -> str:
    """The file of a person's deadlines.

    Args:
        name: what calendar programs call it.
        entries: the deadlines.
        made_at: when it is made, by the machine's clock.
    """
    return "".join(f"{line}\r\n" for text in _lines(name, entries, made_at) for line in fold(text))


def _lines(name: str, entries: Iterable[Entry], made_at: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wenming//Deadlines//ZH", "CALSCALE:GREGORIAN")
    yield from ("METHOD:PUBLISH", f"X-WR-CALNAME:{escape(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H")
    for entry in entries:
        yield "BEGIN:VEVENT"
        yield f"UID:{escape(entry.uid)}"
        yield f"DTSTAMP:{_utc(made_at)}"
        yield from _when(entry.due)
        yield f"SUMMARY:{escape(entry.summary)}"
        yield f"DESCRIPTION:{escape(entry.description)}"
        yield f"URL:{entry.url}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _when(due: datetime) -> Iterator[str]:
    """A deadline at the end of a day belongs to that day as a whole; any other to its quarter of an hour."""
    local = due.astimezone(_SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight - timedelta(days=1) if local == midnight else midnight
    if local == midnight or (local.hour, local.minute) == (23, 59):
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART:{_utc(due - timedelta(minutes=15))}"
        yield f"DTEND:{_utc(due)}"


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    """A text value (RFC 5545 §3.3.11); control characters have no place in one."""
    marked = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = marked.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(character for character in lines if character >= " " and character != "\x7f")


def fold(line: str) -> Iterator[str]:
    """A content line in pieces (RFC 5545 §3.1), never within a character."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _MOST_OCTETS:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + width
    yield piece
