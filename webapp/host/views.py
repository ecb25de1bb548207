"""What load balancers and monitors ask: does the process live, and can it serve."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.access import public
from webapp.database import db
from webapp.host.heartbeats import BACKGROUND, STALE_SECONDS, list_ages

blueprint = Blueprint("host", __name__)


def install(app: Flask) -> None:
    """Add the routes."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process lives; asks nothing of anybody else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """200 when the database answers and a worker and a scheduler live, else 503 and which of them fails."""
    try:
        ages = list_ages(db.session())
    except SQLAlchemyError:
        db.session.rollback()
        checks = {"database": False} | dict.fromkeys(BACKGROUND, False)
    else:
        checks = {"database": True} | {name: ages.get(name, float("inf")) < STALE_SECONDS for name in BACKGROUND}
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503
