"""Rows that a test holds locked, so that requests meet at them for certain and not by luck."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text

from webapp.database import db

_PATIENCE = 10.0
_LOOK_AGAIN = text("SELECT pg_stat_clear_snapshot()")
_WAITING = text("""
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@contextmanager
def holding(app: Flask, table: str, key: Any) -> Iterator[Connection]:
    """Lock the row ``key`` of a table for the length of the block."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection, connection.begin():
        found = connection.execute(text(f"SELECT id FROM {table} WHERE id = :key FOR UPDATE"), {"key": key})
        assert found.one()
        yield connection


def wait_for(connection: Connection, number: int) -> None:
    """Return once that many others wait for locks in this database."""
    deadline = time.monotonic() + _PATIENCE
    while (found := connection.scalar(_WAITING)) != number:
        assert time.monotonic() < deadline, f"{found} came to wait, not {number}"
        connection.execute(_LOOK_AGAIN)


def meet(app: Flask, table: str, key: Any, *calls: Callable[[], Any]) -> list[Any]:
    """Let all calls run into the same locked row, then open it; returns what they returned."""
    with ThreadPoolExecutor(len(calls)) as pool:
        with holding(app, table, key) as connection:
            running: list[Future[Any]] = [pool.submit(call) for call in calls]
            wait_for(connection, len(calls))
        return [one.result(_PATIENCE) for one in running]
