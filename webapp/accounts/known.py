"""Who is behind a session secret: read from the database, and kept for as long as nothing about people changes.

Every change of users, organisations and regions and every end of a session leaves a mark (triggers of the database
see to it); whoever was read before the last mark is read again. So what a request of this server changes counts for
the next request, what commands and jobs change within a second.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Flask, current_app
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.operations import digest
from webapp.accounts.queries import SessionActor, find_session_actor
from webapp.standing import standing

_MOST: Final = 5000


@dataclass(frozen=True)
class _Kept:
    found: SessionActor
    people: tuple[int, datetime | None]


class KnownPeople:
    """Whom one process knows; lives in ``app.extensions['people']``. Web workers alone keep what they have read."""

    def __init__(self) -> None:
        self.keeps = False
        self._known: dict[tuple[str, str, str | None], _Kept] = {}

    def find(self, session: Session, secret: str, *, kind: str, address: str | None) -> SessionActor | None:
        """The actor of a living session or token, at most one second old."""
        if not self.keeps:
            return find_session_actor(session, secret, kind=kind, address=address)
        key, people = (digest(secret), kind, address), standing().people  # asked before people are read
        kept = self._known.get(key)
        if kept and kept.people == people and kept.found.expires_at > clock.real_now():
            return kept.found
        found = find_session_actor(session, secret, kind=kind, address=address)
        if found:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = _Kept(found, people)
        return found

    def forget(self, secret: str, *, kind: str, address: str | None) -> None:
        """Read a session again at its next request."""
        self._known.pop((digest(secret), kind, address), None)


def install(app: Flask) -> None:
    """Let an application know people."""
    app.extensions["people"] = KnownPeople()


def known_people() -> KnownPeople:
    """Whom the application knows."""
    people: KnownPeople = current_app.extensions["people"]
    return people
