"""The pages beside a list: filters that are kept, and how a person likes to work."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.inbox import saved
from webapp.inbox.rules import TABS, ListState

blueprint = Blueprint("inbox", __name__, template_folder="templates", url_prefix="/tasks")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


def list_of_request() -> ListState:
    """The list that a page was opened from."""
    return ListState.parse(request.form.get("list") or request.args.get("list", ""))


@blueprint.get("/habits")
@access("tasks.work")
def habits() -> ResponseReturnValue:
    filters, habit = saved.list_saved(db.session(), current_actor())
    return render_template("inbox/habits.html", filters=filters, habit=habit, state=list_of_request(), tabs=TABS)


@blueprint.post("/habits")
@access("tasks.work")
def change_habits() -> ResponseReturnValue:
    wanted = {name: request.form.get(name) == "1" for name in ("opens_next", "uses_keys")}
    saved.set_habit(db.session(), current_actor(), **wanted)
    flash(_("设置已保存。"))
    return redirect(url_for(".habits", list=request.form.get("list") or None))


@blueprint.post("/filters")
@access("tasks.work")
def save() -> ResponseReturnValue:
    state = list_of_request()
    name, form = request.form.get("name", ""), request.form
    wants = {"shared": bool(form.get("shared")), "start": bool(form.get("start"))}
    saved.save_filter(db.session(), current_actor(), clock.now(), name, state, **wants)
    flash(_("筛选“%(name)s”已保存。", name=name.strip()))
    return redirect(url_for("tasks.index", **state.arguments))


@blueprint.post("/filters/<int:filter_id>/delete")
@access("tasks.work")
def delete(filter_id: int) -> ResponseReturnValue:
    saved.delete_filter(db.session(), current_actor(), filter_id)
    flash(_("筛选已删除。"))
    return redirect(url_for(".habits", list=request.form.get("list") or None))


@blueprint.post("/filters/<int:filter_id>/start")
@access("tasks.work")
def start(filter_id: int) -> ResponseReturnValue:
    """Let a filter open first; 0 for the plain list."""
    saved.start_with(db.session(), current_actor(), filter_id or None)
    flash(_("起始页已更改：登录后先打开它。"))
    return redirect(url_for(".habits", list=request.form.get("list") or None))


@blueprint.post("/bulk/check")
@access("tasks.work")
def check() -> ResponseReturnValue:
    """Say of each ticked row whether it may be decided together with the others."""
    return redirect(url_for("tasks.index"))
