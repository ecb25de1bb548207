"""People of the demonstration at their browsers, and what the database says meanwhile."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.factories.page_client import PageClient


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    """Opens a browser for a user of the demonstration."""
    return lambda username: PageClient(demo_app, username)


@pytest.fixture
def records(demo_database_url: str) -> Iterator[Session]:
    """Reads what requests have committed, outside the application: an open context would be shared by all requests."""
    engine = create_engine(demo_database_url, isolation_level="AUTOCOMMIT")
    with Session(engine) as session:
        yield session
    engine.dispose()
