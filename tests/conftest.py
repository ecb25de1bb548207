"""One PostgreSQL server per test run; each test gets a database of its own, copied from a template.

``app``, ``client`` and ``session`` stand on an empty, migrated database; the ``demo_`` ones on the demonstration.
"""

import gc
import os
import shutil
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy.orm import Session

from webapp import create_app, requests
from webapp.accounts import operations as accounts
from webapp.config import Settings
from webapp.database import db
from webapp.definitions import library
from webapp.host.addresses import libpq_url
from webapp.host.migrate import migrate
from webapp.host.preparation import prepare
from webapp.host.server import EmbeddedServer

_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30


def roomy_memory() -> Path | None:
    """A folder in memory, if there is one with room enough: a disk takes ten times as long to copy a database."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        return _MEMORY
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Put the temporary folders of tests into memory too, unless somebody says where: many hold a database."""
    if config.option.basetemp is None and (memory := roomy_memory()):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


class Databases:
    """Makes databases on the server of this run, as copies of templates that are prepared once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = count(1)
        self._templates: dict[str, str] = {}

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy of ``template``, and its address."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY FILE_COPY")
        return self._address(name)

    def template(self, name: str, fill: Callable[[str], object]) -> str:
        """The name of a template that ``fill`` makes from an empty database, once per run."""
        if name not in self._templates:
            self._execute(f"CREATE DATABASE {name} TEMPLATE template0")
            fill(self._address(name))
            self._templates[name] = name
        return self._templates[name]

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {url.partition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def _address(self, name: str) -> str:
        place, mark, query = self._url.partition("?")
        return f"{place.rpartition('/')[0]}/{name}{mark}{query}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(libpq_url(self._url), autocommit=True) as connection:
            connection.execute(statement)


def make_settings(data: Path, *, demo: bool = True) -> Settings:
    """The settings of an installation in ``data``."""
    return Settings(
        data=data,
        database_url=None,
        host="127.0.0.1",
        port=8000,
        demo=demo,
        web_workers=1,
        attachment_limit=20 * 1024 * 1024,
    )


def close(app: Flask) -> None:
    """Close the connections of an application."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class CompiledTemplates(BytecodeCache):
    """Templates that the application of one test compiled, for those of all others in this process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """English pages have templates of their own."""
        return super().get_bucket(environment, f"{name} {bool(environment.finalize)}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


requests.Application.jinja_options = {"bytecode_cache": CompiledTemplates()}


def pytest_collection_finish() -> None:
    """Spare every collection of garbage the modules and tests: they stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def slow_hasher() -> Iterator[PasswordHasher]:
    """The hasher of the product; tests log in some thousand times and use one that hardly costs anything."""
    slow = accounts._hasher
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield slow
    accounts._hasher = slow


@pytest.fixture(autouse=True)
def _no_mail_leaves(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection to a mail server fails the test, unless it asks for ``allow_mail``."""
    if "allow_mail" not in request.fixturenames:

        def refuse(_self: smtplib.SMTP, host: str = "", port: int = 0, *_rest: object) -> NoReturn:
            pytest.fail(f"a test wanted to send mail by {host}:{port}")

        monkeypatch.setattr(smtplib.SMTP, "connect", refuse)


@pytest.fixture
def allow_mail() -> None:
    """This test may send mail, to a server of its own."""


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Where tests get databases from; the server lives in a temporary folder without fsync, in memory if it can."""
    with tempfile.TemporaryDirectory(prefix="wenming-tests-", dir=roomy_memory()) as folder:
        server = EmbeddedServer(Path(folder), durable=False)
        try:
            yield Databases(server.own())
        finally:
            server.stop()


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder with the keys that belong to the demonstration."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def database_url(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a fresh database with the newest schema and nothing in it.

    Versions that its tests publish have the numbers of those of other databases: what was parsed is kept apart.
    """
    monkeypatch.setattr(library, "_published", {})
    url = databases.create(databases.template("migrated", migrate))
    yield url
    databases.drop(url)


@pytest.fixture
def demo_database_url(databases: Databases, demo_data: Path) -> Iterator[str]:
    """The address of a fresh database that holds the demonstration."""
    url = databases.create(databases.template("demonstration", lambda empty: prepare(make_settings(demo_data), empty)))
    yield url
    databases.drop(url)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a demo installation in a folder of its own."""
    return make_settings(tmp_path)


@pytest.fixture
def app(settings: Settings, database_url: str) -> Iterator[Flask]:
    """The application on an empty database."""
    application = create_app(settings, database_url)
    yield application
    close(application)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or API client of ``app``."""
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session of an application context on an empty database; nobody commits it but the test."""
    with app.app_context():
        yield db.session()
        db.session.rollback()


@pytest.fixture
def demo_app(demo_data: Path, demo_database_url: str) -> Iterator[Flask]:
    """The application on the demonstration."""
    application = create_app(make_settings(demo_data), demo_database_url)
    yield application
    close(application)


@pytest.fixture
def demo_client(demo_app: Flask) -> FlaskClient:
    """A browser or API client of ``demo_app``."""
    return demo_app.test_client()


@pytest.fixture
def demo_session(demo_app: Flask) -> Iterator[Session]:
    """The session of an application context on the demonstration."""
    with demo_app.app_context():
        yield db.session()
        db.session.rollback()
