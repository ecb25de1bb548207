"""A small world with a mail server of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.mail_server import Mailbox, mail_server
from tests.factories.small_world import SmallWorld, registered
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.definitions import library
from webapp.mail.models import MailMessage, MailSettings


@dataclass
class Office:
    """The world of one test, with people who have mail addresses."""

    world: SmallWorld
    app: Flask

    def person(self, username: str, organisation: int, *roles: str, email: str | None = "") -> Actor:
        actor = self.world.person(username, organisation, *roles)
        address = f"{username}@example.org" if email == "" else email
        self.world.session.execute(update(User).where(User.id == actor.user_id).values(email=address))
        self.world.session.commit()
        return actor

    def set(self, **values: Any) -> None:
        """Change the settings of sending."""
        with transaction() as session:
            session.execute(update(MailSettings).values(**values))

    def use(self, port: int) -> None:
        """Send by the server at a port of this machine, as fast as it goes."""
        self.set(host="127.0.0.1", port=port, security="none", sender="wm@example.org", per_minute=0, timeout_seconds=5)

    def messages(self, **wanted: Any) -> list[MailMessage]:
        """The messages as the database holds them."""
        with transaction() as session:
            return list(session.scalars(select(MailMessage).filter_by(**wanted).order_by(MailMessage.id)))

    def change(self, **values: Any) -> None:
        """Change all messages, e.g. make them due."""
        with transaction() as session:
            session.execute(update(MailMessage).values(**values))


@pytest.fixture
def office(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Versions of other databases have the same numbers: the cache starts empty."""
    monkeypatch.setattr(library, "_published", {})
    world = SmallWorld(session)
    session.commit()
    return Office(world, app)


@pytest.fixture
def mailbox(office: Office, allow_mail: None) -> Iterator[Mailbox]:
    """The mailbox of a server that the settings name."""
    with mail_server() as (box, port):
        office.use(port)
        yield box


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with registered(data={}):
        yield
