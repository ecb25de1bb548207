"""A small world on an empty database, and processes drawn by the tests."""

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import SmallWorld


@pytest.fixture
def world(session: Session) -> SmallWorld:
    """Regions, offices and a unit."""
    return SmallWorld(session)
