"""A county reviewer with many cases, each of a unit of its own with a real name, late, due soon or not yet due."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import text

from tests.benchmarks.cases import CLERK, copy_instance, prepare_waiting
from tests.factories.api_client import Case, Office
from webapp import clock
from webapp.config import ROOT
from webapp.database import transaction
from webapp.host.addresses import libpq_url
from webapp.search.models import SearchEntry
from webapp.search.operations import index_missing

_NAMES = ROOT / "webapp" / "demo" / "data" / "yueyang-2020.csv"
_DAYS = (-20, -3, 1, 30, 45)
"""How far from now the cases are due, in turn: seriously late, late, soon, not yet, not yet."""

_RENAME = text("UPDATE organisations SET name = :name WHERE id = (SELECT subject_id FROM instances WHERE id = :id)")
_RETITLE = text("UPDATE instances SET title = :title WHERE id = :id")
_DUE = text("UPDATE tasks SET due_at = :due, due_rule = NULL, opened_at = :opened WHERE id = :task")
_DUE_TOO = text("UPDATE task_candidates SET due_at = :due WHERE task_id = :task")


@dataclass(frozen=True)
class Crowd:
    """Who has the cases, their tasks in the order in which they are due, and the names of their units."""

    reviewer: str
    tasks: list[UUID]
    names: list[str]


def gather_crowd(app: Flask, url: str, count: int) -> Crowd:
    """Let ``count`` cases wait for the county's review."""
    office = Office(app)
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        waiting = prepare_waiting(office, connection, count - 1, honour="city", asked=False)
    with app.app_context(), transaction() as session:
        rows = session.execute(
            text("SELECT id, instance_id FROM tasks WHERE element = 'review_county' AND status = 'open' ORDER BY 2")
        ).all()
        names = unit_names(len(rows))
        found = []
        for place, (task, instance) in enumerate(rows):
            due = clock.now() + timedelta(days=_DAYS[place % len(_DAYS)], minutes=place)
            session.execute(_RENAME, {"name": names[place], "id": instance})
            session.execute(_RETITLE, {"title": f"{names[place]} · 市级文明单位", "id": instance})
            session.execute(_DUE, {"due": due, "opened": clock.now() - timedelta(days=place % 9), "task": task})
            session.execute(_DUE_TOO, {"due": due, "task": task})
            found.append((due, task, names[place]))
        session.query(SearchEntry).delete()
        while index_missing(session):
            pass
    ordered = sorted(found)
    return Crowd(waiting.reviewer, [task for _due, task, _name in ordered], [name for *_rest, name in ordered])


def gather_consulted(app: Flask, url: str, count: int) -> tuple[str, list[UUID]]:
    """Let ``count`` cases wait for departments; returns one who is asked, and the tasks of that person."""
    office = Office(app)
    with app.app_context(), transaction() as session:
        batch = session.scalar(text("SELECT min(batch_id) FROM batch_departments"))
    case = (
        Case(office, office.person(CLERK), batch=str(batch), honour="city")
        .submitted()
        .do("review_county", outcome="pass")
    )
    person = office.candidates(case.id, "consult_department")[0]
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        copy_instance(connection, case.id, count - 1)
    query = text("""
        SELECT t.id FROM tasks t JOIN task_candidates c ON c.task_id = t.id JOIN users u ON u.id = c.user_id
        WHERE t.status = 'open' AND t.element = 'consult_department' AND u.username = :person ORDER BY t.instance_id
    """)
    with app.app_context(), transaction() as session:
        return person, list(session.scalars(query, {"person": person}))


def unit_names(count: int) -> list[str]:
    """Names of units, each different: those of the shipped list, then the same with a number."""
    with _NAMES.open(encoding="utf-8") as file:
        known = list(dict.fromkeys(row["name"] for row in csv.DictReader(file)))
    return [known[n % len(known)] + (f"第{n // len(known)}分局" if n >= len(known) else "") for n in range(count)]
