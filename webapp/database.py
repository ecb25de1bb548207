"""One database, one transaction per human action: operations never commit, boundaries do.

A request commits in ``webapp.requests``; jobs and commands use :func:`transaction`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment: ``timestamptz`` that refuses naive values on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            message = f"naive datetime {value!r}"
            raise ValueError(message)
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """Base of every table: named constraints, instants in UTC, JSON as ``jsonb``."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: Instant,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


db = SQLAlchemy(
    session_options={"expire_on_commit": False, "autoflush": False},
)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session of its own, committed at the end of the block and rolled back on an error.

    Needs an application context. Independent of the session of the request.
    """
    with Session(db.engine, expire_on_commit=False, autoflush=False) as session, session.begin():
        yield session
