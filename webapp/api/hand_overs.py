"""Hand-over (交接): what somebody who leaves has, who takes it over, and what became of each thing."""

from typing import Any

from flask import request

from webapp import clock
from webapp.absence import handing_over, queries
from webapp.absence.inventory import STATUSES
from webapp.absence.presenting import belongings_json, hand_over_json
from webapp.access import access, current_actor
from webapp.acts.people import person_id
from webapp.api.bodies import body, flag_of, instance_id_of, object_of, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.paging import page_numbers
from webapp.problems import NotFound, invalid


@blueprint.get("/hand-overs/preview")
@access("hand_over.act")
def preview_hand_over() -> dict[str, Any]:
    """What a person has now and would hand over."""
    session, actor = db.session(), current_actor()
    leaver = handing_over.get_leaver(session, actor, person_id(session, request.args.get("from"), "from"))
    return belongings_json(session, leaver, clock.now(), *page_numbers(request.args))


@blueprint.post("/hand-overs")
@access("hand_over.act")
def start_hand_over() -> tuple[dict[str, Any], int]:
    """Hand everything of a person over; a worker does it, thing by thing."""
    data = body("from", "to", "successors", "reason", "gives_roles", "disables")
    session, actor = db.session(), current_actor()
    given = object_of(data, "successors")
    plan = handing_over.Plan(
        to=person_id(session, data.get("to")),
        successors={process: person_id(session, to, f"successors.{process}") for process, to in given.items()},
        reason=text_of(data, "reason", required=False),
        gives_roles=flag_of(data, "gives_roles"),
        disables=flag_of(data, "disables"),
    )
    row = handing_over.start_hand_over(session, actor, clock.now(), person_id(session, data.get("from"), "from"), plan)
    session.flush()
    return hand_over_json(session, row.id, 1, 50), 201


@blueprint.get("/hand-overs/<hand_over_id>")
@access("hand_over.act")
def get_hand_over(hand_over_id: str) -> dict[str, Any]:
    """A hand-over and what became of each thing."""
    session, actor, status = db.session(), current_actor(), request.args.get("status", "")
    if status and status not in STATUSES:
        raise invalid("status", "unknown", f"status 只能是 {'、'.join(STATUSES)} 之一。")
    number = instance_id_of(hand_over_id)
    if number >= 2**31:
        raise NotFound
    handing_over.get_leaver(session, actor, queries.get_hand_over(session, number).HandOver.from_id)
    return hand_over_json(session, number, *page_numbers(request.args), status=status)
