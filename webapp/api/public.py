"""Public notices and objections, without login and limited in rate."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import public
from webapp.api.bodies import body, instance_id_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.notices import operations, queries
from webapp.notices.limits import refuse_too_many
from webapp.paging import page_numbers


@blueprint.get("/public/notices")
@public
def list_notices() -> dict[str, Any]:
    """Published notices, newest first."""
    page, per_page = page_numbers(request.args)
    now = clock.now()
    found = queries.list_notices(db.session(), page, per_page)
    return found.as_json(lambda row: queries.notice_json(row, now))


@blueprint.get("/public/notices/<notice_id>")
@public
def get_notice(notice_id: str) -> dict[str, Any]:
    """One notice with its units."""
    return queries.get_notice(db.session(), instance_id_of(notice_id), clock.now())


@blueprint.post("/public/notices/<notice_id>/objections")
@public
def raise_objection(notice_id: str) -> ResponseReturnValue:
    """Object to a running notice."""
    session, address = db.session(), request.remote_addr or ""
    refuse_too_many(session, address)
    fields = body("name", "contact", "text", "instance")
    ids = operations.raise_objection(session, clock.now(), instance_id_of(notice_id), fields, address)
    return {"id": ids[0], "objections": ids}, 201
