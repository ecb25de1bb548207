"""When a periodic job is due: the same instants on every machine, so that schedulers agree without talking."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

_OFFICE_TIME = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LOOK_BACK = timedelta(days=8)


@dataclass(frozen=True)
class Schedule:
    """The due instants of one job."""

    trigger: BaseTrigger
    every: timedelta | None = None

    def latest(self, now: datetime) -> datetime | None:
        """The last due instant that is not after ``now``; None when there was none for a week."""
        if self.every is not None:
            return _EPOCH + (now - _EPOCH) // self.every * self.every
        due: datetime | None = None
        following: datetime | None = self.trigger.get_next_fire_time(None, now - _LOOK_BACK)
        while following is not None and following <= now:
            due = following.astimezone(UTC)
            following = self.trigger.get_next_fire_time(following, following)
        return due


def every(interval: timedelta) -> Schedule:
    """Due at whole multiples of ``interval`` since a fixed instant."""
    return Schedule(IntervalTrigger(seconds=int(interval.total_seconds()), start_date=_EPOCH, timezone=UTC), interval)


def crontab(expression: str) -> Schedule:
    """Due as the five-field ``expression`` says, in Asia/Shanghai."""
    return Schedule(CronTrigger.from_crontab(expression, timezone=_OFFICE_TIME))
