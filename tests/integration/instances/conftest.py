"""A small world on an empty database, and processes drawn by the tests."""

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import SmallWorld
from webapp.definitions import library


@pytest.fixture
def world(session: Session, monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """Regions, offices and a unit. Versions of other databases have the same numbers: the cache starts empty."""
    monkeypatch.setattr(library, "_published", {})
    return SmallWorld(session)
