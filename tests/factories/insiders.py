"""People with tokens that nobody asked for: many actors at once without hashing a password for each."""

import secrets
from datetime import timedelta

from flask import Flask
from sqlalchemy import insert, select

from tests.factories.api_client import Office, Person
from webapp import clock
from webapp.accounts.models import LoginSession, User
from webapp.accounts.operations import digest
from webapp.database import transaction


def new_token(app: Flask, username: str, kind: str = "token") -> str:
    """A token (or the secret of a browser session) of an account that exists."""
    secret, at = secrets.token_urlsafe(16), clock.real_now()
    with app.app_context(), transaction() as session:
        user = session.scalars(select(User.id).where(User.username == username)).one()
        session.execute(
            insert(LoginSession).values(
                digest=digest(secret),
                kind=kind,
                user_id=user,
                created_at=at,
                seen_at=at,
                expires_at=at + timedelta(hours=1),
            )
        )
    return secret


class Insider(Person):
    """Somebody who has a token already."""

    def __init__(self, app: Flask, username: str) -> None:
        self.http = app.test_client()
        self.username = username
        self.headers = {"Authorization": f"Bearer {new_token(app, username)}"}


class Insiders(Office):
    """Everybody of the demonstration, each with a token at the first use."""

    def person(self, username: str) -> Person:
        if username not in self._people:
            self._people[username] = Insider(self.app, username)
        return self._people[username]
