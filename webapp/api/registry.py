"""Units of the registry."""

from typing import Any

from flask import request

from webapp.access import access, current_actor
from webapp.api.bodies import instance_id_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.paging import page_numbers
from webapp.registry import queries, unit_record


@blueprint.get("/units")
@access("registry.read")
def list_units() -> dict[str, Any]:
    """The units that I may see."""
    page, per_page = page_numbers(request.args)
    found = queries.list_units(
        db.session(), current_actor(), request.args.get("q", ""), request.args.get("region", ""), page, per_page
    )
    return found.as_json()


@blueprint.get("/units/<unit_id>")
@access("registry.read")
def get_unit(unit_id: str) -> dict[str, Any]:
    """One unit with its names, predecessors and awards."""
    return unit_record.get_unit(db.session(), current_actor(), instance_id_of(unit_id))
