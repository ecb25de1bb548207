"""The business clock: the one source of "now" and "today" for everything that has legal effect.

In a demo installation it may be set and advanced (``clock_offset`` row); sessions, tokens and the audit
log's own stamp use :func:`real_now`. The offset is at most a second old (``webapp.standing``).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.database import Model
from webapp.standing import forget, standing

SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockRefusedError(Exception):
    """The clock cannot be set here; the message (Chinese) says why."""


class ClockOffset(Model):
    """The single row that holds how far business time is ahead of real time."""

    __tablename__ = "clock_offset"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    seconds: Mapped[float] = mapped_column(default=0.0)


class BusinessClock:
    """Business time of one application; lives in ``app.extensions['clock']``."""

    def __init__(self, *, settable: bool) -> None:
        self.settable = settable

    def offset(self) -> timedelta:
        """How far business time is ahead of real time; at most one second old."""
        return standing().offset if self.settable else timedelta()


def _clock() -> BusinessClock:
    clock: BusinessClock = current_app.extensions["clock"]
    return clock


def real_now() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Business time, aware, in UTC."""
    return real_now() + _clock().offset()


def today() -> date:
    """The business date in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def offset() -> timedelta:
    """How far business time is ahead of real time (zero outside demo installations)."""
    return _clock().offset()


def set_offset(session: Session, value: timedelta) -> None:
    """Set business time to real time plus ``value``.

    Raises:
        ClockRefusedError: this is not a demo installation.
    """
    if not _clock().settable:
        message = "正式环境不能调整业务时钟（WENMING_DEMO=0）。"
        raise ClockRefusedError(message)
    session.merge(ClockOffset(id=1, seconds=value.total_seconds()))
    session.flush()
    forget()


def set_now(session: Session, instant: datetime) -> None:
    """Set business time to the aware ``instant``; see :func:`set_offset`."""
    set_offset(session, instant - real_now())


def advance(session: Session, by: timedelta) -> None:
    """Move business time on by ``by``; see :func:`set_offset`."""
    set_offset(session, _clock().offset() + by)
