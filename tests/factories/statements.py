"""Count what an application says to its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import psycopg
from flask import Flask
from sqlalchemy import event

from webapp.database import db

_AROUND = ("login_sessions", "clock_offset", "deadline_settings")
"""Who is it, what time is it, which days count: asked for every request, the last two at most once a second."""


@dataclass
class Statements:
    """The statements and commits of a while."""

    texts: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def around(self) -> list[str]:
        """Those for session, rights and clocks."""
        return [text for text in self.texts if any(table in text for table in _AROUND)]

    @property
    def served(self) -> list[str]:
        """Those of the services that a diagram calls: all between the savepoint of a service and its release."""
        found, depth = [], 0
        for text in self.texts:
            depth += text.startswith("SAVEPOINT")
            if depth:
                found.append(text)
            depth -= text.startswith("RELEASE SAVEPOINT")
        return found

    @property
    def attached(self) -> list[str]:
        """Those that look attachments up and bind them to the case."""
        return [text for text in self.texts if "attachments" in text]

    @property
    def own(self) -> list[str]:
        """All others."""
        return [text for text in self.texts if text not in (*self.around, *self.served, *self.attached)]


@contextmanager
def counted(app: Flask) -> Iterator[Statements]:
    """Count, at the driver, during the block; rows sent one by one count one by one, savepoints count too."""
    found = Statements()

    def note_statement(text: str | bytes, times: int = 1) -> None:
        found.texts.extend([" ".join((text.decode() if isinstance(text, bytes) else text).split())] * times)

    def execute(cursor: Any, text: Any, *given: Any, **options: Any) -> Any:
        note_statement(text)
        return said(cursor, text, *given, **options)

    def executemany(cursor: Any, text: Any, rows: Any, **options: Any) -> Any:
        note_statement(text, len(rows))
        return said_many(cursor, text, rows, **options)

    def note_commit(_connection: Any) -> None:
        found.commits += 1

    with app.app_context():
        engine = db.engine
    said, said_many = psycopg.Cursor.execute, psycopg.Cursor.executemany
    event.listen(engine, "commit", note_commit)
    try:
        with patch.multiple(psycopg.Cursor, execute=execute, executemany=executemany):
            yield found
    finally:
        event.remove(engine, "commit", note_commit)
