"""The page of a dry run: what stands open with its form, the clock, the way so far, the diagram."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from forms.pages.trials import BeginTrialForm, SaveCaseForm
from webapp import clock
from webapp.access import access, current_actor, may
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.designer import queries
from webapp.designer.models import ProcessDraft
from webapp.problems import NotFound, Problem
from webapp.trials import operations
from webapp.trials.limited import TrialError
from webapp.trials.models import Trial
from webapp.trials.posting import read_look, read_step
from webapp.trials.rules import MESSAGES, VARIANTS, label_of

blueprint = Blueprint("trials", __name__, url_prefix="/designer", template_folder="templates")


def install(app: Flask) -> None:
    from webapp.trials import archive_views, case_views  # noqa: F401, PLC0415 (they add their routes)

    app.register_blueprint(blueprint)


@blueprint.get("/<process>/trial")
@access("designs.try")
def show(process: str) -> ResponseReturnValue:
    """The dry run in progress; another version that is asked for begins another."""
    trial, wanted = _own(process), request.args.get("version")
    if trial is None or wanted not in {None, str(trial.version or "draft")}:
        return _begin_page(process, BeginTrialForm(version=wanted))
    return _page(trial)


def _own(process: str) -> Trial | None:
    mine = (Trial.user_id == current_actor().user_id, Trial.process == process)
    return db.session().scalar(select(Trial).where(*mine))


def _choices(process: str) -> list[tuple[str, str]]:
    draft = db.session().scalar(select(ProcessDraft.id).where(ProcessDraft.process == process))
    rows = queries.list_versions(db.session(), process)
    found = [("draft", _("草稿"))] if draft else []
    return found + [(str(row.version), f"v{row.version}" + (_("（现行）") if row.is_current else "")) for row in rows]


def _begin_page(process: str, form: BeginTrialForm, problem: str | None = None) -> ResponseReturnValue:
    form.version.choices = _choices(process)
    if not form.version.choices:
        raise NotFound
    page = render_template("trials/begin.html", process=process, form=form, problem=problem)
    return page, 422 if problem or form.errors else 200


@blueprint.post("/<process>/trial/begin")
@access("designs.try")
def begin(process: str) -> ResponseReturnValue:
    form = BeginTrialForm(request.form)
    form.version.choices = _choices(process)
    if not form.validate():
        return _begin_page(process, form)
    now = clock.now()
    day = form.begins_on.data or now.astimezone(SHANGHAI).date()
    try:
        operations.begin(
            db.session(),
            current_actor(),
            now,
            process,
            version=None if form.version.data == "draft" else int(form.version.data),
            begins_at=datetime.combine(day, time(9), SHANGHAI),
        )
    except TrialError as error:
        db.session.rollback()
        return _begin_page(process, form, str(error))
    return redirect(url_for(".show", process=process))


@blueprint.post("/<process>/trial/step")
@access("designs.try")
def step(process: str) -> ResponseReturnValue:
    return _act(process, lambda s, a, n: operations.do_step(s, a, n, process, read_step()), "step")


@blueprint.post("/<process>/trial/back")
@access("designs.try")
def back(process: str) -> ResponseReturnValue:
    to = request.form.get("to", type=int) or 0
    return _act(process, lambda s, a, n: operations.go_back(s, a, n, process, to), "step")


@blueprint.post("/<process>/trial/look")
@access("designs.try")
def look(process: str) -> ResponseReturnValue:
    wanted = read_look() | {"example": request.form.get("trial:example") == "y"}
    return _act(process, lambda s, a, n: operations.look(s, a, n, process, wanted), "step")


def _act(process: str, act: Callable[..., Trial], anchor: str) -> ResponseReturnValue:
    """Do something to the dry run; what it came to is shown by the page, refusals above it."""
    try:
        trial = act(db.session(), current_actor(), clock.now())
    except TrialError as error:
        db.session.rollback()
        trial = operations.lock_trial(db.session(), current_actor(), process)
        return _page(trial, str(error)), 422
    except Problem as problem:
        db.session.rollback()
        found = _own(process)
        if found is None:
            raise
        return _page(found, problem.detail), problem.status
    if trial.seen.get("problem"):
        return _page(trial), 422
    return redirect(url_for(".show", process=process, _anchor=anchor))


@blueprint.post("/<process>/trial/stop")
@access("designs.try")
def stop(process: str) -> ResponseReturnValue:
    operations.stop(db.session(), current_actor(), process)
    flash(_("试运行已结束，没有留下任何办件。"))
    return redirect(url_for(".show", process=process))


def _page(trial: Trial, problem: str | None = None) -> str:
    session = db.session()
    draft = session.scalar(select(ProcessDraft).where(ProcessDraft.process == trial.process))
    view = trial.seen["view"]
    fields, refused = _fields(view), trial.seen.get("problem") or {}
    return render_template(
        "trials/show.html",
        trial=trial,
        view=view,
        svg=Markup(view["svg"]),  # noqa: S704 (escaped by draw)
        fields=fields,
        steps=_steps(trial),
        messages=MESSAGES,
        variants=VARIANTS,
        filled={name: value for name, value in view.get("data", {}).items() if value not in ("", None, [])},
        problem=problem or (None if fields and refused.get("errors") else refused.get("message")),  # else beside them
        is_stale=trial.version is None and draft is not None and draft.revision != trial.seen_revision,
        draft=draft,
        save=_save_form(trial, draft) if draft is not None and may(current_actor(), "designs.edit") else None,
    )


def _fields(view: dict[str, Any]) -> Markup | None:
    """The form of the step at hand; the documents' own renderer has escaped it."""
    part = view.get("task") or view.get("start")
    return Markup(part["fields"]) if part and part["fields"] else None  # noqa: S704


def _steps(trial: Trial) -> list[dict[str, Any]]:
    """The steps with what each came to; a step that cannot be made any more has no record."""
    names = {item["element"]: item["name"] for item in trial.seen["view"].get("names", [])}
    records = trial.seen.get("records", [])
    return [
        {
            "label": label_of(names.get(one.get("element"), one.get("element") or ""), one),
            "record": records[place] if place < len(records) else None,
            "way": [names.get(key) or key for key in records[place]["way"]] if place < len(records) else [],
        }
        for place, one in enumerate(trial.steps)
    ]


def _save_form(trial: Trial, draft: ProcessDraft) -> SaveCaseForm:
    form = SaveCaseForm()
    known = [(key, case["name"]) for key, case in draft.cases.items()]
    form.key.choices = [("", _("新的测试用例"))] + [(key, _("替换：%(name)s", name=name)) for key, name in known]
    if trial.case_key in draft.cases:
        form.key.data, form.name.data = trial.case_key, draft.cases[trial.case_key]["name"]
    return form
