"""The session in which a command works: on the installation's database, with the application running or stopped."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from webapp import create_app
from webapp.config import Settings
from webapp.database import db, transaction
from webapp.host.embedded import open_database


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
