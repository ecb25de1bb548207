"""People of the demonstration at their browsers, cases in any state, and how many statements a page costs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from webapp.database import db

COUNTY_CLERK = "yunxi.unit1.clerk"
_READ_NOW_AND_THEN = ("clock_offset", "deadline_settings")
"""Small tables that a process reads at most once a second, whoever asks."""


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    """Opens a browser for a user of the demonstration."""
    return lambda username: PageClient(demo_app, username)


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def declare(office: Office) -> Callable[..., Case]:
    """Starts a declaration in the demonstration's first batch that asks departments, or in the ``place``-th one."""

    def make(honour: str = "city", clerk: str = COUNTY_CLERK, place: int = 0) -> Case:
        person = office.person(clerk)
        form = person.get("/definitions")["items"][0]["start_form"]
        batches = next(c["values"] for c in form["components"] if c.get("key") == "batch")
        return Case(office, person, batch=batches[place]["value"], honour=honour)

    return make


@pytest.fixture
def counted(demo_app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the statements that requests send while it is open."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not any(name in statement for name in _READ_NOW_AND_THEN):
                statements.append(statement)

        with demo_app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
