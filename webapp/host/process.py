"""One process of an installation; each imports only what its work needs.

``python -m webapp.host.process NAME`` is what the supervisor starts, ``wenming NAME`` does the same by hand.
"""

import logging
import sys
from importlib import import_module

import click

from webapp import create_app
from webapp.config import ConfigurationError, load_settings
from webapp.host.server import reach_database


def serve_web(bind: str | None = None) -> None:
    """Serve pages and API until a signal; ``bind`` is ``HOST:PORT`` or ``fd://N`` instead of the settings' address."""
    server = import_module("webapp.host.web")
    settings = load_settings()
    with reach_database(settings) as (url, _):
        server.WebServer(settings, url, bind or f"{settings.host}:{settings.port}").run()


def work() -> None:
    """Do queued jobs until a signal."""
    _log_to_stderr()
    worker = import_module("webapp.background.worker")
    settings = load_settings()
    with reach_database(settings) as (url, _):
        worker.run_worker(create_app(settings, url), url)


def schedule() -> None:
    """Tick periodic jobs until a signal."""
    _log_to_stderr()
    scheduler = import_module("webapp.background.scheduler")
    settings = load_settings()
    with reach_database(settings) as (url, _):
        scheduler.run_scheduler(create_app(settings, url))


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("webapp").setLevel(logging.INFO)


def main(arguments: list[str]) -> None:
    """Be the process that ``arguments`` name."""
    name, *rest = arguments
    try:
        {"web": serve_web, "worker": work, "scheduler": schedule}[name](*rest)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
