"""The administration pages: how the installation is, and its clock. Administrators act, auditors read."""

from importlib import import_module

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.administration import ClockForm
from webapp import clock, navigation
from webapp.access import access, current_actor
from webapp.administration import clock_operations, health
from webapp.administration.durations import parse_duration, parse_instant
from webapp.clock import ClockRefusedError
from webapp.database import db
from webapp.deadlines.current import missing_year
from webapp.problems import BadRequest

blueprint = Blueprint("administration", __name__, url_prefix="/administration", template_folder="templates")
PARTS = ("incident_views", "definition_views", "job_views", "audit_views")


def install(app: Flask) -> None:
    for part in PARTS:
        import_module(f"webapp.administration.{part}")
    app.register_blueprint(blueprint)
    navigation.add(app, "管理", "administration.index", "administration.read", 90, icon="settings")


@blueprint.context_processor
def offers() -> dict[str, bool | int | None]:
    return {"has_users": "users.index" in current_app.view_functions, "missing_year": missing_year(clock.today())}


@blueprint.get("")
@access("administration.read")
def index() -> ResponseReturnValue:
    return render_template("administration/index.html", health=health.examine(db.session(), clock.now()))


@blueprint.get("/clock")
@access("administration.read")
def show_clock() -> ResponseReturnValue:
    return _clock_page(ClockForm())


@blueprint.post("/clock")
@access("clock.set")
def move_clock() -> ResponseReturnValue:
    form = ClockForm(request.form)
    if not form.validate() or not _move(form, request.form.get("act", "")):
        return _clock_page(form), 422
    flash(_("业务时钟已调整，全系统几秒内生效；到期的事项一分钟内处理。"))
    return redirect(url_for("administration.show_clock"))


def _move(form: ClockForm, act: str) -> bool:
    """Do what was asked; what cannot be done is said at its field."""
    session, actor = db.session(), current_actor()
    field = {"set": form.instant, "advance": form.duration, "reset": form.instant}.get(act)
    if field is None:
        raise BadRequest(_("请选择要对时钟做什么。"))
    try:
        if act == "set":
            clock_operations.set_clock(session, actor, parse_instant(field.data or ""))
        elif act == "advance":
            clock_operations.advance_clock(session, actor, parse_duration(field.data or ""))
        else:
            clock_operations.reset_clock(session, actor)
    except (ClockRefusedError, ValueError, OverflowError) as error:
        field.errors = [*field.errors, str(error)]
        return False
    return True


def _clock_page(form: ClockForm) -> str:
    return render_template(
        "administration/clock.html",
        form=form,
        now=clock.now(),
        real=clock.real_now(),
        offset=clock.offset(),
        is_settable=current_app.extensions["settings"].demo,
    )
