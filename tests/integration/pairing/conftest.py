"""The demonstration in the spring of S4."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.api_client import Office
from tests.factories.pairing_client import PRIVATE, Pair, Programme, set_clock


@pytest.fixture
def office(demo_app: Flask) -> Office:
    found = Office(demo_app)
    set_clock(found, "2021-04-12T09:00:00")
    return found


@pytest.fixture
def programme(office: Office) -> Programme:
    return Programme(office)


@pytest.fixture
def confirmed(office: Office, programme: Programme) -> Callable[[], Pair]:
    """Matches the private unit of the demonstration and confirms what was proposed."""

    def make() -> Pair:
        programme.name(PRIVATE)
        programme.match()
        (proposal,) = programme.proposals()
        return Pair(office, programme.confirm(proposal["id"])["id"])

    return make
