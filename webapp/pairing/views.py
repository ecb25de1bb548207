"""Pages of pairing for both sides: my pairs, one pair with what was done, its agreement, the handbook."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import clock, navigation
from webapp.access import Actor, access, current_actor, find_actor, may, require
from webapp.attachments.queries import by_id
from webapp.database import db
from webapp.declaration.beginning import also_known
from webapp.docx import docx_response
from webapp.instances.processes import register
from webapp.paging import page_numbers
from webapp.pairing import documents, queries, supervising
from webapp.pairing.declaring import known_of_subject
from webapp.pairing.process import RULES
from webapp.pairing.rules import INDICATORS, KINDS
from webapp.pairing.work import find_handbook, read_work
from webapp.problems import Invalid, NotFound

blueprint = Blueprint("pairing", __name__, url_prefix="/pairings", template_folder="templates")


def install(app: Flask) -> None:
    from webapp.pairing import board_views  # noqa: F401, PLC0415 (adds its routes to the blueprint)

    register(RULES)
    also_known(known_of_subject)
    app.register_blueprint(blueprint)
    navigation.add(app, "结对", "pairing.index", "pairings.read", 35, icon="users")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "status_words": queries.STATUS_WORDS,
        "outcome_words": queries.OUTCOME_WORDS,
        "verdicts": supervising.VERDICTS,
        "may_manage": _may("pairings.manage"),
        "may_supervise": _may("pairings.supervise"),
    }


def _may(permission: str) -> bool:
    """Also for pages that are shown to nobody in particular: the login that a lapsed session asks for."""
    actor = find_actor()
    return actor is not None and may(actor, permission)


@blueprint.get("")
@access("pairings.read")
def index() -> ResponseReturnValue:
    """The pairs that I may see: those of my unit, or of my region."""
    page, per_page = page_numbers(request.args)
    wanted = queries.filter_of(request.args)
    found = queries.list_pairings(db.session(), current_actor(), wanted, clock.today(), page, per_page)
    return render_template("pairing/index.html", found=found, wanted=wanted)


@blueprint.get("/<int:pairing_id>")
@access("pairings.read")
def show(pairing_id: int) -> ResponseReturnValue:
    return _page(pairing_id)


def _page(pairing_id: int, problem: Invalid | None = None) -> ResponseReturnValue:
    session, actor, today = db.session(), current_actor(), clock.today()
    row = queries.get_row(session, actor, pairing_id, today)
    work = read_work(session, actor, row.Pairing, today)
    photos = by_id(session, sorted({int(key) for log in work.logs for key in log.Log.photos}))
    page = render_template(
        "pairing/show.html",
        row=row,
        pairing=row.Pairing,
        work=work,
        photos=photos,
        mine=_side(actor, row.Pairing),
        problem=problem,
        today=today,
    )
    return page, 422 if problem else 200


def _side(actor: Actor, pairing: Any) -> str:
    return {pairing.helper_id: "helper", pairing.helped_id: "helped"}.get(actor.organisation_id, "")


@blueprint.get("/<int:pairing_id>/agreement.docx")
@access("pairings.read")
def agreement(pairing_id: int) -> Response:
    session, actor, today = db.session(), current_actor(), clock.today()
    row = queries.get_row(session, actor, pairing_id, today)
    return docx_response(f"{row.helper}与{row.helped}结对协议", documents.agreement(session, actor, row, today))


@blueprint.post("/<int:pairing_id>/visits")
@access("pairings.supervise")
def add_visit(pairing_id: int) -> ResponseReturnValue:
    """Announce a visit, or file one that was not announced."""
    session, actor, now, form = db.session(), current_actor(), clock.now(), request.form
    try:
        if form.get("way") == "unannounced":
            said = (form.get(key, "") for key in ("visited_on", "verdict", "findings"))
            supervising.file_visit(session, actor, now, pairing_id, *said)
            flash(_("暗访结果已登记，双方看不到。"))
        else:
            supervising.ask_visit(session, actor, now, pairing_id, form.get("purpose", ""))
            flash(_("督导已安排，任务已进入待办，双方可以看到。"))
    except Invalid as problem:
        session.rollback()
        return _page(pairing_id, problem)
    return redirect(url_for(".show", pairing_id=pairing_id))


@blueprint.post("/<int:pairing_id>/end")
@access("pairings.manage")
def end(pairing_id: int) -> ResponseReturnValue:
    session, form = db.session(), request.form
    outcome, reason = form.get("outcome", ""), form.get("reason", "")
    try:
        supervising.end_early(session, current_actor(), clock.now(), pairing_id, outcome, reason)
    except Invalid as problem:
        session.rollback()
        return _page(pairing_id, problem)
    flash(_("这一对已中止，双方可以另行结对。"))
    return redirect(url_for(".show", pairing_id=pairing_id))


@blueprint.route("/handbook", methods=["GET", "POST"])
@access("pairings.read")
def handbook() -> ResponseReturnValue:
    """The handbook of the city with the templates; the city and the province write their own."""
    session, actor, problem = db.session(), current_actor(), None
    if request.method == "POST":
        require(actor, "pairings.manage")
        try:
            supervising.save_handbook(session, actor, clock.now(), request.form.get("text", ""))
        except Invalid as found:
            session.rollback()
            problem = found
        else:
            flash(_("手册已保存。"))
            return redirect(url_for(".handbook"))
    page = render_template(
        "pairing/handbook.html",
        handbook=find_handbook(session, actor.region_path),
        templates=documents.TEMPLATE_NAMES,
        problem=problem,
        typed=request.form.get("text") if problem else None,
    )
    return page, 422 if problem else 200


@blueprint.get("/templates/<name>.docx")
@access("pairings.read")
def template(name: str) -> Response:
    if name not in documents.TEMPLATES:
        raise NotFound("没有这个模板。请从手册页下载。")
    return docx_response(documents.TEMPLATE_NAMES[name], documents.template(name, INDICATORS))
