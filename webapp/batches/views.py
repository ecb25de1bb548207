"""Pages of batches: list, open and change, one batch with its stages, one step decided for ticked cases."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms import CompiledForm, FieldError
from webapp import clock, navigation
from webapp.access import Actor, access, current_actor, may, require
from webapp.batches import operations, queries, together
from webapp.batches.forms import batch_form
from webapp.batches.models import Batch
from webapp.database import db
from webapp.exports import xlsx_response
from webapp.language.speaking import say
from webapp.paging import page_numbers
from webapp.problems import Invalid, NotFound
from webapp.quotas.rules import LINES

blueprint = Blueprint("batches", __name__, url_prefix="/batches", template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "批次", "batches.index", "batches.read", 30, icon="calendar")


@blueprint.get("")
@access("batches.read")
def index() -> ResponseReturnValue:
    actor = current_actor()
    if request.args.get("format") == "xlsx":
        rows = queries.list_batches(db.session(), actor, 1, queries.MOST_EXPORTED).items
        return xlsx_response("批次", queries.EXPORT_HEADER, [queries.export_row(row) for row in rows])
    page, per_page = page_numbers(request.args)
    found = queries.list_batches(db.session(), actor, page, per_page)
    return render_template(
        "batches/index.html",
        found=found,
        may_open=may(actor, "batches.edit"),
        today=clock.today(),
        is_open_on=queries.is_open_on,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access("batches.edit")
def create() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    form = batch_form(session, actor)

    def save(answers: dict[str, Any]) -> Batch:
        return operations.open_batch(session, actor, clock.now(), answers)

    start = {"notice_days": 5, "consultation_days": 10, "sampling_percent": 20}
    return _edit(form, save, start, title=_("开启批次"), back=url_for(".index"))


@blueprint.route("/<int:batch_id>/edit", methods=["GET", "POST"])
@access("batches.edit")
def edit(batch_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    batch = queries.get_editable(session, actor, batch_id)
    form = batch_form(session, actor)

    def save(answers: dict[str, Any]) -> Batch:
        return operations.change_batch(session, actor, batch_id, answers)

    start = operations.answers_of(session, batch)
    return _edit(form, save, start, title=_("修改批次"), back=url_for(".show", batch_id=batch_id))


def _edit(form: CompiledForm, save: Any, start: dict[str, Any], *, title: str, back: str) -> ResponseReturnValue:
    data, errors, status = start, [], 200
    if request.method == "POST":
        data = form.from_html(request.form)
        if not form.is_row_action(request.form):
            checked = form.validate(data, today=clock.today())
            errors, status = checked.errors, 422
            if not errors:
                try:
                    batch = save(checked.answers)
                except Invalid as problem:
                    db.session.rollback()
                    errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
                else:
                    flash(_("已保存批次“%(title)s”。", title=batch.title))
                    return redirect(url_for(".show", batch_id=batch.id))
    fields = form.render(data, errors, translate=say)
    return render_template("batches/edit.html", title=title, fields=fields, back=back), status


@blueprint.get("/<int:batch_id>")
@access("batches.read")
def show(batch_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    batch = queries.get_visible(session, actor, batch_id)
    return render_template(
        "batches/show.html",
        batch=batch,
        settings=_settings(session, actor, batch),
        stages=queries.stages(session, actor, batch_id),
        together=together.STEPS,
        outcomes=queries.outcomes(session, actor, batch_id),
        quotas=queries.quotas(session, batch),
        lines=LINES,
        documents=[] if actor.is_unit else queries.documents(session, batch_id),
        editable=queries.is_editable(actor, batch),
        is_open=queries.is_open_on(batch, clock.today()),
    )


def _settings(session: Any, actor: Actor, batch: Batch) -> list[Any]:
    answers = operations.answers_of(session, batch)
    shown = batch_form(session, actor).display(answers, translate=say)
    return [part for part in shown if part.path != "quotas"]  # they have a table of their own


@blueprint.post("/<int:batch_id>/<any(close,reopen):act>")
@access("batches.edit")
def switch(batch_id: int, act: str) -> ResponseReturnValue:
    change = operations.close_batch if act == "close" else operations.reopen_batch
    batch = change(db.session(), current_actor(), batch_id)
    flash(_("批次“%(title)s”已结束受理。", title=batch.title) if act == "close" else _("批次已重新开放。"))
    return redirect(url_for(".show", batch_id=batch_id))


@blueprint.route("/<int:batch_id>/steps/<element>", methods=["GET", "POST"])
@access("tasks.work")
def decide_together(batch_id: int, element: str) -> ResponseReturnValue:
    """One document for all ticked cases of one step."""
    session, actor = db.session(), current_actor()
    require(actor, "batches.read")
    batch = queries.get_visible(session, actor, batch_id)
    step = together.STEPS.get(element)
    if step is None:
        raise NotFound
    rows = queries.my_tasks(session, actor, batch_id, element, together.MOST)
    form = together.form_of(session, actor, clock.now(), rows)
    data: dict[str, Any] = {}
    errors: list[FieldError] = []
    ticked = {str(row.id) for row in rows} if request.method == "GET" else set(request.form.getlist("tick"))
    if request.method == "POST" and form is not None:
        data = form.from_html(request.form)
        checked = form.validate(data, today=clock.today())
        errors = list(checked.errors)
        if not errors and ticked:
            results = together.decide(actor, clock.now(), _ticked_rows(request.form), checked.answers)
            return render_template("batches/results.html", batch=batch, step=step, results=results, element=element)
    fields = form.render(data, errors, translate=say) if form else None
    page = render_template(
        "batches/together.html",
        batch=batch,
        step=step,
        rows=rows,
        ticked=ticked,
        fields=fields,
        now=clock.now(),
        nothing_ticked=request.method == "POST" and not ticked,
    )
    return page, 422 if request.method == "POST" else 200


def _ticked_rows(posted: Any) -> list[tuple[UUID, int]]:
    """Ticked task ids with the lock versions that the page showed."""
    found = []
    for text in posted.getlist("tick"):
        version = posted.get(f"version-{text}", "")
        try:
            found.append((UUID(text), int(version)))
        except ValueError:
            continue
    return found
