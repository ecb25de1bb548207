"""Cities that allot places, on one demonstration for all tests of this folder that work beside each other."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Databases, close, make_settings
from tests.factories.api_client import Case, Office
from tests.factories.batches import plain_batch
from tests.factories.insiders import Insiders
from webapp import create_app
from webapp.host.preparation import prepare

YUNXI = "430603"


@pytest.fixture(scope="module")
def shared_app(databases: Databases, demo_data: Path) -> Iterator[Flask]:
    """The application on a demonstration that the tests of a module share."""
    url = databases.create(databases.template("demonstration", lambda empty: prepare(make_settings(demo_data), empty)))
    application = create_app(make_settings(demo_data), url)
    yield application
    close(application)
    databases.drop(url)


@pytest.fixture(scope="module")
def office(shared_app: Flask) -> Office:
    return Insiders(shared_app)


class PlacedBatch:
    """A batch of the city with a plan of its own."""

    def __init__(self, office: Office, number: int, **settings: Any) -> None:
        self.office, self.city = office, office.person("city.reviewer1")
        settings = {"document_number": f"岳市文明委〔2026〕{number}号"} | settings
        data = plain_batch(f"名额 {number}", f"第{number}届", ["county", "city", "provincial"], settings)
        self.id: int = self.city.post("/batches", {"data": data}, 201)["id"]
        self.plan: int = next(p["id"] for p in self.city.get("/quotas")["items"] if p["batch"] == self.id)

    def declare(self, clerk: str = "yunxi.unit1.clerk", honour: str = "city") -> Case:
        """A declaration that is filled in and waits for its sealed form."""
        case = Case(self.office, self.office.person(clerk), batch=str(self.id), honour=honour)
        return case.do("fill_declaration")

    def board(self) -> dict[tuple[str | None, str], tuple[int, int, int, int]]:
        """Region and line → planned, reserved, used, free."""
        rows = self.city.get(f"/quotas/{self.plan}/board")["items"]
        names = ("planned", "reserved", "used", "free")
        return {(row["region"], row["line"]): tuple(row[name] for name in names) for row in rows}  # type: ignore[misc]


@pytest.fixture(scope="module")
def place_batch(office: Office) -> Callable[..., PlacedBatch]:
    """Opens batches with places."""
    numbers = count(1)

    def make(**settings: Any) -> PlacedBatch:
        return PlacedBatch(office, next(numbers), **settings)

    return make
