"""Take a whole process out as one ZIP, and bring one in as a draft."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.trials import ImportArchiveForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.definitions.checking import check_parts
from webapp.designer.beginning import import_package
from webapp.designer.queries import get_draft, get_version
from webapp.problems import Invalid
from webapp.trials.archive import MOST_ARCHIVE, Package, read_archive, write_archive
from webapp.trials.views import blueprint


@blueprint.get("/<process>/archive.zip")
@access("designs.read")
def export(process: str) -> ResponseReturnValue:
    """The draft, or with ``?version=`` a version."""
    session, number = db.session(), request.args.get("version", type=int)
    source = get_draft(session, process) if number is None else get_version(session, process, number)
    package = Package(process, source.name, source.bpmn, source.forms, source.tables, source.cases)
    about = {"version": number, "exported_at": clock.real_now().astimezone(SHANGHAI).isoformat(timespec="seconds")}
    data = write_archive(package, about)
    record(session, current_actor(), "process.export", subject=f"process:{process}", after={"version": number})
    name = f"{process}-{'draft' if number is None else f'v{number}'}.zip"
    return Response(data, mimetype="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.route("/archives/import", methods=["GET", "POST"])
@access("designs.edit")
def import_archive() -> ResponseReturnValue:
    """Bring a process in as a draft; its problems are named by the check, nothing of it runs before it is published."""
    form = ImportArchiveForm(request.form)
    if request.method == "GET":
        return render_template("trials/import.html", form=form)
    file = request.files.get("file")
    if file is None or not file.filename:
        form.validate()
        form.file.errors = [_("请选择流程包（ZIP）。")]
        return render_template("trials/import.html", form=form), 422
    if not form.validate():
        return render_template("trials/import.html", form=form), 422
    session, actor, now = db.session(), current_actor(), clock.now()
    try:
        package = read_archive(file.read(MOST_ARCHIVE + 1))
        draft = import_package(session, actor, now, (form.key.data or "").strip() or package.process, package)
    except Invalid as problem:
        session.rollback()
        for error in problem.errors:
            field = form.key if error.path == "process" else form.file
            field.errors = [*field.errors, error.message]
        return render_template("trials/import.html", form=form), 422
    found = check_parts(draft.process, draft.bpmn, draft.forms, draft.tables)["problems"]
    errors = sum(problem["severity"] == "error" for problem in found)
    flash(
        _("已导入为草稿：表单 %(forms)s 份，测试用例 %(cases)s 个；检查发现 %(errors)s 个错误。",
          forms=len(package.forms), cases=len(package.cases), errors=errors),
        "warning" if errors else "success",
    )  # fmt: skip
    return redirect(url_for("designer.editor", process=draft.process))
