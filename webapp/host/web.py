"""The web server process: gunicorn with threads, configured here and nowhere else."""

import gc
import os
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy.exc import DBAPIError

from webapp import create_app
from webapp.config import Settings
from webapp.database import db, transaction
from webapp.definitions.library import preload
from webapp.host.workers import TurnTakingWorker

READY_DESCRIPTOR = "WENMING_READY_FD"
THREADS = 4


class WebServer(BaseApplication):  # type: ignore[misc] # (the library has no types)
    """Serves the application on ``bind`` (``host:port``, or ``fd://N`` for a socket that somebody else opened)."""

    def __init__(self, settings: Settings, database_url: str, bind: str) -> None:
        self._settings = settings
        self._database_url = database_url
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": self._settings.web_workers,
            "worker_class": TurnTakingWorker,
            "preload_app": True,
            "threads": THREADS,
            "timeout": 90,
            "graceful_timeout": 6,
            "keepalive": 15,
            "loglevel": "warning",
            "errorlog": "-",
            "control_socket_disable": True,
            "pre_fork": _leave_to_parent,
            "post_worker_init": _tell_ready,
        }
        if os.access("/dev/shm", os.W_OK):  # noqa: S108 (gunicorn unlinks its file at once)
            options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application and read the published processes, once for all workers."""
        app = create_app(self._settings, self._database_url)
        app.extensions["people"].keeps = True
        with app.app_context(), suppress(DBAPIError):  # without its database it still says so
            with transaction() as session:
                preload(session)
            db.engine.dispose()
        return app


def _leave_to_parent(_arbiter: object, _worker: object) -> None:
    """What was loaded before is never garbage: collectors of workers neither search nor copy it."""
    gc.collect()
    gc.freeze()


def _tell_ready(_worker: object) -> None:
    descriptor = os.environ.get(READY_DESCRIPTOR)
    if descriptor is not None:
        os.write(int(descriptor), b"1")
