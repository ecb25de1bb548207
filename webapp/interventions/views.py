"""The page of an administrator on one case: where it stands, and what may be done about it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms import FieldError
from forms.pages.interventions import CancelForm, InterventionForm, MoveForm, RepeatForm, RetryNowForm, SkipForm
from webapp import clock
from webapp.access import access, current_actor
from webapp.database import db
from webapp.definitions.library import get_published
from webapp.instances.models import Instance, Submission
from webapp.instances.queries import get_visible, open_incidents
from webapp.instances.running import case_of
from webapp.interventions import correcting, operations
from webapp.interventions.intervening import Wish
from webapp.interventions.queries import Options, options_of
from webapp.language.speaking import say
from webapp.problems import Conflict, Invalid, invalid
from webapp.tasks.answers import form_for
from webapp.tasks.posting import read_post
from webapp.typed_json import read_object

blueprint = Blueprint(
    "interventions", __name__, url_prefix="/instances/<int:instance_id>/interventions", template_folder="templates"
)
_FORMS: dict[str, type[InterventionForm]] = {
    "move": MoveForm,
    "skip": SkipForm,
    "repeat": RepeatForm,
    "retry": RetryNowForm,
    "cancel": CancelForm,
}
Act = Callable[[Wish, Any], Instance]


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@access("instances.intervene")
def index(instance_id: int) -> ResponseReturnValue:
    return _page(instance_id)


def _page(instance_id: int, typed: InterventionForm | None = None) -> str:
    """The page with every form; the one that was sent keeps what was typed."""
    session = db.session()
    instance, options = options_of(session, current_actor(), clock.now(), instance_id)
    forms = {name: _fresh(kind, name, instance) for name, kind in _FORMS.items()}
    forms |= {name: typed for name, kind in _FORMS.items() if type(typed) is kind and typed is not None}
    _offer(forms, options)
    incidents = open_incidents(session, instance_id)
    return render_template(
        "interventions/index.html", instance=instance, options=options, forms=forms, incidents=incidents
    )


def _fresh(kind: type[InterventionForm], name: str, instance: Instance) -> InterventionForm:
    return kind(prefix=f"{name}-", data={"version": instance.version})


def _offer(forms: dict[str, Any], options: Options) -> None:
    forms["move"].offer(options.moves)
    forms["skip"].offer(options.skips, options.outcomes)
    forms["repeat"].offer(options.repeats)


@blueprint.post("/<any(move,skip,repeat,retry,cancel):verb>")
@access("instances.intervene")
def intervene(instance_id: int, verb: str) -> ResponseReturnValue:
    session = db.session()
    form: Any = _FORMS[verb](request.form, prefix=f"{verb}-")
    _offer_nothing(form)
    if form.validate():
        try:
            instance = _ACTS[verb](Wish(instance_id, form.version.data, form.reason.data), form)
        except (Invalid, Conflict) as problem:
            session.rollback()
            form.take(problem.errors, problem.detail)
            form.version.process_data(get_visible(session, current_actor(), instance_id).version)
        else:
            flash(_("%(number)s：已办理。", number=instance.number))
            return redirect(url_for("instances.show", instance_id=instance_id))
    return _page(instance_id, form), 422


def _offer_nothing(form: Any) -> None:
    """What was chosen is judged by the operation, by what holds now."""
    for field in form:
        if field.type == "SelectField":
            field.choices = []


def _move(wish: Wish, form: Any) -> Instance:
    token, element = _place(form.place.data)
    return operations.move(db.session(), current_actor(), clock.now(), wish, token, element, _json(form.data_text))


def _repeat(wish: Wish, form: Any) -> Instance:
    token, element = _place(form.place.data)
    return operations.repeat(db.session(), current_actor(), clock.now(), wish, token, element)


def _skip(wish: Wish, form: Any) -> Instance:
    outcome = form.outcome.data or None
    data = _json(form.data_text)
    return operations.pass_on(db.session(), current_actor(), clock.now(), wish, form.token.data, outcome, data)


def _retry(wish: Wish, form: Any) -> Instance:
    return operations.retry(db.session(), current_actor(), clock.now(), wish, _json(form.data_text))


def _cancel(wish: Wish, _form: Any) -> Instance:
    return operations.cancel(db.session(), current_actor(), clock.now(), wish)


_ACTS: dict[str, Act] = {"move": _move, "repeat": _repeat, "skip": _skip, "retry": _retry, "cancel": _cancel}


def _place(chosen: str) -> tuple[str, str]:
    token, mark, element = (chosen or "").partition("|")
    if not mark:
        raise invalid("place", "unknown", _("请选择环节。"))
    return token, element


def _json(field: Any) -> dict[str, Any]:
    """Variables that an administrator corrected."""
    example = '{"county_region": "430681"}'
    return read_object(
        field.data or "", "data_text", _("更正的变量须为 JSON 对象，例如 %(example)s。", example=example)
    )


@blueprint.get("/data/<uuid:task_id>")
@access("instances.intervene")
def correct(instance_id: int, task_id: UUID) -> ResponseReturnValue:
    """The answers of a step in its form, to be set right."""
    instance = get_visible(db.session(), current_actor(), instance_id)
    submission = correcting.get_submission(db.session(), instance_id, task_id)
    return _correcting(instance, submission, _asking(instance), submission.answers)


@blueprint.post("/data/<uuid:task_id>")
@access("instances.intervene")
def save_correction(instance_id: int, task_id: UUID) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), clock.now()
    instance = get_visible(session, actor, instance_id)
    submission = correcting.get_submission(session, instance_id, task_id)
    asked, settings = _asking(instance), current_app.extensions["settings"]
    original = correcting.original_task(session, submission)
    posted = read_post(session, settings, actor, now, original, request.form, request.files)
    errors = posted.errors
    if not posted.is_row_action and asked.validate() and not errors:
        try:
            wish = Wish(instance_id, asked.version.data, asked.reason.data)
            correcting.correct(session, actor, now, wish, task_id, posted.data)
        except (Invalid, Conflict) as problem:
            session.rollback()
            errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
            asked.take([e for e in problem.errors if e.path in asked], problem.detail)
        else:
            flash(_("已更正，原来的内容保留在记录里。"))
            return redirect(url_for("instances.show", instance_id=instance_id))
    return _correcting(instance, submission, asked, posted.data, errors), 422


def _asking(instance: Instance) -> InterventionForm:
    return InterventionForm(request.form, prefix="intervention-", data={"version": instance.version})


def _correcting(
    instance: Instance,
    submission: Submission,
    asked: InterventionForm,
    answers: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
) -> str:
    session, actor, now = db.session(), current_actor(), clock.now()
    published = get_published(session, instance.process_version_id)
    form = form_for(case_of(session, actor, now, instance), published, instance.process, submission.element)
    return render_template(
        "interventions/correct.html",
        instance=instance,
        fields=form.render(answers, errors, translate=say) if form else "",
        asked=asked,
        name=published.name_of(submission.element),
    )
