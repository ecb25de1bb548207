"""Statements of the way that every decision goes: written once, prepared, and run by the driver as they stand.

SQLAlchemy would look each up, wrap its values and unwrap its rows anew, which costs more than most of them take to run.
They run on the session's own connection, in its transaction, and fail with the errors of SQLAlchemy.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeVar, cast

import orjson
import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from webapp.database import Model

AnyModel = TypeVar("AnyModel", bound=Model)
_NAME: Final = re.compile(r"(?<![:\w]):(\w+)")
_CURSOR: Final = "webapp.statements"
_CONNECTION: Final = "webapp.statements.connection"


class Statement:
    """A statement with ``:name`` where a value goes.

    Args:
        text: the statement; casts are written ``CAST(… AS …)``.
        json: the names whose values are sent as ``jsonb``.
    """

    def __init__(self, text: str, *, json: Collection[str] = ()) -> None:
        names = list(dict.fromkeys(_NAME.findall(text)))
        self._text = _NAME.sub(lambda name: f"${names.index(name[1]) + 1}", text).encode()
        self._values = [(name, name in json) for name in names]

    def execute(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """The rows, as named tuples; none where the statement returns nothing.

        Args:
            values: one for each name; others are left alone.

        Raises:
            DBAPIError: the database refuses, or is gone.
        """
        connection = _connection_of(session)
        cursor = _cursor_of(connection)
        given = [Jsonb(values[name], _as_json) if is_json else values[name] for name, is_json in self._values]
        try:
            cursor.execute(self._text, given, prepare=True)
            return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
        except psycopg.Error as error:
            raise self._failed(connection, error, given) from error

    def _failed(self, connection: Connection, error: psycopg.Error, given: list[Any]) -> Exception:
        driver = connection.connection.driver_connection
        is_gone = driver is None or bool(driver.closed)
        if is_gone:  # those that rest in the pool are gone with it
            connection.invalidate(error)
            connection.engine.dispose()
        return DBAPIError.instance(
            self._text.decode(), given, error, psycopg.Error, connection_invalidated=is_gone, dialect=connection.dialect
        )


def _connection_of(session: Session) -> Connection:
    """The connection of a session, which it looks up once in a transaction."""
    transaction, found = session.info.get(_CONNECTION, (None, None))
    if found is None or transaction is not session.get_transaction():
        found = session.connection()
        session.info[_CONNECTION] = session.get_transaction(), found
    return cast("Connection", found)


def _as_json(value: Any) -> bytes | str:
    try:
        return orjson.dumps(value)
    except TypeError:  # numbers beyond 64 bits, which orjson leaves to others
        return json.dumps(value, allow_nan=False)


def _cursor_of(connection: Connection) -> psycopg.RawCursor[Any]:
    """The one cursor of a connection; it lives as long as that."""
    cursor: psycopg.RawCursor[Any] | None = connection.info.get(_CURSOR)
    if cursor is None:
        driver: Any = connection.connection.driver_connection
        cursor = psycopg.RawCursor(driver, row_factory=namedtuple_row)
        cursor.adapters.register_dumper(int, Int8Dumper)  # else each size of a number were a statement of its own
        connection.info[_CURSOR] = cursor
    return cursor


def columns_of(model: type[Model], alias: str) -> str:
    """All columns of a table, as a statement selects them for :func:`loaded`."""
    return ", ".join(f"{alias}.{name} AS {alias}_{name}" for name in _names_of(model))


def loaded(session: Session, model: type[AnyModel], row: Iterable[Any]) -> AnyModel:
    """The object of a row, as if the session had loaded it; one that it has already is brought up to date."""
    values = dict(zip(_names_of(model), map(_in_utc, row), strict=True))
    mapper = inspect(model)
    known = session.identity_map.get(mapper.identity_key_from_primary_key((values["id"],)))
    if known is not None:
        for name, value in values.items():
            set_committed_value(known, name, value)
        return cast("AnyModel", known)
    fresh = mapper.class_manager.new_instance()
    fresh.__dict__.update(values)
    make_transient_to_detached(fresh)
    session.add(fresh)
    return cast("AnyModel", fresh)


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if type(value) is datetime else value


@cache
def _names_of(model: type[Model]) -> list[str]:
    return [column.name for column in model.__table__.columns]
