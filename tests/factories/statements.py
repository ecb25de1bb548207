"""Count what an application says to its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

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
    """Count during the block; rows that one statement sends one by one count one by one, savepoints count too."""
    found = Statements()

    def note_statement(_connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, many: bool) -> None:
        found.texts.extend([" ".join(text.split())] * (len(parameters) if many else 1))

    def note_commit(_connection: Any) -> None:
        found.commits += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note_statement)
    event.listen(engine, "commit", note_commit)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note_statement)
        event.remove(engine, "commit", note_commit)
