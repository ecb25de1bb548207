"""``python -m webapp.trials``: answers trials that :mod:`webapp.trials.limited` asks for.

Everything happens in one transaction that is rolled back, whatever becomes of it. Trials share the numbers of the
sample world, so that these transactions take turns, each test case one: whoever steps through a dry run waits for one
case of somebody else, not for all.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, configure_mappers

from forms.documents import FormDocumentError
from webapp import create_app
from webapp.config import Settings
from webapp.database import db
from webapp.trials.nursery import Handle, serve
from webapp.trials.playing import VirtualClock
from webapp.trials.requests import answer
from workflows import WorkflowsError

_LIMITS = (
    "SET LOCAL lock_timeout = '30s'",
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
    "SELECT pg_advisory_xact_lock(hashtext('wenming.trials'))",
    "SET LOCAL statement_timeout = '20s'",  # of what the trial does, not of waiting for its turn
    # stands before the real one, of which nothing is used up, and counts where no real case is numbered
    "CREATE TEMPORARY SEQUENCE instance_numbers START 900000000001",
)
_LOCK_TIMEOUT = "55P03"


class Nursery:
    """Makes the application ready for a request; the last one is kept, as an installation asks for the same."""

    def __init__(self) -> None:
        self._key: tuple[str, ...] = ()
        self._app: Flask | None = None

    def prepare(self, line: bytes) -> Handle:
        """The answerer of a request, on the application that it names."""
        request = json.loads(line)
        key = (request["database_url"], request["data"], str(request["attachment_limit"]))
        if self._app is None or key != self._key:
            self._key, self._app = key, _application(request)
            configure_mappers()
        app = self._app
        return lambda _line: json.dumps(_answered(app, request), ensure_ascii=False, default=str).encode()


def _application(request: dict[str, Any]) -> Flask:
    settings = Settings(
        data=Path(request["data"]),
        database_url=None,
        host="127.0.0.1",
        port=1,
        demo=True,
        web_workers=1,
        attachment_limit=request["attachment_limit"],
    )
    app = create_app(settings, request["database_url"])
    app.extensions["clock"] = VirtualClock()
    return app


def _answered(app: Flask, request: dict[str, Any]) -> dict[str, Any]:
    with app.test_request_context("/"):
        try:
            return answer(rolled_back, app.extensions["clock"], request)
        except FormDocumentError as error:
            return {"failed": "；".join(f"表单：{p.message}" for p in error.problems[:5])}
        except WorkflowsError as error:
            return {"failed": f"流程图不能运行：{error}"}
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT:
                return {"busy": True}
            raise


@contextmanager
def rolled_back() -> Iterator[Session]:
    """A session whose commits and rollbacks reach no further than a savepoint; all of it is undone at the end."""
    with db.engine.connect() as connection:
        outer = connection.begin()
        try:
            for statement in _LIMITS:
                connection.execute(text(statement))
            session = Session(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=False
            )
            with session:
                yield session
        finally:
            outer.rollback()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, Nursery().prepare)
