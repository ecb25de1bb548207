"""Change the calendar: seed it, take in a year, set a day, close an office, count by other customs.

Every change gets a new version, is written into the audit log and lets a worker compute open deadlines again.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.deadlines.calendar import PARTS, WORKING
from webapp.deadlines.current import forget_calendar
from webapp.deadlines.models import CalendarClosure, CalendarDay, CalendarYear, DeadlineSettings
from webapp.deadlines.notice import Notice, fault_of_day
from webapp.deadlines.shipped import SOURCE, shipped_days, shipped_years
from webapp.problems import Conflict, NotFound, invalid
from webapp.registry.models import Region

RECOMPUTE = "deadlines.recompute"
REPLAN = "deadlines.replan"
"""Dates of a batch have changed."""
_NEW_YEARS_EVE = timedelta(days=7)
"""So far a notice may reach back into the year before its own."""


@dataclass(frozen=True)
class Import:
    """What taking in a notice changes."""

    year: int
    added: list[date]
    changed: list[date]
    removed: list[date]
    is_new_year: bool

    @property
    def is_empty(self) -> bool:
        return not (self.is_new_year or self.added or self.changed or self.removed)


def ensure_calendar(session: Session) -> None:
    """Add the years that the program brings along and the tables lack; what is there stays as it is."""
    there = set(session.scalars(select(CalendarYear.year)))
    missing = shipped_years() - there
    if not missing:
        return
    stamp = {"source": SOURCE, "published_at": clock.real_now(), "imported_by": None}
    session.execute(upsert(CalendarYear).on_conflict_do_nothing(), [{"year": y} | stamp for y in sorted(missing)])
    days = [
        {"day": day, "kind": kind, "name": name, "source": SOURCE}
        for day, kind, name in shipped_days()
        if day.year in missing or (day + _NEW_YEARS_EVE).year in missing
    ]
    session.execute(upsert(CalendarDay).on_conflict_do_nothing(), days)
    if there:
        _changed(session, f"程序带来了 {'、'.join(map(str, sorted(missing)))} 年的放假安排")
    else:
        forget_calendar()


def compare_notice(session: Session, notice: Notice) -> Import:
    """What :func:`import_notice` would change."""
    own = CalendarDay.day.between(date(notice.year, 1, 1), date(notice.year, 12, 31))
    there = {row.day: (row.kind, row.name) for row in session.scalars(select(CalendarDay).where(own))}
    before = session.scalars(select(CalendarDay).where(CalendarDay.day.in_(notice.days), ~own))
    there |= {row.day: (row.kind, row.name) for row in before}
    return Import(
        notice.year,
        added=sorted(day for day in notice.days if day not in there),
        changed=sorted(day for day, said in notice.days.items() if day in there and there[day] != said),
        removed=sorted(day for day in there if day not in notice.days),
        is_new_year=session.get(CalendarYear, notice.year) is None,
    )


def import_notice(session: Session, actor: Actor | None, notice: Notice, source: str) -> Import:
    """Take in the notice of a year: afterwards the year holds its days and no others.

    Args:
        source: the number or title of the notice, shown with its days.

    Raises:
        Invalid: the notice has faults.
    """
    if not notice.is_clean:
        raise invalid("file", "faulty", "文件有错误，没有导入。请按提示改正后重试。")
    found = compare_notice(session, notice)
    if found.is_empty:
        return found
    session.execute(delete(CalendarDay).where(CalendarDay.day.in_(found.removed)))
    rows = [{"day": d, "kind": kind, "name": name, "source": source} for d, (kind, name) in notice.days.items()]
    days = upsert(CalendarDay)
    values = {"kind": days.excluded.kind, "name": days.excluded.name, "source": days.excluded.source}
    session.execute(days.on_conflict_do_update(index_elements=["day"], set_=values), rows)
    stamp = {"source": source, "published_at": clock.real_now(), "imported_by": actor.user_id if actor else None}
    year = upsert(CalendarYear).values(year=notice.year, **stamp)
    session.execute(year.on_conflict_do_update(index_elements=["year"], set_=stamp))
    record(session, actor, "calendar.import", subject=f"year:{notice.year}", after=_counted(found) | {"source": source})
    _changed(session, f"导入 {notice.year} 年放假安排（{source}）")
    return found


def _counted(found: Import) -> dict[str, Any]:
    return {"added": len(found.added), "changed": len(found.changed), "removed": len(found.removed)}


def set_day(session: Session, actor: Actor | None, day: date, kind: str | None, name: str, source: str) -> None:
    """Make a day a holiday or a 调休 working day, or (``kind`` none) an ordinary day again.

    Raises:
        Conflict: the year is not published, or nothing would change.
        Invalid: the day cannot be that.
    """
    if session.get(CalendarYear, day.year) is None:
        raise Conflict(f"{day.year} 年的放假安排尚未导入，请先导入国务院办公厅的通知。")
    fault = fault_of_day(day, kind, name) if kind else None
    if fault:
        raise invalid("kind" if kind == WORKING and name.strip() else "name", "day", fault)
    row = session.get(CalendarDay, day)
    before = {"kind": row.kind, "name": row.name} if row else None
    after = {"kind": kind, "name": name.strip()} if kind else None
    if before == after:
        raise Conflict(f"{day} 已经是这样，没有改动。")
    if after is None:
        session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    else:
        added = upsert(CalendarDay).values(day=day, source=source, **after)
        session.execute(added.on_conflict_do_update(index_elements=["day"], set_=after | {"source": source}))
    record(session, actor, "calendar.set_day", subject=f"day:{day}", before=before, after=after)
    _changed(session, f"{day:%Y-%m-%d} 改为{_word(kind, name.strip(), day)}（{source}）")


def _word(kind: str | None, name: str, day: date) -> str:
    if kind is None:
        return "工作日" if day.weekday() < 5 else "周末"
    return "调休上班" if kind == WORKING else f"放假（{name}）"


def add_closure(
    session: Session, actor: Actor | None, region_code: str, first: date, last: date, part: str, reason: str
) -> int:
    """Close the offices of a region and of all below it for some days or half days; returns how many days were added.

    Raises:
        Invalid: no such region, no such part, no reason, or too long a time.
        Conflict: all of it is closed already.
    """
    region = session.get(Region, region_code)
    if region is None:
        raise invalid("region", "unknown", "没有这个地区，请重新选择。")
    if part not in PARTS:
        raise invalid("part", "unknown", "时段只能是全天、上午或下午。")
    if not reason.strip():
        raise invalid("reason", "required", "请填写不办公的原因，办件双方都会看到。")
    if not 0 <= (last - first).days <= 366:
        raise invalid("last", "range", "结束日期不能早于开始日期，一次最多一年。")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    values = {"region_code": region_code, "part": part, "reason": reason.strip(), "created_at": clock.real_now()}
    values["created_by"] = actor.user_id if actor else None
    rows = upsert(CalendarClosure).on_conflict_do_nothing().returning(CalendarClosure.id)
    added = session.execute(rows, [values | {"day": day} for day in days]).all()
    if not added:
        raise Conflict(f"{region.name}在这些日期已经登记为不办公。")
    after = {"region": region_code, "from": str(first), "until": str(last), "part": part, "reason": reason.strip()}
    record(session, actor, "calendar.close", subject=f"region:{region_code}", after=after)
    span = f"{first}" if first == last else f"{first} 至 {last}"
    _changed(session, f"{region.name} {span} {PARTS[part]}不办公（{reason.strip()}）")
    return len(added)


def remove_closure(session: Session, actor: Actor | None, closure_id: int) -> None:
    """Let the offices work on a day after all.

    Raises:
        NotFound: there is no such closure.
    """
    row = session.get(CalendarClosure, closure_id)
    if row is None:
        raise NotFound
    region = session.get_one(Region, row.region_code)
    before = {"region": row.region_code, "day": str(row.day), "part": row.part, "reason": row.reason}
    session.execute(delete(CalendarClosure).where(CalendarClosure.id == closure_id))
    record(session, actor, "calendar.open", subject=f"region:{row.region_code}", before=before)
    _changed(session, f"取消{region.name} {row.day} {PARTS[row.part]}不办公（{row.reason}）")


def change_settings(
    session: Session,
    actor: Actor | None,
    *,
    rest_day_end_moves: bool,
    before_includes_day: bool,
    hours: tuple[time, time, time, time],
) -> None:
    """Count by other customs from now on.

    Args:
        hours: when the office opens and closes in the morning, and in the afternoon.

    Raises:
        Invalid: the office hours are not in order.
    """
    if not hours[0] < hours[1] <= hours[2] < hours[3]:
        raise invalid("morning_from", "order", "办公时间的先后不对，请按上午起止、下午起止填写。")
    row = session.execute(select(DeadlineSettings)).scalar_one()
    names = ("morning_from", "morning_until", "afternoon_from", "afternoon_until")
    after = {"rest_day_end_moves": rest_day_end_moves, "before_includes_day": before_includes_day}
    values: dict[str, Any] = after | dict(zip(names, hours, strict=True))
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return
    session.execute(update(DeadlineSettings).values(values).execution_options(synchronize_session="fetch"))
    record(session, actor, "calendar.settings", before=_plain(before), after=_plain(values))
    _changed(session, "时限计算规则已修改")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else f"{value:%H:%M}" for name, value in values.items()}


def _changed(session: Session, reason: str) -> None:
    session.execute(text("UPDATE deadline_settings SET version = version + 1"))
    forget_calendar()
    defer(session, RECOMPUTE, {"reason": reason}, lock=RECOMPUTE)
