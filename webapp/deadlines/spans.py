"""How the time of a case ran: spans in which its clock ran or stood still, each with the reason and its working days.

The clock stands still while the case is suspended and, as the diagram declares (``wm:clock``), while the matter lies
with somebody else alone. Pure: derived from the tasks, so that nothing has to be written down at every step.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from webapp.deadlines.calendar import Calendar, day_of

RUNNING, PAUSED = "running", "paused"


class TimedTask(Protocol):
    """What the clock needs to know of a task."""

    element: str
    name: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Stop:
    """A time in which nobody could act, by decision of a person."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Span:
    """A time in which the clock ran or stood still."""

    kind: str
    since: datetime
    until: datetime
    reason: str
    working_days: int
    is_open: bool = False
    """It lasts until now."""


@dataclass(frozen=True)
class Elapsed:
    """The clock of a case: its spans, and what they come to."""

    spans: list[Span]
    limit: int | None
    due_at: datetime | None
    """When the limit of the whole case is reached, if its clock does not stop again."""
    is_provisional: bool

    def total(self, kind: str) -> int:
        """The working days of all spans of a kind."""
        return sum(span.working_days for span in self.spans if span.kind == kind)

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.spans) and self.spans[-1].is_open and self.spans[-1].kind == PAUSED

    @property
    def running(self) -> int:
        return self.total(RUNNING)

    @property
    def paused(self) -> int:
        return self.total(PAUSED)


def elapsed(
    calendar: Calendar,
    region: str | None,
    started: datetime,
    ended: datetime | None,
    now: datetime,
    tasks: Sequence[TimedTask],
    stops: Iterable[Stop],
    pauses: Collection[str],
    limit: int | None = None,
) -> Elapsed:
    """The clock of a case that started at ``started``.

    Args:
        ended: when the case was over; ``None`` while it goes on.
        pauses: the elements during which the matter lies with somebody else.
        limit: working days for the whole case, if the diagram declares them.
    """
    last = max(ended or now, started)
    spans = _spans(calendar, region, started, last, tasks, list(stops), pauses, is_open=ended is None)
    if limit is None:
        return Elapsed(spans, None, None, False)
    stood = sum(span.working_days for span in spans if span.kind == PAUSED)
    due = calendar.after_working_days(started, limit + stood, region)
    return Elapsed(spans, limit, due.at, due.is_provisional)


def _spans(
    calendar: Calendar,
    region: str | None,
    started: datetime,
    last: datetime,
    tasks: Sequence[TimedTask],
    stops: list[Stop],
    pauses: Collection[str],
    *,
    is_open: bool,
) -> list[Span]:
    found: list[tuple[str, str, datetime, datetime]] = []
    moments = _moments(started, last, tasks, stops)
    for since, until in pairwise(moments):
        kind, reason = _state(since, tasks, stops, pauses)
        if found and found[-1][:2] == (kind, reason):
            found[-1] = (kind, reason, found[-1][2], until)
        else:
            found.append((kind, reason, since, until))
    days = calendar.working_days_between
    return [
        Span(kind, since, until, reason, days(day_of(since), day_of(until), region), is_open and until == last)
        for kind, reason, since, until in found
    ]


def _moments(started: datetime, last: datetime, tasks: Sequence[TimedTask], stops: list[Stop]) -> list[datetime]:
    """Every moment at which something may change, in order."""
    found = {started, last}
    for task in tasks:
        found |= {task.opened_at, task.closed_at or last}
    for stop in stops:
        found |= {stop.since, stop.until or last}
    return sorted(moment for moment in found if started <= moment <= last)


def _state(at: datetime, tasks: Sequence[TimedTask], stops: list[Stop], pauses: Collection[str]) -> tuple[str, str]:
    stop = next((s for s in stops if s.since <= at and (s.until is None or at < s.until)), None)
    if stop is not None:
        return PAUSED, f"挂起：{stop.reason}"
    open_ = [task for task in tasks if task.opened_at <= at and (task.closed_at is None or at < task.closed_at)]
    if open_ and all(task.element in pauses for task in open_):
        return PAUSED, "、".join(dict.fromkeys(task.name for task in open_))
    return RUNNING, ""
