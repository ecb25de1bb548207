"""Public pages: notices with their units, objections, and the documents of a batch for offices."""

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue

from forms.pages.objection import ObjectionForm
from webapp import clock, navigation
from webapp.access import access, current_actor, public
from webapp.batches.queries import get_visible as get_visible_batch
from webapp.database import db
from webapp.exports import xlsx_response
from webapp.notices import operations, queries
from webapp.notices.limits import refuse_too_many
from webapp.paging import page_numbers
from webapp.problems import NotFound, Problem

blueprint = Blueprint("notices", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "公示", "notices.index", None, 50, icon="speakerphone")


@blueprint.get("/public")
@blueprint.get("/public/notices")
@public
def index() -> ResponseReturnValue:
    if request.args.get("format") == "xlsx":
        rows = queries.list_notices(db.session(), 1, queries.MOST_EXPORTED).items
        return xlsx_response("公示", queries.EXPORT_HEADER, [queries.export_row(row) for row in rows])
    page, per_page = page_numbers(request.args, 20)
    found = queries.list_notices(db.session(), page, per_page)
    return render_template("notices/index.html", found=found, now=clock.now())


@blueprint.get("/public/notices/<int:notice_id>")
@public
def show(notice_id: int) -> ResponseReturnValue:
    return _page(notice_id, ObjectionForm())


@blueprint.post("/public/notices/<int:notice_id>/objections")
@public
def raise_objection(notice_id: int) -> ResponseReturnValue:
    session, address = db.session(), request.remote_addr or ""
    form = ObjectionForm(request.form)
    form.instance.choices = _choices(notice_id)
    if not form.validate():
        return _page(notice_id, form), 422
    refuse_too_many(session, address)
    try:
        operations.raise_objection(session, clock.now(), notice_id, form.data, address)
    except Problem as problem:
        if problem.status not in {409, 422}:
            raise
        session.rollback()
        form.form_errors.append(problem.detail)
        return _page(notice_id, form), problem.status
    return render_template("notices/thanks.html", notice_id=notice_id)


def _page(notice_id: int, form: ObjectionForm) -> str:
    notice = queries.get_notice(db.session(), notice_id, clock.now())
    form.instance.choices = _choices(notice_id)
    return render_template("notices/show.html", notice=notice, form=form)


def _choices(notice_id: int) -> list[tuple[str, str]]:
    units = queries.cases_of(db.session(), notice_id)
    chosen = [(str(unit["instance"]), f"{unit['unit']}（{unit['honour']}）") for unit in units]
    return chosen if len(chosen) == 1 else [("", "请选择所反映的单位"), *chosen]


@blueprint.get("/documents/<int:document_id>")
@access("instances.read")
def document(document_id: int) -> ResponseReturnValue:
    """A notice, decision or report list for the offices that work on its batch."""
    session, actor = db.session(), current_actor()
    row = queries.find_document(session, document_id)
    if row is None or actor.is_unit:
        raise NotFound
    get_visible_batch(session, actor, row.Document.batch_id)
    cases = queries.cases_of(session, document_id)
    if request.args.get("format") == "xlsx":
        table = [[n, case["unit"], case["honour"], case["region"]] for n, case in enumerate(cases, start=1)]
        return xlsx_response(row.Document.number, ["序号", "单位", "荣誉", "地区"], table)
    return render_template("notices/document.html", row=row, cases=cases)
