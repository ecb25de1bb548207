"""A city that opens calls, through the API alone."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.factories.api_client import Office
from tests.factories.nominations import Call


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def open_call(office: Office) -> Callable[..., Call]:
    """Opens a call to two counties, unless told otherwise."""

    def make(**chosen: Any) -> Call:
        return Call(office, **chosen)

    return make
