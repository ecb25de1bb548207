"""The pages of deadlines: more time for a task, and the calendar that everything is counted by."""

from importlib import import_module
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.deadlines import ExtendForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.deadlines import current
from webapp.deadlines.calendar import end_of
from webapp.deadlines.extending import extend
from webapp.deadlines.recomputing import in_words
from webapp.deadlines.rules import days_left_text
from webapp.problems import Conflict, Forbidden, Invalid
from webapp.tasks.reading import OpenedTask, open_task

blueprint = Blueprint("deadlines", __name__, template_folder="templates")


def install(app: Flask) -> None:
    current.install(app)
    import_module("webapp.deadlines.calendar_views")
    app.register_blueprint(blueprint)


@blueprint.get("/tasks/<uuid:task_id>/extend")
@access("tasks.extend")
def extend_task(task_id: UUID) -> ResponseReturnValue:
    return _extend_page(_extendable(task_id), ExtendForm())


@blueprint.post("/tasks/<uuid:task_id>/extend")
@access("tasks.extend")
def give_time(task_id: UUID) -> ResponseReturnValue:
    """Give a task more time."""
    session, form, opened = db.session(), ExtendForm(request.form), _extendable(task_id)
    if not form.validate():
        return _extend_page(opened, form)
    version = request.form.get("version", "")
    try:
        due_at = extend(
            session,
            current_actor(),
            clock.now(),
            task_id,
            int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1,
            form.reason.data,
            until=end_of(form.until.data) if form.until.data else None,
            working_days=form.working_days.data,
        )
    except Invalid as problem:
        session.rollback()
        for error in problem.errors:
            field = form[error.path if error.path in form else "until"]
            field.errors = [*field.errors, error.message]
        return _extend_page(_extendable(task_id), form)
    flash(_("%(name)s：期限已延至 %(at)s。", name=opened.task.name, at=in_words(due_at)))
    return redirect(url_for("instances.show", instance_id=opened.instance.id))


def _extendable(task_id: UUID) -> OpenedTask:
    opened = open_task(db.session(), current_actor(), clock.now(), task_id)
    if "extend" in opened.actions:
        return opened
    if opened.task.status != "open" or opened.instance.status != "running":
        raise Conflict(_("这项任务现在不在办理中，不能延长期限。"))
    if opened.task.element in opened.published.timed:
        raise Conflict(_("这个环节到期后按流程图自动转入下一环节，不能单独延期。"))
    raise Forbidden(_("只有本级或上级文明办的市级、省级审核人员和负责人可以延长办理期限。"))


def _extend_page(opened: OpenedTask, form: ExtendForm) -> ResponseReturnValue:
    page = render_template(
        "deadlines/extend.html",
        task=opened.task,
        instance=opened.instance,
        form=form,
        days_left=days_left_text(opened.task.due_at, clock.now(), opened.task.due_region),
    )
    return page, 422 if form.errors else 200
