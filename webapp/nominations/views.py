"""Pages of nominations: the calls, opening one, the board of one, the list to the province."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms import FieldError
from webapp import clock, navigation
from webapp.access import Actor, access, current_actor
from webapp.database import db
from webapp.definitions.library import find_current
from webapp.docx import docx_response
from webapp.exports import xlsx_response
from webapp.instances.operations import start_instance
from webapp.instances.processes import register
from webapp.language.speaking import say
from webapp.nominations import documents, queries
from webapp.nominations.beginning import may_start
from webapp.nominations.models import NominationCall
from webapp.nominations.process import RULES
from webapp.nominations.rules import KINDS, words_for
from webapp.official_paper import paper_bytes
from webapp.paging import page_numbers
from webapp.problems import Forbidden, Invalid, NotFound
from webapp.tasks.answers import start_form_for
from webapp.tasks.queries import doable_tasks

blueprint = Blueprint("nominations", __name__, template_folder="templates", url_prefix="/nominations")
PROCESS = RULES.process


def install(app: Flask) -> None:
    register(RULES)
    app.register_blueprint(blueprint)
    navigation.add(app, "培育对象", "nominations.index", "nominations.read", 34, icon="playlist-add")


@blueprint.get("")
@access("nominations.read")
def index() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    page, per_page = page_numbers(request.args)
    found = queries.list_calls(session, actor, page, per_page)
    return render_template("nominations/index.html", found=found, may_open=may_start(actor))


@blueprint.route("/new", methods=["GET", "POST"])
@access("nominations.open")
def create() -> ResponseReturnValue:
    """Open a call and go to its board."""
    session, actor, now = db.session(), current_actor(), clock.now()
    published = find_current(session, PROCESS)
    form = start_form_for(session, actor, now, published) if published else None
    if form is None or not may_start(actor):
        raise Forbidden(_("征集由市级文明办发起。您可以在列表里查看已有的征集。"))
    answers: dict[str, Any] = {"minimum": 3, "maximum": 5, "kinds": ["private", "foreign", "mixed", "individual"]}
    answers["kinds"].append("social")
    errors: list[FieldError] = []
    if request.method == "POST":
        answers = form.from_html(request.form)
        try:
            instance = start_instance(session, actor, now, PROCESS, answers)
        except Invalid as problem:
            session.rollback()
            errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
        else:
            flash(_("已发起征集 %(number)s，各县（市、区）已收到填报任务。", number=instance.number))
            return redirect(url_for(".show", call_id=instance.data["call_id"]))
    page = render_template("nominations/new.html", fields=form.render(answers, errors, translate=say))
    return page, 422 if errors else 200


@blueprint.get("/<int:call_id>")
@access("nominations.read")
def show(call_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    call = queries.get_visible(session, actor, call_id)
    ranking = queries.ranking(session, actor, call_id)
    return render_template(
        "nominations/show.html",
        call=call,
        lists=queries.board(session, actor, call_id),
        ranking=ranking,
        listed=documents.listed(ranking),
        honours=queries.honour_names(session, call.honour_codes),
        kinds=KINDS,
        words_for=words_for,
        my_tasks=doable_tasks(session, actor, call.instance_id) if call.instance_id else [],
        may_export=_may_export(actor),
        late_now=queries.days_late(call, clock.today()),
    )


def _may_export(actor: Actor) -> bool:
    return actor.region_level != "county"


@blueprint.get("/<int:call_id>/list.<any(docx,xlsx):kind>")
@access("nominations.read")
def export(call_id: int, kind: str) -> Response:
    """The list to the province; a county has none of its own."""
    session, actor = db.session(), current_actor()
    call = queries.get_visible(session, actor, call_id)
    if not _may_export(actor):
        raise NotFound
    return list_response(session, actor, call, kind)


def list_response(session: Session, actor: Actor, call: NominationCall, kind: str) -> Response:
    """The list to the province as a file."""
    rows = documents.listed(queries.ranking(session, actor, call.id))
    name = f"{call.title}名单"
    if kind == "docx":
        return docx_response(name, paper_bytes(documents.paper(session, call, rows, clock.today())))
    return xlsx_response(name, documents.HEADER, documents.cells(rows))
