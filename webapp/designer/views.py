"""The folder of processes and the editor of one draft."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.designer import ImportProcessForm, NewProcessForm
from webapp import clock, navigation
from webapp.access import access, current_actor, may
from webapp.database import db
from webapp.designer import beginning, operations, queries
from webapp.designer.rules import MOST_BYTES, is_held
from webapp.problems import Invalid
from webapp.requests import with_style_attributes

blueprint = Blueprint("designer", __name__, url_prefix="/designer", template_folder="templates")


def install(app: Flask) -> None:
    from webapp.designer import draft_views, publishing_views  # noqa: F401, PLC0415 (they add their routes)

    app.register_blueprint(blueprint)
    navigation.add(app, "流程", "designer.index", "designs.read", 60, icon="sitemap")


@blueprint.get("")
@access("designs.read")
def index() -> ResponseReturnValue:
    return _index(NewProcessForm(), ImportProcessForm())


def _index(new: NewProcessForm, imported: ImportProcessForm) -> str:
    now = clock.now()
    rows = [(row, is_held(row.editor_id, row.seen_at, now)) for row in queries.list_processes(db.session())]
    may_edit = may(current_actor(), "designs.edit")
    return render_template("designer/index.html", rows=rows, new=new, imported=imported, may_edit=may_edit)


@blueprint.post("/new")
@access("designs.edit")
def create() -> ResponseReturnValue:
    form = NewProcessForm(request.form)
    if not form.validate():
        return _index(form, ImportProcessForm()), 422
    try:
        draft = beginning.begin_process(
            db.session(), current_actor(), clock.now(), form.key.data.strip(), form.title.data.strip()
        )
    except Invalid as problem:
        db.session.rollback()
        form.key.errors = [error.message for error in problem.errors]
        return _index(form, ImportProcessForm()), 422
    return redirect(url_for(".editor", process=draft.process))


@blueprint.post("/import")
@access("designs.edit")
def import_file() -> ResponseReturnValue:
    form = ImportProcessForm(request.form)
    file = request.files.get("file")
    if not form.validate() or file is None or not file.filename:
        form.file_missing = file is None or not file.filename
        return _index(NewProcessForm(), form), 422
    try:
        draft = beginning.import_diagram(
            db.session(), current_actor(), clock.now(), form.key.data.strip(), file.read(MOST_BYTES + 1)
        )
    except Invalid as problem:
        db.session.rollback()
        form.key.errors = [error.message for error in problem.errors]
        return _index(NewProcessForm(), form), 422
    return redirect(url_for(".editor", process=draft.process))


@blueprint.post("/<process>/open")
@access("designs.edit")
def open_draft(process: str) -> ResponseReturnValue:
    draft = operations.open_draft(db.session(), current_actor(), clock.now(), process)
    return redirect(url_for(".editor", process=draft.process))


@blueprint.get("/<process>")
@access("designs.read")
def editor(process: str) -> ResponseReturnValue:
    """The draft in the editor; what it shows is fetched, so that a reload never loses what was saved."""
    draft = queries.get_draft(db.session(), process)
    page = render_template("designer/editor.html", draft=draft, may_edit=may(current_actor(), "designs.edit"))
    return page, with_style_attributes()


@blueprint.post("/<process>/discard")
@access("designs.edit")
def discard(process: str) -> ResponseReturnValue:
    revision = request.form.get("revision", type=int) or 0
    operations.discard(db.session(), current_actor(), clock.now(), process, revision=revision)
    flash(_("已放弃草稿。已发布的版本没有变化。"))
    return redirect(url_for(".index"))
