"""The pages beside a list: filters that are kept, and how a person likes to work."""

from flask import Blueprint, Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.inbox import saved, together
from webapp.inbox.rules import TABS, ListState
from webapp.language.speaking import say, worded
from webapp.tasks.bulk import RowResult, claim_many

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


@blueprint.route("/bulk", methods=["GET"], endpoint="bulk")
@blueprint.route("/bulk/check", methods=["GET"], endpoint="bulk_check")
@access("tasks.work")
def reopen() -> ResponseReturnValue:
    """Somebody reloads the address that rows were sent to: the list that they were ticked in."""
    return redirect(url_for("tasks.index", **list_of_request().arguments))


@blueprint.post("/bulk/check")
@access("tasks.work")
def check() -> ResponseReturnValue:
    """Say of each ticked row whether it may be decided together with the others; or take them all."""
    session, actor, now = db.session(), current_actor(), clock.now()
    rows, state = together.ticked_rows(request.form), list_of_request()
    if not rows:
        flash(_("请先在列表里勾选任务。"), "warning")
        return redirect(url_for("tasks.index", **state.arguments))
    if request.form.get("act") == "claim":
        results = claim_many(actor, now, [id_ for id_, _version in rows])
        return _results(_("批量领取"), results, [], together.Choice([], [], []))
    return _check_page(together.choose(session, actor, now, rows))


def _check_page(choice: together.Choice) -> ResponseReturnValue:
    state, status = list_of_request(), 422 if any(error.message for error in choice.errors) else 200
    fields = choice.form.render(choice.data, choice.errors, translate=say) if choice.form else None
    return render_template("inbox/check.html", choice=choice, fields=fields, state=state), status


@blueprint.post("/bulk")
@access("tasks.work")
def decide() -> ResponseReturnValue:
    """Decide the eligible rows with one set of answers; a script sends them in small parts and shows the progress."""
    session, actor, now = db.session(), current_actor(), clock.now()
    by_itself = request.accept_mimetypes.best == "application/json"
    rows = together.ticked_rows(request.form)
    choice = together.read_answers(together.choose(session, actor, now, rows), request.form, now)
    if choice.errors:
        return (jsonify(errors=len(choice.errors)), 422) if by_itself else _check_page(choice)
    good = {one.id for one in choice.eligible}
    refused = [RowResult(one.id, "failed", [one.reason or ""]) for one in choice.refused]
    done, rest = together.decide(actor, now, [row for row in rows if row[0] in good], choice.data)
    results = [*done, *refused]
    if by_itself:
        return jsonify(items=worded([result.as_json() for result in results], "reasons"), rest=len(rest))
    return _results(choice.step, results, rest, choice)


def _results(title: str, results: list[RowResult], rest: together.Rows, choice: together.Choice) -> str:
    names = together.names_of(db.session(), [result.id for result in results])
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "task"}]
    return render_template(
        "inbox/results.html",
        title=title,
        results=results,
        names=names,
        rest=rest,
        later=choice.later,
        typed=typed,
        state=list_of_request(),
    )
