"""Working days in one immutable calendar: weekends, statutory holidays, 调休 working days and local closures.

Days are those of Asia/Shanghai, the starting day is not counted, and a year whose holidays are not published yet
counts by weekends alone and makes what is computed through it provisional.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache

from webapp.clock import SHANGHAI

END_OF_DAY = time(23, 59, 59)
HOLIDAY, WORKING = "holiday", "working"
ALL_DAY, MORNING, AFTERNOON = "all", "am", "pm"
_REMEMBERED = 4096
"""Counts of days that are kept in mind: most tasks of a day have the same ones."""
PARTS = {ALL_DAY: "全天", MORNING: "上午", AFTERNOON: "下午"}


@dataclass(frozen=True)
class Due:
    """A due moment; ``is_provisional`` when a year without published holidays was counted through."""

    at: datetime
    is_provisional: bool = False


@dataclass(frozen=True)
class DayState:
    """Whether people work on a day, whether that is known, and why."""

    works: bool
    is_known: bool
    reason: str
    closed_part: str | None = None
    """``am`` or ``pm`` where half of a working day is closed."""


@dataclass(frozen=True)
class Closure:
    """A day or half day on which the offices of some regions are closed."""

    day: date
    regions: frozenset[str]
    """Codes of the region and of everything below it."""
    part: str
    reason: str


@dataclass(frozen=True)
class Customs:
    """How an installation counts; each is a setting of the administrator's."""

    rest_day_end_moves: bool = True
    """A period of calendar days that ends on a rest day runs to the next working day."""
    before_includes_day: bool = True
    """“X日前” includes X."""
    morning: tuple[time, time] = (time(9), time(12))
    afternoon: tuple[time, time] = (time(14), time(17, 30))


@dataclass(frozen=True)
class SpecialDay:
    """A statutory holiday or a 调休 working day."""

    kind: str
    name: str


