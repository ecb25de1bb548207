"""The inbox of one county reviewer with a hundred tasks, while the tables hold few or very many tasks of others.

One database for each size, asked in turn, so that whatever else the machine does falls on all alike.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg import Connection
from werkzeug.datastructures import Headers

from tests.benchmarks.cases import prepare_waiting
from tests.benchmarks.completions import log_in
from tests.benchmarks.laboratory import Laboratory, connect
from tests.conftest import close
from tests.factories.api_client import Office
from tests.factories.crowd import unit_names
from tests.factories.statements import counted
from webapp import create_app
from webapp.inbox.rules import TABS
from webapp.search.rules import normalised, terms_of

OWN = 100
PAGES = {
    "inbox page": "/tasks",
    **{f"view {view}": f"/tasks?view={view}" for view in TABS if view != "inbox"},
    "API list": "/api/v1/tasks?view=available",
    "search by name": "/tasks?q=水利局",
    "search by initials": "/tasks?q=yxqslj",
}
MOST_MILLISECONDS = {"search by name": 150, "search by initials": 150}
USUAL_MILLISECONDS = 60
_WARM_UP = 5
_PEOPLE = 2000

_COLLEAGUES = """
    INSERT INTO users (username, name, organisation_id, roles, password_hash, must_change_password, created_at)
    SELECT 'bench.' || n, 'bench ' || n, office.id, '{county_reviewer}', '!', false, now()
    FROM generate_series(1, %(people)s) n
    JOIN (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM organisations
        WHERE kind = 'office' AND id <> (SELECT organisation_id FROM users WHERE username = %(reviewer)s)
    ) office ON office.place = n %% office.many
"""
_OTHERS = (
    """
    INSERT INTO instances SELECT (copy).* FROM (
        SELECT jsonb_populate_record(i, jsonb_build_object(
            'id', i.id + n, 'number', 'OTHER-' || n, 'honour_code', NULL, 'state', NULL, 'data', '{}'::jsonb
        )) AS copy
        FROM instances i, generate_series(1, %(count)s) n WHERE i.id = (SELECT max(id) FROM instances) OFFSET 0
    ) copies
    """,
    """
    INSERT INTO tasks SELECT (copy).* FROM (
        SELECT jsonb_populate_record(t, jsonb_build_object(
            'id', gen_random_uuid(), 'instance_id', t.instance_id + n, 'assigned_organisation_id', office.id,
            'due_at', t.due_at + (n %% 60 - 30) * interval '1 day'
        )) AS copy
        FROM tasks t, generate_series(1, %(count)s) n
        JOIN (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM organisations
            WHERE kind = 'office' AND id <> (SELECT organisation_id FROM users WHERE username = %(reviewer)s)
        ) office ON office.place = n %% office.many
        WHERE t.id = (SELECT id FROM tasks WHERE status = 'open' ORDER BY instance_id DESC LIMIT 1) OFFSET 0
    ) copies
    """,
    """
    INSERT INTO search_entries (instance_id, text, terms)
    SELECT i.id, known.text, known.terms
    FROM instances i
    JOIN (SELECT *, row_number() OVER () - 1 AS place, count(*) OVER () AS many FROM known_units) known
        ON known.place = i.id %% known.many
    WHERE i.id > (SELECT max(id) - %(count)s FROM instances)
    """,
    """
    INSERT INTO task_candidates (task_id, user_id, reason, is_open, due_at)
    SELECT t.id, (SELECT min(id) FROM users WHERE username LIKE 'bench.%%') + (t.instance_id * 2 + k) %% %(people)s,
        'role', true, t.due_at
    FROM tasks t, generate_series(0, 1) k
    WHERE t.instance_id > (SELECT max(id) - %(count)s FROM instances)
    """,
)


@dataclass
class Inbox:
    """What the pages took with so many open tasks in the tables."""

    open_tasks: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PAGES})
    statements: dict[str, int] = field(default_factory=dict)

    def p95(self, page: str) -> float:
        """Milliseconds within which 95 of 100 pages were made."""
        return 1000 * statistics.quantiles(self.seconds[page], n=100, method="inclusive")[94]

    def median(self, page: str) -> float:
        """Milliseconds."""
        return 1000 * statistics.median(self.seconds[page])


class _Reader:
    """The reviewer at the pages of one database."""

    def __init__(self, laboratory: Laboratory, open_tasks: int) -> None:
        self.inbox = Inbox(open_tasks)
        url = laboratory.demonstration()
        self.app = create_app(laboratory.settings, url)
        office = Office(self.app)
        with connect(url) as connection:
            waiting = prepare_waiting(office, connection, OWN - 1, honour="city", asked=False)
            add_others(connection, waiting.reviewer, open_tasks - OWN)
        cookie, _token = log_in(self.app, waiting.reviewer)
        self._headers = Headers({"Cookie": cookie, **office.person(waiting.reviewer).headers})
        self._client = self.app.test_client(use_cookies=False)

    def read(self, page: str) -> float:
        """The seconds that a page takes."""
        began = time.perf_counter()
        answer = self._client.get(PAGES[page], headers=self._headers)
        took = time.perf_counter() - began
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return took

    def count(self, page: str) -> int:
        """The statements that a page takes."""
        with counted(self.app) as made:
            self.read(page)
        return len(made.own)


def measure_inbox(laboratory: Laboratory, sizes: Sequence[int], repeats: int) -> list[Inbox]:
    """Fill one database for each size and read the pages of all in turn."""
    readers = [_Reader(laboratory, size) for size in sizes]
    for reader in readers:
        for page in PAGES:
            for _ in range(_WARM_UP):
                reader.read(page)
            reader.inbox.statements[page] = reader.count(page)
    for _ in range(repeats):
        for page in PAGES:
            for reader in readers:
                reader.inbox.seconds[page].append(reader.read(page))
    for reader in readers:
        close(reader.app)
    return [reader.inbox for reader in readers]


def add_others(connection: Connection[tuple[object, ...]], reviewer: str, count: int, people: int = _PEOPLE) -> None:
    """Add open tasks that other people may do, two each, spread over two months."""
    values = {"reviewer": reviewer, "count": count, "people": people}
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")  # no check of each reference: all are good
        connection.execute("CREATE TEMPORARY TABLE known_units (text text, terms text[]) ON COMMIT DROP")
        rows = [(normalised(name), terms_of([name])) for name in unit_names(2000)]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO known_units VALUES (%s, %s)", rows)
        connection.execute("DROP INDEX ix_search_entries_terms")  # made again at once, which takes a tenth of the time
        for statement in (_COLLEAGUES, *_OTHERS):
            connection.execute(statement, values)
        connection.execute("CREATE INDEX ix_search_entries_terms ON search_entries USING gin (terms)")
    connection.execute("VACUUM ANALYZE users, instances, tasks, task_candidates, search_entries")
