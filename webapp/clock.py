"""The business clock: the one source of "now" and "today" for everything that has legal effect.

In a demo installation it may be set and advanced (``clock_offset`` row); sessions, tokens and the audit
log's own stamp use :func:`real_now`. The offset, and with it the version of the calendar that working days are
counted by, is read from the database at most once a second.
"""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import text
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.database import Model, db

SHANGHAI = ZoneInfo("Asia/Shanghai")
_FRESH_SECONDS = 1.0


class ClockRefusedError(Exception):
    """The clock cannot be set here; the message (Chinese) says why."""


class ClockOffset(Model):
    """The single row that holds how far business time is ahead of real time."""

    __tablename__ = "clock_offset"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    seconds: Mapped[float] = mapped_column(default=0.0)


_STANDING = text("SELECT (SELECT seconds FROM clock_offset), (SELECT version FROM deadline_settings)")


class BusinessClock:
    """What one process knows of business time; lives in ``app.extensions['clock']``."""

    def __init__(self, *, settable: bool) -> None:
        self.settable = settable
        self._offset = timedelta()
        self._calendar_version = 0
        self._read_at = float("-inf")

    def offset(self) -> timedelta:
        """How far business time is ahead of real time; at most one second old."""
        if self.settable:
            self._refresh()
        return self._offset

    def calendar_version(self) -> int:
        """The version of the calendar in force; at most one second old."""
        self._refresh()
        return self._calendar_version

    def _refresh(self) -> None:
        if time.monotonic() - self._read_at <= _FRESH_SECONDS:
            return
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:  # no rollback, which would forget all that the connection has prepared
            seconds, version = connection.execute(_STANDING).one()
        self._offset = timedelta(seconds=(seconds or 0.0) if self.settable else 0.0)
        self._calendar_version = version or 0
        self._read_at = time.monotonic()

    def forget(self) -> None:
        """Ask the database again at the next call."""
        self._read_at = float("-inf")


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


def calendar_version() -> int:
    """The version of the calendar in force, at most a second old."""
    return _clock().calendar_version()


def forget() -> None:
    """Ask the database for offset and version again, after a change in this process."""
    _clock().forget()


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
    _clock().forget()


def set_now(session: Session, instant: datetime) -> None:
    """Set business time to the aware ``instant``; see :func:`set_offset`."""
    set_offset(session, instant - real_now())


def advance(session: Session, by: timedelta) -> None:
    """Move business time on by ``by``; see :func:`set_offset`."""
    set_offset(session, _clock().offset() + by)
