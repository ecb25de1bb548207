"""The page where a person keeps phrases, and the list that the page of a task inserts from."""

from flask import Blueprint, Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.phrases import PhraseForm
from webapp.access import access, current_actor, may
from webapp.database import db
from webapp.phrases import operations
from webapp.phrases.queries import list_phrases
from webapp.problems import Invalid, Problem

blueprint = Blueprint("phrases", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/phrases")
@access("phrases.use")
def index() -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        found = list_phrases(db.session(), current_actor())
        return jsonify(items=[{"text": one.text, "shared": one.is_shared} for one in found])
    return _page(PhraseForm())


def _page(form: PhraseForm) -> ResponseReturnValue:
    found = list_phrases(db.session(), current_actor())
    may_share = may(current_actor(), "phrases.share")
    groups = [
        (_("我的"), [one for one in found if not one.is_shared], True),
        (_("本单位共用"), [one for one in found if one.is_shared], may_share),
    ]
    page = render_template("phrases/index.html", form=form, groups=groups, may_share=may_share)
    return page, 422 if form.errors else 200


@blueprint.post("/phrases")
@access("phrases.use")
def add() -> ResponseReturnValue:
    form = PhraseForm(request.form)
    if not form.validate():
        return _page(form)
    try:
        operations.add_phrase(db.session(), current_actor(), form.text.data, shared=form.shared.data)
    except Invalid as problem:
        db.session().rollback()
        form.text.errors = [error.message for error in problem.errors]
        return _page(form)
    flash(_("已保存。"))
    return redirect(url_for("phrases.index"))


@blueprint.post("/phrases/<int:phrase_id>/<any(change,raise,remove):verb>")
@access("phrases.use")
def act(phrase_id: int, verb: str) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    try:
        if verb == "change":
            operations.change_phrase(session, actor, phrase_id, request.form.get("text", ""))
            flash(_("已保存。"))
        elif verb == "raise":
            operations.raise_phrase(session, actor, phrase_id)
        else:
            operations.remove_phrase(session, actor, phrase_id)
            flash(_("已删除。"))
    except Problem as problem:
        if not problem.errors:
            raise
        session.rollback()
        flash(problem.errors[0].message, "danger")
    return redirect(url_for("phrases.index"))
