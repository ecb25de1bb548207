"""Thousands of declarations that wait for the county's review, each of a unit of its own and with its own state.

One is brought there through the application; the others are copies of all its rows under ids of their own.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from sqlalchemy import exists, select

from tests.factories.api_client import Case, Office
from webapp.batches.models import Batch, BatchDepartment
from webapp.database import transaction

CLERK = "yunxi.unit1.clerk"
STEP = "review_county"

_COPY: LiteralString = """
    INSERT INTO {table} SELECT (copy).* FROM (
        SELECT jsonb_populate_record(original, jsonb_build_object({changes})) AS copy
        FROM {table} original, generate_series(1, %(count)s) n
        WHERE {own} ORDER BY n OFFSET 0
    ) copies
"""


@dataclass(frozen=True)
class Waiting:
    """Where the copies wait, and the reviewer whom they wait for."""

    reviewer: str
    tasks: list[UUID]


def prepare_waiting(
    office: Office, connection: Connection[tuple[object, ...]], count: int, *, honour: str, asked: bool
) -> Waiting:
    """Bring one declaration to the county's review and make ``count`` copies of it.

    Args:
        asked: in a batch that asks departments, so that the review opens one consultation for each; otherwise the
            county's assessment follows.
    """
    has_departments = exists().where(BatchDepartment.batch_id == Batch.id)
    with office.app.app_context(), transaction() as session:
        batches = select(Batch.id).where(has_departments if asked else ~has_departments)
        batch = session.scalars(batches.order_by(Batch.id)).first()
    case = Case(office, office.person(CLERK), batch=str(batch), honour=honour).submitted()
    reviewer = office.candidates(case.id, STEP)[0]
    return Waiting(reviewer, copy_instance(connection, case.id, count))


def copy_instance(connection: Connection[tuple[object, ...]], instance: int, count: int) -> list[UUID]:
    """Copy an instance with everything that hangs on it; returns the open tasks of the copies."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT max(id) FROM instances), (SELECT max(id) FROM organisations)")
        last, last_unit = cursor.fetchone() or (0, 0)
        values = {"instance": instance, "count": count, "last": last, "last_unit": last_unit}
        values |= {"end": int(str(last)) + count, "unit_end": int(str(last_unit)) + count}
        for table, changes, own in _PLAN:
            cursor.execute(_COPY.format(table=table, changes=changes, own=own), values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('instances', 'id'), %(end)s)", values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('organisations', 'id'), %(unit_end)s)", values)
        cursor.execute("SELECT id FROM tasks WHERE status = 'open' AND instance_id > %(last)s ORDER BY 1", values)
        found = [UUID(str(row[0])) for row in cursor.fetchall()]
    connection.execute("ANALYZE")
    return found


def _renamed(column: LiteralString) -> LiteralString:
    """Every id that the engine gave ends in the number of the copy instead."""
    pattern = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{12}"
    return "regexp_replace(" + column + "::text, '" + pattern + r"', '\1' || lpad(to_hex(%(last)s + n), 12, '0'), 'g')"


def _next(table: LiteralString) -> LiteralString:
    return "'id', nextval(pg_get_serial_sequence('" + table + "', 'id'))"


_INSTANCE: LiteralString = "'instance_id', %(last)s + n"
_TASK: LiteralString = "'task_id', " + _renamed("original.task_id")
_OF_INSTANCE: LiteralString = "original.instance_id = %(instance)s"
_OF_TASK: LiteralString = "original.task_id IN (SELECT id FROM tasks WHERE instance_id = %(instance)s)"
_PLAN: tuple[tuple[LiteralString, LiteralString, LiteralString], ...] = (
    (
        "organisations",
        "'id', %(last_unit)s + n, 'name', original.name || ' ' || n, 'uscc', NULL",
        "original.id = (SELECT subject_id FROM instances WHERE id = %(instance)s)",
    ),
    (
        "instances",
        "'id', %(last)s + n, 'subject_id', %(last_unit)s + n, 'number', 'BENCH-' || (%(last)s + n), 'state', "
        + _renamed("original.state"),
        "original.id = %(instance)s",
    ),
    ("search_entries", _INSTANCE, _OF_INSTANCE),
    ("tasks", _INSTANCE + ", 'id', " + _renamed("original.id"), _OF_INSTANCE),
    ("task_candidates", _TASK, _OF_TASK),
    ("waits", _next("waits") + ", " + _INSTANCE, _OF_INSTANCE),
    ("submissions", _next("submissions") + ", " + _INSTANCE + ", " + _TASK, _OF_INSTANCE),
    ("history_entries", _next("history_entries") + ", " + _INSTANCE + ", " + _TASK, _OF_INSTANCE),
)
"""Table, what is different in a copy, which rows are copied."""
