"""The pages of migrations: the list, choosing cases, the report with its mapping, progress and what became of them."""

from typing import Any

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.migration import ChooseCasesForm, MigrationReasonForm
from webapp import clock, navigation
from webapp.access import access, current_actor, may
from webapp.database import db
from webapp.definitions.library import get_published
from webapp.instances.queries import list_batches
from webapp.migration import operations, queries
from webapp.migration.models import WORKING, CaseMigration
from webapp.migration.rules import OUTCOMES, STATUSES, VERDICTS
from webapp.paging import page_numbers
from webapp.problems import Invalid, NotFound
from webapp.registry.views import list_places

blueprint = Blueprint("migration", __name__, url_prefix="/migrations", template_folder="templates")
_MAP = "map."
_WHICH = ("safe", "mapping", "impossible", "moved", "refused", "kept", "undone")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.place_below(app, "migration", "designer.index")


@blueprint.get("")
@access("migrations.read")
def index() -> ResponseReturnValue:
    session = db.session()
    page, _ignored = page_numbers(request.args)
    return render_template(
        "migration/index.html",
        found=queries.list_migrations(session, request.args.get("process"), page),
        processes=queries.list_processes(session),
        statuses=STATUSES,
        may_manage=may(current_actor(), "migrations.manage"),
    )


@blueprint.route("/new/<process>", methods=["GET", "POST"])
@access("migrations.manage")
def new(process: str) -> ResponseReturnValue:
    """Choose cases; what was chosen is examined at once, or by a worker where it is much."""
    session = db.session()
    versions = queries.list_versions(session, process)
    if not versions:
        raise NotFound(_("没有这个流程。"))
    form = _choosing(versions)
    if request.method == "POST" and form.validate():
        try:
            made = operations.propose(
                session,
                current_actor(),
                clock.now(),
                process,
                (int(form.from_version.data), int(form.to_version.data)),
                _selection(form),
            )
        except Invalid as problem:
            session.rollback()
            form.take(problem.errors)
        else:
            return redirect(url_for(".show", migration_id=made.id))
    page = render_template("migration/new.html", form=form, process=process, versions=versions)
    return page, 422 if form.errors or form.form_errors else 200


def _choosing(versions: Any) -> ChooseCasesForm:
    session, actor = db.session(), current_actor()
    behind = next((v.version for v in versions if not v.is_current and v.running), None)
    current = next((v.version for v in versions if v.is_current), None)
    usual = {"from_version": behind, "to_version": current} | request.args.to_dict()
    form = ChooseCasesForm(request.form, data={key: str(value or "") for key, value in usual.items()})
    form.offer(
        [(str(v.version), _("v%(number)s（在办 %(count)s 件）", number=v.version, count=v.running)) for v in versions],
        [
            (str(v.version), _("v%(number)s（现行）", number=v.version) if v.is_current else f"v{v.version}")
            for v in versions
        ],
        queries.stops_of(session, [v.id for v in versions if v.running]),
        list_places(session, actor),
        [(str(key), title) for key, title in list_batches(session, actor)],
    )
    return form


def _selection(form: ChooseCasesForm) -> dict[str, Any]:
    batch = form.batch.data or ""
    chosen = {name: (form[name].data or "").strip() for name in ("step", "region", "numbers")}
    return chosen | {"batch": int(batch) if batch.isascii() and batch.isdecimal() and len(batch) < 9 else None}


@blueprint.get("/<int:migration_id>")
@access("migrations.read")
def show(migration_id: int) -> ResponseReturnValue:
    migration = queries.get_migration(db.session(), migration_id)
    answer = make_response(_page(migration, MigrationReasonForm()))
    if migration.status in WORKING:
        answer.headers["Refresh"] = "2"
    return answer


def _page(migration: CaseMigration, form: MigrationReasonForm) -> str:
    session, actor = db.session(), current_actor()
    old, new_ = (get_published(session, key) for key in (migration.from_version_id, migration.to_version_id))
    which = request.args.get("which", "")
    which = which if which in _WHICH else ""
    page, _ignored = page_numbers(request.args)
    mapped = queries.mapping_of(old, new_, migration.mapping)
    return render_template(
        "migration/show.html",
        migration=migration,
        old=old,
        new=new_,
        counts=queries.counts_of(session, migration.id),
        chosen=queries.chosen_in(session, migration),
        reasons=queries.reasons_of(session, migration.id),
        mapped=mapped,
        items=queries.list_items(session, actor, migration.id, which, page),
        which=which,
        form=form,
        words={"status": STATUSES, "verdict": VERDICTS, "outcome": OUTCOMES},
        may_manage=may(actor, "migrations.manage"),
    )


@blueprint.post("/<int:migration_id>/map")
@access("migrations.manage")
def map_(migration_id: int) -> ResponseReturnValue:
    """Say what corresponds to what, and look again."""
    given = {key.removeprefix(_MAP): value for key, value in request.form.items() if key.startswith(_MAP)}
    try:
        operations.map_steps(db.session(), current_actor(), clock.now(), migration_id, given)
    except Invalid as problem:
        db.session.rollback()
        form = MigrationReasonForm()
        form.form_errors.extend(error.message for error in problem.errors)
        return _page(queries.get_migration(db.session(), migration_id), form), 422
    flash(_("已保存对应关系，并重新检查了办件。"))
    return redirect(url_for(".show", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/start")
@access("migrations.manage")
def start(migration_id: int) -> ResponseReturnValue:
    form = MigrationReasonForm(request.form)
    session = db.session()
    if form.validate():
        try:
            operations.start(session, current_actor(), clock.now(), migration_id, form.reason.data)
        except Invalid as problem:
            session.rollback()
            form.form_errors.extend(error.message for error in problem.errors)
        else:
            flash(_("已开始迁移，由后台逐件进行。"))
            return redirect(url_for(".show", migration_id=migration_id))
    return _page(queries.get_migration(session, migration_id), form), 422


@blueprint.post("/<int:migration_id>/check")
@access("migrations.manage")
def check(migration_id: int) -> ResponseReturnValue:
    operations.look_again(db.session(), current_actor(), clock.now(), migration_id)
    flash(_("已重新检查未迁移的办件。"))
    return redirect(url_for(".show", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/suspend")
@access("migrations.manage")
def suspend(migration_id: int) -> ResponseReturnValue:
    operations.suspend(db.session(), current_actor(), migration_id)
    flash(_("已暂停。已经迁移的办件照常办理，随时可以继续。"))
    return redirect(url_for(".show", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/resume")
@access("migrations.manage")
def resume(migration_id: int) -> ResponseReturnValue:
    operations.resume(db.session(), current_actor(), migration_id)
    flash(_("已继续迁移。"))
    return redirect(url_for(".show", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/cancel")
@access("migrations.manage")
def cancel(migration_id: int) -> ResponseReturnValue:
    operations.cancel(db.session(), current_actor(), clock.now(), migration_id)
    flash(_("已取消。没有迁移的办件留在原版本。"))
    return redirect(url_for(".show", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/undo")
@access("migrations.manage")
def undo(migration_id: int) -> ResponseReturnValue:
    operations.undo(db.session(), current_actor(), migration_id)
    flash(_("正在迁回：迁移之后还没有新办理的办件，回到原版本。"))
    return redirect(url_for(".show", migration_id=migration_id))
