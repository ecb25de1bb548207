"""The JSON API under ``/api/v1``: the same operations as the pages, with bearer tokens instead of cookies."""

from importlib import import_module

from flask import Blueprint, Flask

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

PARTS = (
    "sessions",
    "definitions",
    "instances",
    "tasks",
    "filters",
    "acts",
    "hand_overs",
    "batches",
    "nominations",
    "quotas",
    "files",
    "registry",
    "pairings",
    "public",
    "deadlines",
    "openapi",
)


def install(app: Flask) -> None:
    for part in PARTS:
        import_module(f"webapp.api.{part}")
    app.register_blueprint(blueprint)
