"""Set, advance and reset the business clock of a demo installation; each is written into the audit log."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.audit.operations import record

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def set_clock(session: Session, actor: Actor | None, instant: datetime) -> datetime:
    """Let business time go on from the aware ``instant``; returns it.

    Raises:
        ClockRefusedError: this is no demo installation, or the instant lies outside 2000 to 2099.
    """
    if not _FIRST <= instant < _LAST:
        raise clock.ClockRefusedError("业务时间只能在 2000 年至 2099 年之间。")
    return _move(session, actor, instant - clock.real_now(), "clock.set")


def advance_clock(session: Session, actor: Actor | None, by: timedelta) -> datetime:
    """Move business time on by ``by``; returns the new business time.

    Raises:
        ClockRefusedError: as for :func:`set_clock`.
    """
    if abs(by) > _LAST - _FIRST or not _FIRST <= clock.now() + by < _LAST:
        raise clock.ClockRefusedError("业务时间只能在 2000 年至 2099 年之间。")
    return _move(session, actor, clock.offset() + by, "clock.advance")


def reset_clock(session: Session, actor: Actor | None) -> datetime:
    """Let business time be real time again; returns it."""
    return _move(session, actor, timedelta(), "clock.reset")


def _move(session: Session, actor: Actor | None, offset: timedelta, act: str) -> datetime:
    before = clock.offset()
    now = clock.real_now() + offset
    after = {"offset_seconds": round(offset.total_seconds(), 3), "now": now.isoformat()}
    record(session, actor, act, before={"offset_seconds": round(before.total_seconds(), 3)}, after=after)
    clock.set_offset(session, offset)
    return now
