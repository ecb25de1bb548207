"""The pages of cases (办件): the list, one case with everything about it, its printed form, and interventions."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms import CompiledForm, FieldError
from forms.pages.cases import CaseFilterForm, ReasonForm, RetryForm
from webapp import clock, navigation
from webapp.access import Actor, access, current_actor, may
from webapp.acts.copying import read_copies
from webapp.acts.pages import case_menu
from webapp.acts.queries import read_marks
from webapp.database import db
from webapp.deadlines.ledger import open_deadlines, read_clock
from webapp.definitions.library import find_current
from webapp.exports import MAX_ROWS, xlsx_response
from webapp.instances import interventions, operations, queries
from webapp.instances.models import Instance
from webapp.instances.pages import CaseView, actions_on, offices_on_form, view_case
from webapp.instances.pictures import picture_of
from webapp.instances.processes import startable
from webapp.instances.running import STATUS_WORDS
from webapp.instances.waiting import waiting_names
from webapp.language.speaking import say
from webapp.migration.queries import list_versions
from webapp.notices.queries import documents_of
from webapp.paging import page_numbers
from webapp.problems import Conflict, Forbidden, Invalid
from webapp.tasks.answers import start_form_for
from webapp.tasks.queries import doable_tasks
from webapp.typed_json import read_object

blueprint = Blueprint("instances", __name__, template_folder="templates")
_PER_PAGE = 50
DECLARATION = "declaration"
_FILTERS = ("q", "status", "process", "batch")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "办件", "instances.index", "instances.read", 20, icon="list-details")


@blueprint.get("/instances")
@access("instances.read")
def index() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    page, _ignored = page_numbers(request.args)
    found = queries.list_instances(session, actor, _filters(), page, _PER_PAGE)
    waiting = waiting_names(session, [row.Instance.id for row in found.items])
    return render_template(
        "instances/index.html", form=_filter_form(session, actor), found=found, waiting=waiting, filters=_filters()
    )


def _filters() -> dict[str, str]:
    typed = {name: request.args.get(name, "").replace("\x00", "").strip()[:100] for name in _FILTERS}
    return {name: value for name, value in typed.items() if value}


def _filter_form(session: Session, actor: Actor) -> CaseFilterForm:
    form = CaseFilterForm(request.args)
    batches = [(str(id_), title) for id_, title in queries.list_batches(session, actor)]
    form.offer([(key, _(word)) for key, word in STATUS_WORDS.items()], queries.list_processes(session), batches)
    return form


@blueprint.get("/instances/export")
@access("instances.read")
def export() -> Response:
    session, actor = db.session(), current_actor()
    rows = session.execute(queries.instance_query(actor, _filters()).limit(MAX_ROWS)).all()
    waiting = waiting_names(session, [row.Instance.id for row in rows])
    header = [
        _("编号"),
        _("单位"),
        _("荣誉"),
        _("地区"),
        _("批次"),
        _("状态"),
        _("结果"),
        _("正在等待"),
        _("发起"),
        _("办结"),
    ]
    return xlsx_response(_("办件"), header, (_cells(row, waiting) for row in rows))


def _cells(row: Any, waiting: dict[int, str]) -> list[Any]:
    case = row.Instance
    words = [STATUS_WORDS[case.status], case.outcome_name, waiting.get(case.id)]
    return [case.number, row.unit, row.honour, row.region, row.batch, *words, case.started_at, case.ended_at]


@blueprint.route("/declare", methods=["GET", "POST"])
@access("instances.start")
def declare() -> ResponseReturnValue:
    """Start a declaration and go straight on to its first form."""
    session, actor, now = db.session(), current_actor(), clock.now()
    published = find_current(session, DECLARATION)
    if published is None or DECLARATION not in startable(actor):
        raise Forbidden(_("申报由申报单位的文明专干或负责人发起。您可以在“办件”里查看已有的申报。"))
    form = start_form_for(session, actor, now, published)
    answers: dict[str, Any] = {"batch": request.args.get("batch", "")}
    errors: list[FieldError] = []
    if request.method == "POST" and form is not None:
        answers = form.from_html(request.form)
        try:
            return _begin(session, actor, answers)
        except Invalid as problem:
            session.rollback()
            errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
    page = render_template(
        "instances/declare.html",
        fields=form.render(answers, errors, translate=say) if form else "",
        is_open=_has_choices(form),
    )
    return page, 422 if errors else 200


def _has_choices(form: CompiledForm | None) -> bool:
    """Whether everything that must be chosen to begin is on offer."""
    components = [component for top in form.components for component in top.walk()] if form else []
    return all(component.choices for component in components if component.choices_from)


def _begin(session: Session, actor: Actor, answers: dict[str, Any]) -> ResponseReturnValue:
    instance = operations.start_instance(session, actor, clock.now(), DECLARATION, answers)
    session.flush()
    first = doable_tasks(session, actor, instance.id)
    flash(_("已建立办件 %(number)s，请填写申报材料。可以随时保存草稿，下次接着填。", number=instance.number))
    if first:
        return redirect(url_for("tasks.show", task_id=first[0]))
    return redirect(url_for("instances.show", instance_id=instance.id))


@blueprint.get("/instances/<int:instance_id>")
@access("instances.read")
def show(instance_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    instance = queries.get_visible(session, actor, instance_id)
    return render_template("instances/show.html", retry_form=RetryForm(), **_case_page(session, actor, instance))


def _case_page(session: Session, actor: Actor, instance: Instance) -> dict[str, Any]:
    view = view_case(session, actor, clock.now(), instance)
    my_tasks = doable_tasks(session, actor, instance.id)
    return {
        "view": view,
        **_acts_on(session, actor, view, my_tasks),
        "svg": picture_of(session, view.published, instance, view.states),
        "documents": documents_of(session, instance.id),
        "incidents": queries.open_incidents(session, instance.id) if may(actor, "administration.read") else [],
        "versions": list_versions(session, instance.process) if may(actor, "migrations.read") else [],
        "actions": actions_on(actor, instance),
        "my_tasks": my_tasks,
        "elapsed": read_clock(session, clock.now(), view.published, instance, view.tasks),
        "deadlines": open_deadlines(session, actor, view.published, instance),
    }


def _acts_on(session: Session, actor: Actor, view: CaseView, mine: Sequence[UUID]) -> dict[str, Any]:
    """What acts have left at the case, and which the person may do from its page."""
    instance = view.instance
    marks = read_marks(session, actor, clock.now(), instance)
    if marks.has_unread_copy:
        read_copies(session, actor, clock.now(), instance.id)
    others = [task.id for task in view.tasks if task.status == "open" and task.id not in mine]
    is_running = instance.status == "running"
    return {
        "marks": marks,
        "case_acts": case_menu(actor, instance, marks),
        "told_at": view.tasks[-1].id if view.tasks else None,
        "nudged_at": others[0] if others and is_running else None,
    }


@blueprint.get("/instances/<int:instance_id>/print")
@access("instances.read")
def print_form(instance_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    instance = queries.get_visible(session, actor, instance_id)
    view = view_case(session, actor, clock.now(), instance)
    if view.file.declared is None:
        raise Conflict(_("申报材料还没有提交，暂时没有可以打印的申报表。请先填写申报材料。"))
    return render_template("instances/print.html", view=view, offices=offices_on_form(instance), printed_at=clock.now())


@blueprint.route("/instances/<int:instance_id>/withdraw", methods=["GET", "POST"])
@access("instances.withdraw")
def withdraw(instance_id: int) -> ResponseReturnValue:
    return _with_reason(instance_id, "withdraw", operations.withdraw)


@blueprint.route("/instances/<int:instance_id>/suspend", methods=["GET", "POST"])
@access("instances.suspend")
def suspend(instance_id: int) -> ResponseReturnValue:
    return _with_reason(instance_id, "suspend", interventions.suspend)


@blueprint.route("/instances/<int:instance_id>/resume", methods=["GET", "POST"])
@access("instances.suspend")
def resume(instance_id: int) -> ResponseReturnValue:
    return _with_reason(instance_id, "resume", interventions.resume)


def _with_reason(instance_id: int, verb: str, act: Callable[..., Instance]) -> ResponseReturnValue:
    """Ask once more and for a reason; then act."""
    session, actor = db.session(), current_actor()
    form = ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        instance = act(session, actor, clock.now(), instance_id, form.reason.data)
        flash(_("%(number)s：%(status)s。", **_state(instance)))
        return redirect(url_for("instances.show", instance_id=instance_id))
    instance = queries.get_visible(session, actor, instance_id)
    if verb not in actions_on(actor, instance):
        raise Conflict(_("办件 %(number)s %(status)s，目前不能进行这项操作。", **_state(instance)))
    page = render_template("instances/reason.html", instance=instance, verb=verb, form=form)
    return page, 422 if form.errors else 200


def _state(instance: Instance) -> dict[str, str]:
    return {"number": instance.number, "status": _(STATUS_WORDS[instance.status])}


@blueprint.post("/instances/<int:instance_id>/retry")
@access("instances.repair")
def retry(instance_id: int) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    queries.get_visible(session, actor, instance_id)
    example = '{"county_region": "430681"}'
    refusal = _("更正的变量须为 JSON 对象，例如 %(example)s。请返回修改。", example=example)
    corrections = read_object(request.form.get("data", ""), "data", refusal)
    interventions.retry_incident(session, actor, clock.now(), instance_id, corrections)
    if queries.open_incidents(session, instance_id):
        flash(_("已重试，但故障仍在。请查看原因，更正之后再试。"), "warning")
    else:
        flash(_("已重试，故障解除，办件继续办理。"))
    return redirect(url_for("instances.show", instance_id=instance_id))
