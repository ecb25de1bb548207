"""Pages of pairing for offices: the board of a region, programmes, the matching board, the list to the province."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms import FieldError
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.docx import docx_response
from webapp.exports import xlsx_response
from webapp.language.speaking import say
from webapp.paging import page_numbers
from webapp.pairing import (
    boards,
    confirming,
    documents,
    naming,
    parties,
    programme_queries,
    proposing,
    queries,
    supervising,
)
from webapp.pairing.forms import programme_form
from webapp.pairing.programmes import answers_of, change_programme, open_programme, own_programme
from webapp.pairing.rules import KINDS
from webapp.pairing.views import blueprint
from webapp.problems import Conflict, Forbidden, Invalid, Problem

_MOST_HELPERS = 200
_ROWS = 20
"""Proposals, and units of a programme, on one page; on a phone each is a card."""


@blueprint.get("/board")
@access("pairings.supervise")
def board() -> ResponseReturnValue:
    """How the pairs of a region stand, place by place, the silent ones, and helpers without a partner."""
    session, actor, today = db.session(), current_actor(), clock.today()
    region = boards.region_in_reach(session, actor, request.args.get("region", ""))
    silent = queries.Filter(region=region.code, silent=True)
    return render_template(
        "pairing/board.html",
        region=region,
        board=boards.board(session, region.path, today),
        silent=queries.list_pairings(session, actor, silent, today, 1, 20),
        helpers=parties.list_free_helpers(session, KINDS["assist"], region.path, limit=_MOST_HELPERS),
    )


@blueprint.get("/programmes")
@access("pairings.supervise")
def programmes() -> ResponseReturnValue:
    rows = programme_queries.list_programmes(db.session(), current_actor())
    return render_template("pairing/programmes.html", rows=rows)


@blueprint.route("/programmes/new", methods=["GET", "POST"])
@access("pairings.manage")
def new_programme() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    return _edit({}, lambda answers: open_programme(session, actor, clock.now(), answers), _("设立结对方案"))


@blueprint.route("/programmes/<int:programme_id>/edit", methods=["GET", "POST"])
@access("pairings.manage")
def edit_programme(programme_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    start = answers_of(own_programme(session, actor, programme_id))
    return _edit(start, lambda answers: change_programme(session, actor, programme_id, answers), _("修改结对方案"))


def _edit(start: dict[str, Any], save: Any, title: str) -> ResponseReturnValue:
    form, data, status = programme_form(), start, 200
    errors: list[FieldError] = []
    if request.method == "POST":
        data = form.from_html(request.form)
        if not form.is_row_action(request.form):
            checked = form.validate(data, today=clock.today())
            errors, status = list(checked.errors), 422
            if not errors:
                try:
                    programme = save(checked.answers)
                except Invalid as problem:
                    db.session.rollback()
                    errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
                else:
                    flash(_("已保存方案“%(title)s”。", title=programme.title))
                    return redirect(url_for(".programme", programme_id=programme.id))
    fields = form.render(data, errors, translate=say)
    return render_template("pairing/edit.html", title=title, fields=fields, back=url_for(".programmes")), status


@blueprint.get("/programmes/<int:programme_id>")
@access("pairings.supervise")
def programme(programme_id: int) -> ResponseReturnValue:
    """The matching board."""
    return _matching_board(programme_id)


def _matching_board(programme_id: int, problem: Problem | None = None) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), clock.now()
    found = programme_queries.get_programme(session, actor, programme_id)
    wanted = queries.Filter(programme=programme_id, status="proposed")
    page, per_page = page_numbers(request.args, per_page=_ROWS)
    units = page_numbers({"page": request.args.get("units", "")}, per_page=_ROWS)
    run = programme_queries.last_matching(session, programme_id)
    region = boards.region_in_reach(session, actor, found.region_code) if _owns(found) else None
    rendered = render_template(
        "pairing/programme.html",
        programme=found,
        kind=KINDS[found.kind],
        named=programme_queries.page_named(session, programme_id, *units),
        waiting=programme_queries.list_waiting(session, programme_id, _MOST_HELPERS),
        proposals=queries.list_pairings(session, actor, wanted, clock.today(), page, per_page),
        run=run,
        due=documents.due_words(found, now),
        owns=_owns(found),
        helpers=parties.list_free_helpers(session, KINDS[found.kind], region.path, limit=_MOST_HELPERS)
        if region
        else [],
        honours=parties.honour_names(session),
        problem=problem,
    )
    return rendered, problem.status if problem else 200


def _owns(programme: Any) -> bool:
    return bool(programme.region_code == current_actor().region_code)


@blueprint.post("/programmes/<int:programme_id>/<any(match,nominees,report):act>")
@access("pairings.manage")
def programme_act(programme_id: int, act: str) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), clock.now()

    def nominees() -> Any:
        added, refused = naming.take_nominees(session, actor, now, programme_id)
        return _("列入 %(added)s 家培育对象。", added=added) + "".join(refused[:3])

    def match() -> Any:
        proposing.ask_for_matching(session, actor, now, programme_id)
        return _("正在计算匹配，完成后刷新本页查看。")

    def report() -> Any:
        supervising.report_list(session, actor, now, programme_id)
        return _("已登记上报。")

    return _tried(programme_id, {"match": match, "nominees": nominees, "report": report}[act])


def _tried(programme_id: int, act: Any) -> ResponseReturnValue:
    """Do something on the matching board; a refusal stands on the board itself."""
    try:
        words = act()
    except (Invalid, Conflict, Forbidden) as problem:
        db.session.rollback()
        return _matching_board(programme_id, problem)
    flash(words)
    return redirect(url_for(".programme", programme_id=programme_id))


@blueprint.post("/programmes/<int:programme_id>/units")
@access("pairings.manage")
def name_unit(programme_id: int) -> ResponseReturnValue:
    """Name a unit by its name or credit code, or take one out."""
    session, actor, form = db.session(), current_actor(), request.form

    def act() -> Any:
        if form.get("remove"):
            naming.remove_unit(session, actor, programme_id, _number(form["remove"]))
            return _("已移出方案。")
        unit = programme_queries.find_unit(session, actor, form.get("unit", ""))
        naming.name_units(session, actor, clock.now(), programme_id, [(unit, form.get("target", ""))])
        return _("已列入方案。")

    return _tried(programme_id, act)


def _number(text: str) -> int:
    """A number of the page; what none of its pages sends is nobody's."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@blueprint.post("/programmes/<int:programme_id>/proposals")