@dataclass(frozen=True)
class _Local:
    """What holds in one region, sorted so that days are counted without looking at each."""

    closed: Mapping[date, Mapping[str, str]]
    """Day → part → reason."""
    off: list[date]
    """Rest days from Monday to Friday."""
    on: list[date]
    """Working days on Saturday and Sunday."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """A snapshot that never changes. ``region`` is a region code everywhere; ``None`` asks for the whole country."""

    days: Mapping[date, SpecialDay]
    years: frozenset[int]
    """Years whose holidays are published."""
    closures: tuple[Closure, ...] = ()
    customs: Customs = field(default_factory=Customs)
    version: int = 0
    _locals: dict[str | None, _Local] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _closed_regions(self) -> frozenset[str]:
        return frozenset(code for closure in self.closures for code in closure.regions)

    def state_of(self, day: date, region: str | None = None) -> DayState:
        """Whether people of ``region`` work on ``day``, and why."""
        known = day.year in self.years
        closed = self._local(region).closed.get(day, {})
        if ALL_DAY in closed and self._works_nationally(day):
            return DayState(False, known, f"本地不办公（{closed[ALL_DAY]}）")
        reason = self._reason(day, known)
        if not self._works_nationally(day):
            return DayState(False, known, reason)
        for part, why in closed.items():
            return DayState(True, known, f"{reason}，{PARTS[part]}不办公（{why}）", part)
        return DayState(True, known, reason)

    def works(self, day: date, region: str | None = None) -> bool:
        """Whether ``day`` is a working day in ``region``; a day with a closed half is one."""
        return self._works_nationally(day) and ALL_DAY not in self._local(region).closed.get(day, {})

    def _works_nationally(self, day: date) -> bool:
        special = self.days.get(day)
        return special.kind == WORKING if special else day.weekday() < 5

    def _reason(self, day: date, known: bool) -> str:
        special = self.days.get(day)
        if special is not None:
            return "调休上班" if special.kind == WORKING else f"法定节假日（{special.name}）"
        works = day.weekday() < 5
        if not known:
            return f"当年放假安排尚未公布，暂按{'工作日' if works else '周末'}计"
        return "工作日" if works else "周末"

    def _local(self, region: str | None) -> _Local:
        key = region if region in self._closed_regions else None
        found = self._locals.get(key)
        if found is None:
            found = self._locals[key] = self._read_local(key)
        return found

    def _read_local(self, region: str | None) -> _Local:
        closed: dict[date, dict[str, str]] = {}
        for closure in self.closures:
            if region in closure.regions:
                closed.setdefault(closure.day, {})[closure.part] = closure.reason
        for parts in closed.values():
            if MORNING in parts and AFTERNOON in parts:
                parts.setdefault(ALL_DAY, parts[MORNING])
        rest = {day for day, special in self.days.items() if special.kind == HOLIDAY}
        rest |= {day for day, parts in closed.items() if ALL_DAY in parts}
        worked = {day for day, special in self.days.items() if special.kind == WORKING} - rest
        return _Local(closed, sorted(d for d in rest if d.weekday() < 5), sorted(d for d in worked if d.weekday() > 4))

    def after_working_days(
        self, start: datetime, days: int, region: str | None = None, *, office_hours: bool = False
    ) -> Due:
        """The end of the ``days``-th working day after the day of ``start``; the starting day is not counted."""
        day, is_provisional = _working_day_after(self, day_of(start), days, region)
        return Due(self.end_of(day, region, office_hours=office_hours), is_provisional)

    def after_calendar_days(
        self, start: datetime, days: int, region: str | None = None, *, office_hours: bool = False
    ) -> Due:
        """The end of the ``days``-th day after ``start``; a rest day there moves it to the next working day."""
        day, provisional = day_of(start) + timedelta(days=days), False
        while self.customs.rest_day_end_moves:
            provisional |= day.year not in self.years
            if self.works(day, region):
                break
            day += timedelta(days=1)
        return Due(self.end_of(day, region, office_hours=office_hours), provisional)

    def end_of(self, day: date, region: str | None = None, *, office_hours: bool = False) -> datetime:
        """The last second of ``day`` in Asia/Shanghai, or the moment when its office hours end."""
        if not office_hours:
            return end_of(day)
        is_short = self.state_of(day, region).closed_part == AFTERNOON
        return datetime.combine(day, (self.customs.morning if is_short else self.customs.afternoon)[1], SHANGHAI)

    def end_before(
        self, day: date, region: str | None = None, *, office_hours: bool = False, includes_day: bool | None = None
    ) -> datetime:
        """The end of “``day`` 日前”: of the day itself, or of the day before where the setting says so.

        Args:
            includes_day: the setting of the batch; that of the installation where there is none.
        """
        includes = self.customs.before_includes_day if includes_day is None else includes_day
        last = day if includes else day - timedelta(days=1)
        return self.end_of(last, region, office_hours=office_hours)

    def working_days_between(self, first: date, last: date, region: str | None = None) -> int:
        """Working days after ``first`` up to and with ``last``; negative where ``last`` comes first."""
        if last < first:
            return -self.working_days_between(last, first, region)
        local = self._local(region)
        weekdays = _weekdays_until(last) - _weekdays_until(first)
        return weekdays - _within(local.off, first, last) + _within(local.on, first, last)

    def working_days_left(self, due: datetime, now: datetime, region: str | None = None) -> int:
        """Working days from today to the due day: 0 on the day itself, negative when overdue."""
        return self.working_days_between(day_of(now), day_of(due), region)

    def working_day_after(self, day: date, days: int, region: str | None = None) -> date:
        """The ``days``-th working day after ``day``, which is not counted itself."""
        return _working_day_after(self, day, days, region)[0]

    def working_day_before(self, day: date, days: int, region: str | None = None) -> date:
        """The working day that lies ``days`` working days before the last working day up to ``day``."""
        return _working_day_before(self, day, days, region)

    def explain(
        self, first: date, last: date, region: str | None = None, *, by_working_days: bool
    ) -> Iterator[dict[str, object]]:
        """Every day from ``first`` to ``last``: whether it counts, and why (holiday, weekend, 调休 working day)."""
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            state = self.state_of(day, region)
            counted = state.works if by_working_days else True
            yield {"date": day.isoformat(), "counted": counted, "reason": state.reason}


def make_calendar(days: Iterable[tuple[date, str, str]], years: Iterable[int]) -> Calendar:
    """A calendar of published days (date, kind, name), without closures and with the usual customs."""
    return Calendar({day: SpecialDay(kind, name) for day, kind, name in days}, frozenset(years))


def end_of(day: date) -> datetime:
    """The last second of ``day`` in Asia/Shanghai, aware."""
    return datetime.combine(day, END_OF_DAY, SHANGHAI)


def day_of(instant: datetime) -> date:
    """The day of an aware instant in Asia/Shanghai.

    Raises:
        ValueError: the instant has no zone; the zone of the server must not decide what day it is.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} 没有时区")
    return instant.astimezone(SHANGHAI).date()


@lru_cache(_REMEMBERED)
def _working_day_after(calendar: Calendar, day: date, days: int, region: str | None) -> tuple[date, bool]:
    """The day, and whether a year without published holidays was counted through."""
    left, is_provisional = days, False
    while left > 0:
        day += timedelta(days=1)
        left -= calendar.works(day, region)
        is_provisional |= day.year not in calendar.years
    return day, is_provisional


@lru_cache(_REMEMBERED)
def _working_day_before(calendar: Calendar, day: date, days: int, region: str | None) -> date:
    left = days
    while True:
        if calendar.works(day, region):
            if left == 0:
                return day
            left -= 1
        day -= timedelta(days=1)


def _weekdays_until(day: date) -> int:
    """Days from Monday to Friday since the first day of all, which was a Monday."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def _within(days: list[date], first: date, last: date) -> int:
    return bisect_right(days, last) - bisect_right(days, first)
