"""One reviewer with twelve cases, shared by the tests that only read; and the usual worlds for those that change."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Databases, close, make_settings
from tests.factories.api_client import Office
from tests.factories.crowd import Crowd, gather_crowd
from tests.factories.page_client import PageClient
from webapp import create_app
from webapp.host.preparation import prepare


@pytest.fixture(scope="module")
def read_app(databases: Databases, demo_data: Path) -> Iterator[Flask]:
    """The application on a demonstration that nobody may change."""
    template = databases.template("demonstration", lambda empty: prepare(make_settings(demo_data), empty))
    url = databases.create(template)
    application = create_app(make_settings(demo_data), url)
    application.extensions["test_url"] = url
    yield application
    close(application)
    databases.drop(url)


@pytest.fixture(scope="module")
def crowd(read_app: Flask) -> Crowd:
    return gather_crowd(read_app, read_app.extensions["test_url"], 12)


@pytest.fixture(scope="module")
def reviewer(read_app: Flask, crowd: Crowd) -> PageClient:
    """The browser of the person who has the cases."""
    return PageClient(read_app, crowd.reviewer)


@pytest.fixture(scope="module")
def read_office(read_app: Flask) -> Office:
    return Office(read_app)


@pytest.fixture
def own_crowd(demo_app: Flask, demo_database_url: str) -> Callable[[int], Crowd]:
    """Cases in a database of the test's own."""
    return lambda count: gather_crowd(demo_app, demo_database_url, count)


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    """Opens a browser for a user of the demonstration."""
    return lambda username: PageClient(demo_app, username)
