"""Completions of a user task against the bare view: two servers at once, one after the other in short slices.

Both get the same client, database and moments, so that whatever else the machine does falls on both alike.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from tests.benchmarks.bare import create_table
from tests.benchmarks.cases import Waiting, prepare_waiting
from tests.benchmarks.laboratory import Laboratory, connect
from tests.benchmarks.load import Load, UnexpectedAnswerError, drive, request
from tests.benchmarks.serving import Served, serve
from tests.conftest import close
from tests.factories.api_client import Office
from webapp import create_app
from webapp.demo.passwords import DOCUMENTED

SLICE_SECONDS = 1.0
TASKS_PER_SLICE = 1300
_WARM_UP_SECONDS = 2.0
_ANSWERS: dict[str, Any] = {
    "checked": ["jurisdiction", "identity", "materials"],
    "outcome": "pass",
    "opinion": "情况属实，同意推荐。",
}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Requests = Iterator[bytes]


@dataclass(frozen=True)
class Way:
    """A way to complete a task: through the API or through the form of the page."""

    name: str
    status: int
    target: float | None
    honour: str
    """What the prepared declaration is for; a unit declares once for each."""
    asked: bool
    """Whether three consultations follow; otherwise one task does."""
    clients: tuple[int, ...]
    requests: Callable[[Office, Waiting], Requests]


@dataclass
class Comparison:
    """Slices of completions and of the bare view, taken in turn."""

    way: Way
    clients: int
    ours: Load = field(default_factory=Load)
    bare: Load = field(default_factory=Load)

    @property
    def ratio(self) -> float:
        return self.ours.rate / self.bare.rate


@dataclass(frozen=True)
class Completions:
    """All comparisons, and the memory (resident, proportional) of the web workers before and after."""

    comparisons: list[Comparison]
    memory_warm: list[tuple[float, float]]
    memory_loaded: list[tuple[float, float]]


def measure_completions(laboratory: Laboratory, slices: int) -> Completions:
    """Complete tasks in every way, with few and many clients, in so many slices each."""
    url = laboratory.demonstration()
    create_table(url)
    app = create_app(laboratory.settings, url)
    office = Office(app)
    streams: dict[str, Requests] = {}
    with connect(url) as connection:
        for way in WAYS:
            waiting = prepare_waiting(office, connection, TASKS_PER_SLICE * slices, honour=way.honour, asked=way.asked)
            streams[way.name] = way.requests(office, waiting)
    close(app)
    with serve("application", laboratory, url) as ours, serve("bare", laboratory, url) as bare:
        _warm_up(ours, bare, streams)
        warm = ours.memory()
        found = [
            _compare(way, clients, slices, ours, bare, streams[way.name]) for way in WAYS for clients in way.clients
        ]
        return Completions(found, warm, ours.memory())


def _warm_up(ours: Served, bare: Served, streams: dict[str, Requests]) -> None:
    for way in WAYS:
        drive(ours.port, streams[way.name], clients=8, seconds=_WARM_UP_SECONDS, status=way.status)
    drive(bare.port, _bare(), clients=8, seconds=_WARM_UP_SECONDS, status=200)


def _compare(way: Way, clients: int, slices: int, ours: Served, bare: Served, requests: Requests) -> Comparison:
    found = Comparison(way, clients)
    for _ in range(slices):
        found.ours.add(drive(ours.port, requests, clients=clients, seconds=SLICE_SECONDS, status=way.status))
        found.bare.add(drive(bare.port, _bare(), clients=clients, seconds=SLICE_SECONDS, status=200))
    return found


def _bare() -> Requests:
    body = urlencode({"text": _ANSWERS["opinion"]}).encode()
    return repeat(request("POST", "/rows", _FORM, body))


def _api(office: Office, waiting: Waiting) -> Requests:
    headers = office.person(waiting.reviewer).headers | {"Content-Type": "application/json"}
    body = json.dumps({"data": _ANSWERS, "version": 0}).encode()
    return (request("POST", f"/api/v1/tasks/{task}/complete", headers, body) for task in waiting.tasks)


def _html(office: Office, waiting: Waiting) -> Requests:
    cookie, token = log_in(office.app, waiting.reviewer)
    fields = [("csrf_token", token), ("version", "0"), ("list", "view=inbox"), *_typed()]
    body = urlencode(fields).encode()
    return (request("POST", f"/tasks/{task}/complete", _FORM | {"Cookie": cookie}, body) for task in waiting.tasks)


def log_in(app: Flask, username: str) -> tuple[str, str]:
    """The cookie and the form token of a browser of the demonstration."""
    client = app.test_client()
    person = {"username": username, "password": DOCUMENTED}
    answer = client.post("/login", data=person | {"csrf_token": _token(client.get("/login").text)})
    if answer.status_code != 302:
        raise UnexpectedAnswerError(answer.text)
    token, cookie = _token(client.get("/password").text), client.get_cookie("session")
    return f"session={cookie.value if cookie else ''}", token


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if found is None:
        raise UnexpectedAnswerError(page)
    return found[1]


def _typed() -> list[tuple[str, str]]:
    """What a browser posts of the form: also what stayed empty."""
    empty = [(name, "") for name in ("reasons.0.field", "reasons.0.reason", "reject_reason")]
    ticked = [("checked", value) for value in _ANSWERS["checked"]]
    return [*ticked, ("outcome", _ANSWERS["outcome"]), *empty, ("opinion", _ANSWERS["opinion"])]


WAYS = (
    Way("API", 200, 0.35, "city", asked=False, clients=(1, 8), requests=_api),
    Way("HTML form", 302, 0.3, "provincial", asked=False, clients=(1, 8), requests=_html),
    Way("API, opens three tasks", 200, None, "city", asked=True, clients=(8,), requests=_api),
)
