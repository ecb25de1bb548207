"""The pages of an import: upload, report of the dry run, a person's yes, progress, result."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.imports import UploadForm
from forms.pages.registry import NewUnitForm
from webapp import navigation
from webapp.access import access, current_actor
from webapp.database import db
from webapp.exports import xlsx_response
from webapp.imports import runs, single
from webapp.imports.headers import COLUMNS, REQUIRED
from webapp.imports.operations import KINDS
from webapp.problems import Invalid, NotFound
from webapp.registry.views import list_places

blueprint = Blueprint("imports", __name__, template_folder="templates", url_prefix="/imports")
_SHOWN = 200


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.place_below(app, "imports", "registry.units")


@blueprint.route("", methods=["GET", "POST"])
@access("registry.import")
def index() -> ResponseReturnValue:
    form = UploadForm(request.form, kind=request.args.get("kind", "units"))
    form.offer(list(KINDS.items()))
    if request.method == "POST" and form.validate():
        upload = request.files.get("file")
        name, content = (upload.filename or "", upload.read()) if upload else ("", b"")
        try:
            run_id = runs.start_run(db.session(), current_actor(), form.kind.data, name, content)
        except Invalid as problem:
            for error in problem.errors:
                form[error.path].errors = [*form[error.path].errors, error.message]
        else:
            return redirect(url_for("imports.run", run_id=run_id))
    page = render_template(
        "imports/index.html",
        form=form,
        runs=runs.list_runs(db.session(), current_actor()),
        kinds=KINDS,
        columns=COLUMNS,
        required=REQUIRED,
    )
    return page, 422 if form.errors else 200


@blueprint.route("/unit", methods=["GET", "POST"])
@access("registry.import")
def unit() -> ResponseReturnValue:
    """One unit, typed in."""
    actor = current_actor()
    form = NewUnitForm(request.form)
    form.offer(list_places(db.session(), actor))
    if request.method == "POST" and form.validate():
        values = {name: value or "" for name, value in form.data.items()}
        values["city_direct"] = "是" if form.jurisdiction.data == actor.region_code else "否"
        try:
            unit_id, remarks = single.add_unit(db.session(), actor, values)
        except Invalid as problem:
            for error in problem.errors:
                field = form[error.path if error.path in form else "jurisdiction"]
                field.errors = [*field.errors, error.message]
        else:
            for remark in remarks:
                flash(remark, "warning")
            flash(_("已登记。"))
            return redirect(url_for("registry.unit", unit_id=unit_id))
    return render_template("imports/unit.html", form=form), 422 if form.errors else 200


@blueprint.get("/template/<kind>")
@access("registry.import")
def template(kind: str) -> ResponseReturnValue:
    if kind not in COLUMNS:
        raise NotFound
    header = [names[0] for names in COLUMNS[kind].values()]
    return xlsx_response(_("导入模板-%(kind)s", kind=KINDS[kind]), header, [])


@blueprint.get("/<int:run_id>")
@access("registry.import")
def run(run_id: int) -> ResponseReturnValue:
    found = runs.get_run(db.session(), current_actor(), run_id)
    items = sorted(_items(found.report), key=_urgency)
    page = make_response(
        render_template(
            "imports/run.html", run=found, report=found.report, items=items[:_SHOWN], total=len(items), kinds=KINDS
        )
    )
    if found.status in {"checking", "importing"}:
        page.headers["Refresh"] = "2"
    return page


def _items(report: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The rows about which there is something to say."""
    return [item for item in report["items"] if item["reasons"]] if report else []


def _urgency(item: dict[str, Any]) -> tuple[int, int]:
    return ["refused", "flagged", "accepted"].index(item["status"]), item["row"]


@blueprint.get("/<int:run_id>/report")
@access("registry.import")
def report(run_id: int) -> Response:
    found = runs.get_run(db.session(), current_actor(), run_id)
    words = {"accepted": _("接受"), "flagged": _("提醒"), "refused": _("拒绝")}
    rows = [
        (item["row"], words[item["status"]], reason["field"], reason["code"], reason["message"])
        for item in (found.report["items"] if found.report else [])
        for reason in item["reasons"] or [{"field": None, "code": None, "message": None}]
    ]
    return xlsx_response(_("导入报告"), [_("行"), _("结果"), _("列"), _("代码"), _("说明")], rows)


@blueprint.post("/<int:run_id>/confirm")
@access("registry.import")
def confirm(run_id: int) -> ResponseReturnValue:
    runs.confirm_run(db.session(), current_actor(), run_id)
    return redirect(url_for("imports.run", run_id=run_id))


@blueprint.post("/<int:run_id>/discard")
@access("registry.import")
def discard(run_id: int) -> ResponseReturnValue:
    runs.discard_run(db.session(), current_actor(), run_id)
    flash(_("已放弃，没有导入。"))
    return redirect(url_for("imports.index"))
