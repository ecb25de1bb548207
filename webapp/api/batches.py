"""Batches: list, read, the form that opens one, open and change."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import body, instance_id_of, object_of
from webapp.api.views import blueprint
from webapp.batches import operations, queries
from webapp.batches.forms import batch_form
from webapp.batches.models import Batch
from webapp.database import db
from webapp.paging import page_numbers
from webapp.problems import InputError, Invalid


def batch_json(batch: Batch) -> dict[str, Any]:
    """A batch with its settings as the answers of its form."""
    settings = operations.answers_of(db.session(), batch)
    return {"id": batch.id, "status": batch.status, "region": batch.region_code, "data": settings}


@blueprint.get("/batches")
@access("batches.read")
def list_batches() -> dict[str, Any]:
    """The batches that I may see, newest first."""
    page, per_page = page_numbers(request.args)
    found = queries.list_batches(db.session(), current_actor(), page, per_page)
    return found.as_json(lambda row: batch_json(row.Batch) | {"cases": row.cases, "running": row.running})


@blueprint.get("/batches/form")
@access("batches.edit")
def get_batch_form() -> dict[str, Any]:
    """The form document that opens a batch, with my city's choices."""
    return {"form": batch_form(db.session(), current_actor()).document}


@blueprint.get("/batches/<batch_id>")
@access("batches.read")
def get_batch(batch_id: str) -> dict[str, Any]:
    """One batch."""
    return batch_json(queries.get_visible(db.session(), current_actor(), instance_id_of(batch_id)))


@blueprint.post("/batches")
@access("batches.edit")
def open_batch() -> ResponseReturnValue:
    """Open a batch with the answers to its form."""
    session, actor = db.session(), current_actor()
    answers = _checked(object_of(body("data"), "data"))
    return batch_json(operations.open_batch(session, actor, clock.now(), answers)), 201


@blueprint.put("/batches/<batch_id>")
@access("batches.edit")
def change_batch(batch_id: str) -> dict[str, Any]:
    """Change a batch with the answers to its form."""
    session, actor = db.session(), current_actor()
    answers = _checked(object_of(body("data"), "data"))
    return batch_json(operations.change_batch(session, actor, instance_id_of(batch_id), answers))


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    checked = batch_form(db.session(), current_actor()).validate(data, today=clock.today())
    if checked.errors:
        raise Invalid([InputError(e.path, e.code, str(e.message)) for e in checked.errors])
    return checked.answers