@access("pairings.manage")
def add_proposal(programme_id: int) -> ResponseReturnValue:
    form = request.form
    helper, helped = (_number(form.get(key, "")) for key in ("helper", "helped"))

    def act() -> Any:
        proposing.propose(db.session(), current_actor(), clock.now(), programme_id, helper, helped)
        return _("已提出建议，确认后生效。")

    return _tried(programme_id, act)


@blueprint.post("/<int:pairing_id>/<any(confirm,pin,unpin,drop):act>")
@access("pairings.manage")
def proposal_act(pairing_id: int, act: str) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    programme_id = queries.get_row(session, actor, pairing_id, clock.today()).Pairing.programme_id

    def change() -> Any:
        if act == "drop":
            proposing.drop(session, actor, pairing_id)
        elif act == "confirm":
            made = confirming.confirm(session, actor, clock.now(), pairing_id, request.form.get("reason", ""))
            waits = _("例外结对的理由已记下，等市级负责人确认。")
            return _("已确认，协议已发给双方签署。") if made.status == "confirmed" else waits
        else:
            proposing.pin(session, actor, pairing_id, pinned=act == "pin")
        return _("已保存。")

    return _tried(programme_id, change)


@blueprint.get("/programmes/<int:programme_id>/list.<any(docx,xlsx):ending>")
@access("pairings.supervise")
def programme_list(programme_id: int, ending: str) -> Response:
    session, today = db.session(), clock.today()
    found = programme_queries.get_programme(session, current_actor(), programme_id)
    if ending == "xlsx":
        return xlsx_response(f"{found.title}名单", documents.LIST_HEADER, documents.list_rows(session, found, today))
    return docx_response(f"{found.title}名单", documents.list_document(session, found, today))
