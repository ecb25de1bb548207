"""What one web worker, a command or the database itself changes about people, all workers know."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest

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


class Token:
    """A token of somebody, sent on a new connection each time, so that every worker gets to see it."""

    def __init__(self, installation: Installation, username: str) -> None:
        self._address = f"http://127.0.0.1:{installation.port}/api/v1"
        person = {"username": username, "password": DOCUMENTED}
        self._headers = {
            "Authorization": "Bearer " + httpx.post(f"{self._address}/tokens", json=person).json()["token"]
        }

    def answers(self) -> set[int]:
        """What the workers say to it."""
        return {httpx.get(f"{self._address}/me", headers=self._headers).status_code for _ in range(ENOUGH)}

    def end(self) -> None:
        """Log out."""
        assert httpx.delete(f"{self._address}/tokens", headers=self._headers).status_code == 204


def test_a_token_that_was_given_back_is_worthless_everywhere_at_once(installation: Installation) -> None:
    for _ in range(5):
        token = Token(installation, CLERK)
        assert token.answers() == {200}
        token.end()
        assert token.answers() == {401}


def test_who_is_disabled_behind_the_back_of_the_server_is_out_soon(installation: Installation) -> None:
    token = Token(installation, OTHER)
    assert token.answers() == {200}
    with (
        EmbeddedServer(installation.data).borrow() as url,
        psycopg.connect(libpq_url(url), autocommit=True) as database,
    ):
        database.execute("UPDATE users SET disabled_at = now() WHERE username = %s", (OTHER,))
    wait_until(lambda: token.answers() == {401}, token.answers)
