"""When people are told about a deadline: working days before it, on the day, then their superiors, again and again.

Pure. A task keeps the moment of its next stage only; everything else follows from its diagram and its due time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from webapp.clock import SHANGHAI
from webapp.deadlines.calendar import Calendar, day_of

REMINDER, ESCALATION = "reminder", "escalation"
REMINDED_FROM = time(8)
"""Before the usual digest of the day, which carries the reminders."""
ESCALATED_FROM = time(9)
"""When offices open."""
_MOST_STAGES = 10_000


@dataclass(frozen=True)
class Plan:
    """What the diagram declares in ``wm:reminders``; the defaults hold where it says nothing."""

    before: tuple[int, ...] = (5, 3, 1)
    on_day: bool = True
    escalate_after: int | None = 1
    """Working days after the due day; ``None``: superiors are not told."""
    repeat_every: int | None = 5
    """Working days from one escalation to the next."""

    @property
    def offsets(self) -> tuple[int, ...]:
        """Working days before the due day at which somebody is reminded, in order of time."""
        found = set(self.before) | ({0} if self.on_day else set())
        return tuple(sorted(found, reverse=True))

    @property
    def words(self) -> str:
        """The plan as the page of the task says it."""
        parts = (
            [f"到期前 {'、'.join(str(days) for days in self.offsets if days)} 个工作日"] if any(self.offsets) else []
        )
        parts += ["到期当天"] if self.on_day else []
        told = [f"{'和'.join(parts)}提醒办理人"] if parts else ["不作提醒"]
        if self.escalate_after is None:
            return f"{told[0]}，逾期不上报。"
        late = f"逾期第 {self.escalate_after} 个工作日报上级"
        again = f"，此后每 {self.repeat_every} 个工作日再报" if self.repeat_every else ""
        return f"{told[0]}，{late}{again}。"


@dataclass(frozen=True)
class Stage:
    """One moment at which somebody is told."""

    at: datetime
    kind: str
    number: int
    """Working days left for a reminder; which escalation it is, from 0."""


def plan_of(declared: Mapping[str, str] | None) -> Plan:
    """The plan of a step from the attributes of its ``wm:reminders``: ``before``, ``on_day``, ``escalate_after``,
    ``repeat_every``; 0 switches escalation or its repetition off.

    Raises:
        ValueError: an attribute is no number; publishing refuses that.
    """
    return _plan(tuple(sorted((declared or {}).items())))


@lru_cache(maxsize=1024)
def _plan(declared: tuple[tuple[str, str], ...]) -> Plan:
    given, usual = dict(declared), Plan()
    return Plan(
        before=tuple(sorted({int(d) for d in given["before"].split()}, reverse=True))
        if "before" in given
        else (5, 3, 1),
        on_day=given.get("on_day", "true") == "true",
        escalate_after=int(given["escalate_after"]) or None if "escalate_after" in given else usual.escalate_after,
        repeat_every=int(given["repeat_every"]) or None if "repeat_every" in given else usual.repeat_every,
    )


def reminder_day(calendar: Calendar, due: datetime, region: str | None) -> date:
    """The working day whose morning is the last one before the due moment: the day itself, or the last one before it
    where it is a rest day."""
    day = calendar.working_day_before(day_of(due), 0, region)
    return day if _at(day, REMINDED_FROM) < due else calendar.working_day_before(day, 1, region)


def next_stage(plan: Plan, due: datetime, after: datetime, calendar: Calendar, region: str | None) -> Stage | None:
    """The first stage after ``after``."""
    return next(_stages(plan, due, after, calendar, region), None)


def latest_stage(
    plan: Plan, due: datetime, after: datetime, now: datetime, calendar: Calendar, region: str | None
) -> Stage | None:
    """The last stage after ``after`` that has come by ``now``: what was missed in between is merged into it."""
    found = None
    for stage in _stages(plan, due, after, calendar, region):
        if stage.at > now:
            break
        found = stage
    return found


def stages_between(
    plan: Plan, due: datetime, after: datetime, until: datetime, calendar: Calendar, region: str | None
) -> list[Stage]:
    """Every stage after ``after`` up to and with ``until``, in order."""
    found: list[Stage] = []
    for stage in _stages(plan, due, after, calendar, region):
        if stage.at > until or len(found) >= _MOST_STAGES:
            break
        found.append(stage)
    return found


def _stages(plan: Plan, due: datetime, after: datetime, calendar: Calendar, region: str | None) -> Iterator[Stage]:
    last = reminder_day(calendar, due, region)
    if after < _at(last, REMINDED_FROM):
        for offset in plan.offsets:
            at = _at(calendar.working_day_before(last, offset, region), REMINDED_FROM)
            if at > after:
                yield Stage(at, REMINDER, offset)
    if plan.escalate_after is not None:
        yield from _escalations(plan, plan.escalate_after, due, after, calendar, region)


def _escalations(
    plan: Plan, first_after: int, due: datetime, after: datetime, calendar: Calendar, region: str | None
) -> Iterator[Stage]:
    """The first escalation and its repetitions; those long past are jumped over, not counted one by one."""
    day, number = day_of(calendar.after_working_days(due, first_after, region).at), 0
    if plan.repeat_every is None:
        if _at(day, ESCALATED_FROM) > after:
            yield Stage(_at(day, ESCALATED_FROM), ESCALATION, 0)
        return
    passed = calendar.working_days_between(day, day_of(after), region)
    if passed > plan.repeat_every:
        number = passed // plan.repeat_every
        day = calendar.working_day_before(day_of(after), passed % plan.repeat_every, region)
    while day.year < date.max.year:
        if _at(day, ESCALATED_FROM) > after:
            yield Stage(_at(day, ESCALATED_FROM), ESCALATION, number)
        day = calendar.working_day_after(day, plan.repeat_every, region)
        number += 1


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI)
