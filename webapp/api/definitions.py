"""What I may start, and the check of any BPMN file."""

from typing import Any

from flask import request

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.views import blueprint
from webapp.database import db
from webapp.definitions.checking import check_file
from webapp.definitions.library import find_current
from webapp.instances.processes import startable
from webapp.tasks.answers import start_form_for


@blueprint.get("/definitions")
@access("definitions.read")
def list_definitions() -> dict[str, Any]:
    """The processes that I may start, with their start forms."""
    session, actor, now = db.session(), current_actor(), clock.now()
    items = []
    for process in startable(actor):
        published = find_current(session, process)
        if published is None:
            continue
        form = start_form_for(session, actor, now, published)
        items.append(
            {
                "process": process,
                "name": published.name,
                "version": published.version,
                "start_form": form.document if form else None,
            }
        )
    return {"items": items}


@blueprint.post("/definitions/check")
@access("definitions.check")
def check_definition() -> dict[str, Any]:
    """Every problem of a BPMN file, and its outline."""
    return check_file(db.session(), request.get_data(cache=False))
