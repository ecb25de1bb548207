"""Calls for nominations: list, one with its board, the nominees in the city's order, the list to the province.

Calls are opened through ``POST /instances`` (process ``nomination``); every step is a task.
"""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import instance_id_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.instances.queries import iso
from webapp.nominations import queries
from webapp.nominations.models import NominationCall
from webapp.nominations.views import list_response
from webapp.paging import page_numbers
from webapp.problems import NotFound, invalid


def call_json(call: NominationCall) -> dict[str, Any]:
    """A call as it was opened."""
    return {
        "id": call.id,
        "instance": call.instance_id,
        "title": call.title,
        "document_number": call.document_number,
        "paragraph": call.paragraph,
        "region": call.region_code,
        "minimum": call.minimum,
        "maximum": call.maximum,
        "kinds": call.kinds,
        "honours": call.honour_codes,
        "due_on": call.due_on.isoformat(),
        "plan": call.plan_id,
        "status": call.status,
        "report_number": call.report_number,
        "reported_at": iso(call.reported_at),
    }


@blueprint.get("/nominations")
@access("nominations.read")
def list_nominations() -> dict[str, Any]:
    """The calls that my office may see, newest first."""
    page, per_page = page_numbers(request.args)
    found = queries.list_calls(db.session(), current_actor(), page, per_page)
    numbers = ("counties", "submitted", "late", "nominees")
    return found.as_json(lambda row: call_json(row.NominationCall) | {name: row._mapping[name] for name in numbers})


@blueprint.get("/nominations/<call_id>")
@access("nominations.read")
def get_nomination(call_id: str) -> dict[str, Any]:
    """One call with its nominees, in the city's order."""
    session, actor = db.session(), current_actor()
    call = queries.get_visible(session, actor, instance_id_of(call_id))
    return call_json(call) | {"nominees": [_nominee(row) for row in queries.ranking(session, actor, call.id)]}


def _nominee(row: Any) -> dict[str, Any]:
    nominee = row.Nominee
    return {
        "id": nominee.id,
        "unit": nominee.organisation_id,
        "unit_name": row.unit,
        "uscc": row.uscc,
        "county": nominee.county_code,
        "county_name": row.county,
        "kind": nominee.kind,
        "honour": nominee.honour_code,
        "position": nominee.position,
        "rank": nominee.rank,
        "status": nominee.status,
        "flags": nominee.flags,
        "decision_reason": nominee.decision_reason,
    }


@blueprint.get("/nominations/<call_id>/board")
@access("nominations.read")
def get_nomination_board(call_id: str) -> dict[str, Any]:
    """Which county has submitted, how many, how late."""
    session, actor = db.session(), current_actor()
    call = queries.get_visible(session, actor, instance_id_of(call_id))
    late = queries.days_late(call, clock.today())
    return {"items": [_list(row, late) for row in queries.board(session, actor, call.id)]}


def _list(row: Any, late_now: int) -> dict[str, Any]:
    found = row.NominationList
    return {
        "county": found.county_code,
        "county_name": row.county,
        "status": found.status,
        "submitted_at": iso(found.submitted_at),
        "submitted_by": row.by,
        "late_days": found.late_days or (late_now if found.submitted_at is None else 0),
        "nominees": row.number,
        "approved": row.approved,
        "waitlisted": row.waitlisted,
        "flagged": row.flagged,
        "explanation": found.explanation,
    }


@blueprint.get("/nominations/<call_id>/export")
@access("nominations.read")
def export_nomination(call_id: str) -> ResponseReturnValue:
    """The list to the province as a file: ``format`` is ``docx`` or ``xlsx``."""
    session, actor = db.session(), current_actor()
    kind = request.args.get("format", "docx")
    if kind not in {"docx", "xlsx"}:
        raise invalid("format", "choice", "format 须为 docx 或 xlsx。")
    call = queries.get_visible(session, actor, instance_id_of(call_id))
    if actor.region_level == "county":
        raise NotFound
    return list_response(session, actor, call, kind)
