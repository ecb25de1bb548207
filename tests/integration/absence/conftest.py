"""The county office of the acts beside deciding, and one more person there who reviews nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.acts.conftest import Desk, desk, drawn, world
from webapp import clock
from webapp.absence.models import Deputy
from webapp.absence.operations import Wish, name_deputy
from webapp.access import Actor

__all__ = ["desk", "drawn", "world"]

Name = Callable[..., Deputy]


@pytest.fixture
def helper(desk: Desk) -> Actor:
    """Somebody of the county office without a role of the steps."""
    person = desk.world.person("丁", desk.world.county, "supervisor")
    desk.session.commit()
    return person


@pytest.fixture
def stands_in(desk: Desk) -> Name:
    """``stands_in(deputy, absent, days=3, after=0, …)``: named by the absent person, from now (or later) on."""

    def name(deputy: Actor, absent: Actor, *, days: float = 3, after: float = 0, **more: Any) -> Deputy:
        now: datetime = clock.now()
        start = now + timedelta(days=after)
        by = more.pop("by", absent)
        wish = Wish(deputy.user_id, start, start + timedelta(days=days), **more)
        row = name_deputy(desk.session, by, now, absent.user_id, wish)
        desk.session.commit()
        return row

    return name
