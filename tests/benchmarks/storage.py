"""What a finished declaration leaves in the database, beside what people typed and attached."""

from dataclasses import dataclass

from psycopg import Connection
from sqlalchemy import select

from tests.benchmarks.laboratory import Laboratory, connect
from tests.conftest import close
from tests.factories.api_client import Case, Office
from tests.factories.whole_way import carry_to_the_end
from webapp import create_app
from webapp.batches.models import Batch
from webapp.database import transaction

_SIZE = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
_TYPED = "SELECT sum(octet_length(answers::text)) FROM submissions"
_ATTACHED = "SELECT sum(size) FROM attachments"


@dataclass(frozen=True)
class Stored:
    """Bytes per finished declaration."""

    declarations: int
    decisions: float
    database: float
    typed: float
    attached: float


def measure_storage(laboratory: Laboratory, declarations: int) -> Stored:
    """Carry declarations to their end and see by how much tables and indexes have grown, unused space left out."""
    url = laboratory.demonstration()
    app = create_app(laboratory.settings, url)
    office = Office(app)
    with app.app_context(), transaction() as session:
        batch = session.scalars(select(Batch.id).order_by(Batch.id)).first()
    clerks = [a["username"] for a in office.accounts if "unit_clerk" in a["role"]][:declarations]
    with connect(url) as connection:
        before = _size(connection)
        for clerk in clerks:
            carry_to_the_end(Case(office, office.person(clerk), batch=str(batch), honour="city"))
        close(app)
        grown = _size(connection) - before
        typed, attached = _number(connection, _TYPED), _number(connection, _ATTACHED)
        decisions = _number(connection, "SELECT count(*) FROM submissions")
    many = len(clerks)
    return Stored(many, decisions / many, grown / many, typed / many, attached / many)


def _size(connection: Connection[tuple[object, ...]]) -> int:
    connection.execute("VACUUM FULL")
    return _number(connection, _SIZE)


def _number(connection: Connection[tuple[object, ...]], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(str(row[0])) if row and row[0] is not None else 0
