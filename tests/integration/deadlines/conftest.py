"""A small world on an empty database, at a time that the tests choose."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.factories.small_world import COUNTY, PROCESS, SmallWorld, registered
from webapp.clock import SHANGHAI
from webapp.deadlines.operations import ensure_calendar
from webapp.definitions import library
from webapp.instances.models import Instance
from webapp.instances.operations import start_instance


class DatedWorld(SmallWorld):
    """A small world whose calendar is filled."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        ensure_calendar(session)
        self.clerk = self.person("clerk", self.unit, "unit_clerk")
        self.reviewer = self.person("reviewer", self.county, "county_reviewer")
        self.leader = self.person("leader", self.city, "city_leader")
        self.administrator = self.person("admin", self.city, "administrator")

    def start_at(self, text: str) -> Instance:
        """Start an instance at a time of Shanghai."""
        return start_instance(self.session, self.clerk, at(text), PROCESS, {})


def at(text: str) -> datetime:
    """A time of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def world(session: Session, monkeypatch: pytest.MonkeyPatch) -> DatedWorld:
    """Regions, offices and people. Versions of other databases have the same numbers: the cache starts empty."""
    monkeypatch.setattr(library, "_published", {})
    return DatedWorld(session)


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with registered(data={"region": COUNTY, "printed": "2021-05-01"}):
        yield
