"""Where the figures are taken: a data folder and a durable PostgreSQL server of their own, gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from tests.conftest import Databases, make_settings
from webapp.config import Settings
from webapp.host.addresses import libpq_url
from webapp.host.application import prepare
from webapp.host.embedded import EmbeddedServer

WEB_WORKERS = 2
_TEMPLATE = "demonstration"


@dataclass(frozen=True)
class Laboratory:
    """One installation's settings, and databases that each hold a fresh demonstration."""

    settings: Settings
    databases: Databases

    def demonstration(self) -> str:
        """The address of a new database with the demonstration in it."""
        template = self.databases.template(_TEMPLATE, lambda empty: prepare(self.settings, empty))
        return self.databases.create(template)


@contextmanager
def open_laboratory() -> Iterator[Laboratory]:
    """Start the server with fsync on; stop it and remove everything at the end."""
    with tempfile.TemporaryDirectory(prefix="wenming-bench-") as folder:
        data = Path(folder)
        server = EmbeddedServer(data, durable=True)
        try:
            databases = Databases(server.own())
            yield Laboratory(replace(make_settings(data), web_workers=WEB_WORKERS), databases)
        finally:
            server.stop()


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own, beside the application's."""
    return psycopg.connect(libpq_url(url), autocommit=True)
