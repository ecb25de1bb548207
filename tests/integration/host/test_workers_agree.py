"""What one web worker, a command or the database itself changes about people, all workers know."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.factories.api_client import Person
from tests.factories.remote_app import RemoteApp
from tests.integration.host.installation import Installation, wait_until
from webapp.demo.passwords import DOCUMENTED
from webapp.host.addresses import libpq_url
from webapp.host.server import EmbeddedServer

WORKERS, ENOUGH = 3, 24
CLERK, OTHER = "yunxi.unit1.clerk", "yunxi.unit2.clerk"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running demonstration with several web workers."""
    running = Installation(tmp_path_factory.mktemp("agree") / "var", WENMING_DEMO="1", WENMING_WEB_WORKERS=str(WORKERS))
    running.start()
    yield running
    running.stop()


def _logged_in(installation: Installation, username: str) -> Person:
    remote: Any = RemoteApp(f"http://127.0.0.1:{installation.port}")
    return Person(remote, username, DOCUMENTED)


def _answers(person: Person) -> set[int]:
    """What the workers say to somebody's token, sent on a new connection each time so that all of them see it."""
    return {person.http.get("/api/v1/me", headers=person.headers).status_code for _ in range(ENOUGH)}


def test_a_token_that_was_given_back_is_worthless_everywhere_at_once(installation: Installation) -> None:
    for _ in range(5):
        clerk = _logged_in(installation, CLERK)
        assert _answers(clerk) == {200}
        tokens = f"http://127.0.0.1:{installation.port}/api/v1/tokens"
        assert httpx.delete(tokens, headers=clerk.headers).status_code == 204
        assert _answers(clerk) == {401}


def test_who_is_disabled_behind_the_back_of_the_server_is_out_soon(installation: Installation) -> None:
    clerk = _logged_in(installation, OTHER)
    assert _answers(clerk) == {200}
    with (
        EmbeddedServer(installation.data).borrow() as url,
        psycopg.connect(libpq_url(url), autocommit=True) as database,
    ):
        database.execute("UPDATE users SET disabled_at = now() WHERE username = %s", (OTHER,))
    wait_until(lambda: _answers(clerk) == {401}, lambda: _answers(clerk))
