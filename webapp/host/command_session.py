"""The session in which a command works: on the installation's database, with the application running or stopped.

What writes is done in the name of a person, who may do there what they may in the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import create_app
from webapp.access import Actor, require
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.config import Settings, load_settings
from webapp.database import db, transaction
from webapp.host.embedded import open_database
from webapp.problems import Problem


@contextmanager
def command_session(settings: Settings) -> Iterator[Session]:
    """A session within an application context, committed at the end of the block; its connections are closed then.

    Raises:
        HostError: the database cannot be had.
    """
    with open_database(settings) as url, create_app(settings, url).app_context():
        try:
            with transaction() as session:
                yield session
        finally:
            db.engine.dispose()


AS_PERSON = click.option("--as", "username", required=True, help="username of the person in whose name it is done")


@contextmanager
def acting_session(username: str, permission: str) -> Iterator[tuple[Session, Actor]]:
    """A session and the person in whose name a command works; what is refused is one line.

    Raises:
        ClickException: no such account, or a refusal.
    """
    try:
        with command_session(load_settings()) as session:
            found = session.scalar(select(User.id).where(User.username == username, User.disabled_at.is_(None)))
            if found is None:
                raise click.ClickException(f"没有可用的账号“{username}”。")
            actor = get_actor(session, found)
            require(actor, permission)
            yield session, actor
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
