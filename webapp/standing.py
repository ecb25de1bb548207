"""What holds everywhere and is looked up all the time: how far the clock is set, which calendar counts, who people are.

A process asks the database for it at most once a second, in one statement. The workers of one web server share a
count of changes besides: what a request has changed, all of them ask for at once.
"""

import time
from ctypes import c_int, sizeof
from dataclasses import dataclass
from datetime import datetime, timedelta
from mmap import mmap
from typing import Final

from flask import Flask, current_app
from sqlalchemy import text

from webapp.database import db

_FRESH_SECONDS: Final = 1.0
_changes = c_int.from_buffer(mmap(-1, sizeof(c_int)))
"""How often something was changed, in memory that the workers of one server share."""

_NOW = text("""
    SELECT (SELECT seconds FROM clock_offset) AS seconds, (SELECT version FROM deadline_settings) AS calendar,
        count(*) AS changes, max(at) AS last FROM people_changes
""")


@dataclass(frozen=True)
class Standing:
    """What the database said."""

    offset: timedelta
    """How far the clock of a demo installation is ahead of real time."""
    calendar: int
    """The version of the calendar in force."""
    people: tuple[int, datetime | None]
    """Another one after every change of what is known of people (``webapp.accounts.known``)."""


class StandingKeeper:
    """What one process knows; lives in ``app.extensions['standing']``."""

    def __init__(self) -> None:
        self._known: tuple[Standing, int, float] | None = None

    def current(self) -> Standing:
        """What holds, at most one second old."""
        known, count, at = self._known, _changes.value, time.monotonic()
        if known is None or known[1] != count or at - known[2] > _FRESH_SECONDS:
            known = self._known = (_read(), count, at)
        return known[0]

    def forget(self) -> None:
        """Ask the database again at the next call."""
        self._known = None


def _read() -> Standing:
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:  # no rollback, which would forget all that the connection has prepared
        row = connection.execute(_NOW).one()
    return Standing(timedelta(seconds=row.seconds or 0.0), row.calendar or 0, (row.changes, row.last))


def install(app: Flask) -> None:
    """Let an application keep what holds."""
    app.extensions["standing"] = StandingKeeper()


def standing() -> Standing:
    """What holds, at most one second old."""
    keeper: StandingKeeper = current_app.extensions["standing"]
    return keeper.current()


def forget() -> None:
    """Ask the database again in this process, after a change in it."""
    keeper: StandingKeeper = current_app.extensions["standing"]
    keeper.forget()


def announce() -> None:
    """Let all workers of this server ask the database again, after a change that is committed."""
    _changes.value += 1
