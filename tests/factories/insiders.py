"""People with tokens that nobody asked for: many actors at once without hashing a password for each."""

import secrets
from contextvars import Context
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from tests.factories.api_client import Office, Person
from tests.factories.page_client import PageClient, token_of
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


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with an application context that a test has open."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        return Context().run(super().open, *arguments, **options)


class Insider(Person):
    """Somebody who has a token already."""

    def __init__(self, app: Flask, username: str) -> None:
        self.http = SeparateClient(app, app.response_class, use_cookies=True)
        self.username = username
        self.headers = {"Authorization": f"Bearer {new_token(app, username)}"}


class Insiders(Office):
    """Everybody of the demonstration, each with a token at the first use."""

    def person(self, username: str) -> Person:
        if username not in self._people:
            self._people[username] = Insider(self.app, username)
        return self._people[username]


class Visitor(PageClient):
    """Somebody whose browser is logged in already."""

    def __init__(self, app: Flask, username: str) -> None:
        self._client = SeparateClient(app, app.response_class, use_cookies=True)
        with self._client.session_transaction() as kept:
            kept["key"] = new_token(app, username, "browser")
        self._token = token_of(self._client.get("/password"))
