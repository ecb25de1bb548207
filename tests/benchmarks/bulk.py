"""Ticked rows decided together against single decisions: both through the API, in turn, on one database."""

import time
from dataclasses import dataclass
from uuid import UUID

from tests.benchmarks.laboratory import Laboratory
from tests.conftest import close
from tests.factories.api_client import Office, Person
from tests.factories.crowd import gather_consulted
from webapp import create_app

SLICE, SLICES, WHOLE = 50, 6, 1000
_ANSWERS = {"outcome": "agree", "opinion": "经核实，没有意见。"}


@dataclass
class BulkFigures:
    """Rows and seconds of each way."""

    single_rows: int = 0
    single_seconds: float = 0.0
    together_rows: int = 0
    together_seconds: float = 0.0
    whole_seconds: float = 0.0
    """A call with as many rows as one call may have."""

    @property
    def single_rate(self) -> float:
        return self.single_rows / self.single_seconds

    @property
    def together_rate(self) -> float:
        return self.together_rows / self.together_seconds


def measure_bulk(laboratory: Laboratory) -> BulkFigures:
    """Let a department give its opinion on many cases, in slices of both ways, then on a whole page at once."""
    url = laboratory.demonstration()
    app = create_app(laboratory.settings, url)
    found = BulkFigures()
    try:
        username, tasks = gather_consulted(app, url, (SLICES + 1) * 2 * SLICE + WHOLE)
        person, waiting = Office(app).person(username), list(tasks)
        for number in range(SLICES + 1):
            single, together = [[waiting.pop() for _ in range(SLICE)] for _way in range(2)]
            took = _one_by_one(person, single), _together(person, together)
            if number:  # the first slice warms up
                found.single_seconds += took[0]
                found.together_seconds += took[1]
        found.single_rows = found.together_rows = SLICES * SLICE
        found.whole_seconds = _together(person, waiting)
    finally:
        close(app)
    return found


def _one_by_one(person: Person, tasks: list[UUID]) -> float:
    began = time.perf_counter()
    for task in tasks:
        person.post(f"/tasks/{task}/complete", {"data": _ANSWERS, "version": 0})
    return time.perf_counter() - began


def _together(person: Person, tasks: list[UUID]) -> float:
    rows = [{"id": str(task), "version": 0} for task in tasks]
    began = time.perf_counter()
    results = person.post("/tasks/bulk", {"items": rows, "data": _ANSWERS})["items"]
    took = time.perf_counter() - began
    failed = [item for item in results if item["status"] != "done"]
    assert not failed, failed[0]
    return took
