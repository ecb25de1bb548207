"""The database for a command: reachable, and in the state that this version of the program works on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine

from webapp.config import Settings
from webapp.host.failure import HostError
from webapp.host.migrate import current_revision, newest_revision
from webapp.host.preparation import prepare
from webapp.host.server import EmbeddedServer, reach_database
from webapp.host.welcome import tell_administrator

__all__ = ["EmbeddedServer", "open_database"]


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """The SQLAlchemy address of the installation's database, with the application running or stopped.

    Stopped, the embedded database is started for the block and brought up to date first, as ``wenming run`` does:
    commands work on a fresh clone too.

    Raises:
        HostError: the database cannot be had, or somebody else has to migrate it first.
    """
    with reach_database(settings) as (url, is_ours):
        if is_ours:
            tell_administrator(prepare(settings, url))
        else:
            _refuse_other_schema(url)
        yield url


def _refuse_other_schema(url: str) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = current_revision(connection)
    finally:
        engine.dispose()
    if found != newest_revision():
        raise HostError(
            f"数据库结构（{found or '空'}）与本程序（{newest_revision()}）不符，请先运行 wenming migrate",
            "the schema of the database is not the one of this program: run wenming migrate first",
        )
