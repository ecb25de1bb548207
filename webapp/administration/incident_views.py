"""Incidents: what went wrong, with what data, and another try after the data were mended."""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.administration import IncidentFilterForm, RepairForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.administration import queries
from webapp.administration.views import blueprint
from webapp.database import db
from webapp.definitions.library import get_published
from webapp.instances.incidents import BACK_OFF, NOBODY
from webapp.instances.pictures import picture_of
from webapp.instances.queries import element_states, open_incidents
from webapp.instances.repairs import retry_incident
from webapp.paging import page_numbers
from webapp.problems import Invalid
from webapp.typed_json import read_object

_PER_PAGE = 50
_FILTERS = ("status", "kind", "number")


@blueprint.get("/incidents")
@access("administration.read")
def incidents() -> ResponseReturnValue:
    form = IncidentFilterForm(request.args)
    form.offer(queries.KINDS)
    filters = {name: request.args[name][:100] for name in _FILTERS if request.args.get(name, "").strip()}
    page, _ignored = page_numbers(request.args)
    session = db.session()
    found = queries.list_incidents(session, filters, page, _PER_PAGE)
    names = {
        row.Incident.id: get_published(session, row.Instance.process_version_id).name_of(row.Incident.element)
        for row in found.items
    }
    return render_template(
        "administration/incidents.html", form=form, found=found, names=names, filters=filters, kinds=queries.KINDS
    )


@blueprint.get("/incidents/<int:incident_id>")
@access("administration.read")
def incident(incident_id: int) -> ResponseReturnValue:
    return _page(incident_id, RepairForm())


@blueprint.post("/incidents/<int:incident_id>/retry")
@access("instances.repair")
def retry(incident_id: int) -> ResponseReturnValue:
    """Try everything that failed in the instance again, with corrected variables if given."""
    session = db.session()
    row = queries.get_incident(session, incident_id)
    form = RepairForm(request.form)
    if not form.validate():
        return _page(incident_id, form), 422
    try:
        corrections = read_object(form.corrections.data or "", "data", _NO_OBJECT)
        retry_incident(session, current_actor(), clock.now(), row.Instance.id, corrections)
    except Invalid as problem:
        session.rollback()
        form.corrections.errors = [*form.corrections.errors, *(error.message for error in problem.errors)]
        return _page(incident_id, form), 422
    _say(open_incidents(session, row.Instance.id))
    return redirect(url_for("administration.incident", incident_id=incident_id))


_NO_OBJECT = '更正的变量须为 JSON 对象，例如 {"county_region": "430681"}。'


def _say(left: list[Any]) -> None:
    if left:
        flash(_("已重试，仍有 %(count)s 项异常：%(cause)s", count=len(left), cause=left[0].message), "warning")
    else:
        flash(_("已重试，异常解除，办件继续办理。"))


def _page(incident_id: int, form: RepairForm) -> str:
    session = db.session()
    row = queries.get_incident(session, incident_id)
    published = get_published(session, row.Instance.process_version_id)
    states = element_states(session, row.Instance)
    return render_template(
        "administration/incident.html",
        form=form,
        incident=row.Incident,
        instance=row.Instance,
        resolver=row.resolver,
        name=published.name_of(row.Incident.element),
        published=published,
        kinds=queries.KINDS,
        retries_left=row.Incident.kind == NOBODY or row.Incident.retries < len(BACK_OFF),
        variables=json.dumps(row.Instance.data, ensure_ascii=False, indent=2, sort_keys=True),
        pending=json.dumps(row.Incident.pending, ensure_ascii=False, indent=2) if row.Incident.pending else None,
        svg=picture_of(session, published, row.Instance, states),
    )
