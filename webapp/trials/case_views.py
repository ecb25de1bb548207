"""The test cases of a draft: run them, see what of the diagram they pass, change them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from forms.pages.trials import CaseForm
from webapp import clock
from webapp.access import Actor, access, current_actor, may
from webapp.database import db
from webapp.designer.models import ProcessDraft
from webapp.designer.queries import get_draft
from webapp.problems import NotFound, Problem
from webapp.trials import operations
from webapp.trials.cases import MOST_BYTES
from webapp.trials.limited import TrialError
from webapp.trials.rules import is_stuck
from webapp.trials.views import blueprint


@blueprint.get("/<process>/cases")
@access("designs.read")
def list_cases(process: str) -> ResponseReturnValue:
    return _page(get_draft(db.session(), process))


def _page(draft: ProcessDraft, problem: str | None = None) -> str:
    ran: dict[str, Any] = draft.case_results or {}
    results: dict[str, Any] = ran.get("results", {})
    return render_template(
        "trials/cases.html",
        draft=draft,
        cases=sorted(draft.cases.items(), key=lambda item: item[1]["name"]),
        results=results,
        ran_at=datetime.fromisoformat(ran["at"]) if ran else None,
        stuck=[key for key, result in results.items() if key in draft.cases and is_stuck(draft.cases[key], result)],
        is_stale=bool(ran) and ran["revision"] != draft.revision,
        coverage=ran.get("coverage"),
        names=ran.get("names", {}),
        svg=Markup(ran["svg"]) if ran else None,  # noqa: S704 (escaped by draw)
        problem=problem,
        may_edit=may(current_actor(), "designs.edit"),
        may_try=may(current_actor(), "designs.try"),
    )


@blueprint.post("/<process>/cases/run")
@access("designs.try")
def run_cases(process: str) -> ResponseReturnValue:
    return _act(process, lambda s, a, n: operations.run_cases(s, a, n, process))


def _act(process: str, act: Callable[..., Any], words: str | None = None) -> ResponseReturnValue:
    """Do something to the cases; a refusal is said above the list, and nothing is lost."""
    try:
        act(db.session(), current_actor(), clock.now())
    except TrialError as error:
        db.session.rollback()
        return _page(get_draft(db.session(), process), str(error)), 422
    except NotFound:
        raise
    except Problem as problem:
        db.session.rollback()
        return _page(get_draft(db.session(), process), problem.detail), problem.status
    if words:
        flash(words)
    return redirect(url_for(".list_cases", process=process))


@blueprint.post("/<process>/cases/save")
@access("designs.edit")
def save_case(process: str) -> ResponseReturnValue:
    name, key = request.form.get("name", ""), request.form.get("key") or None
    return _act(
        process,
        lambda s, a, n: operations.save_case(s, a, n, process, key, name),
        _("已保存测试用例。"),
    )


@blueprint.post("/<process>/cases/<key>/accept")
@access("designs.edit")
def accept_results(process: str, key: str) -> ResponseReturnValue:
    words = _("已把上次运行的结果作为预期。")
    return _act(process, lambda s, a, n: operations.accept_results(s, a, n, process, key), words)


@blueprint.post("/<process>/cases/accept")
@access("designs.edit")
def accept_all_results(process: str) -> ResponseReturnValue:
    words = _("已把上次运行的结果作为预期。")
    return _act(process, lambda s, a, n: operations.accept_results(s, a, n, process, None), words)


@blueprint.post("/<process>/cases/renew")
@access("designs.edit")
def renew_cases(process: str) -> ResponseReturnValue:
    """Bring stuck cases up to the draft; says which could not be."""

    def act(session: Session, actor: Actor, now: datetime) -> None:
        count, left = operations.renew_cases(session, actor, now, process)
        if count:
            flash(_("%(count)s 个用例已走完新环节并记下结果，请核对。", count=count))
        if left:
            names = "、".join(left)
            flash(
                _("补不上的：%(names)s。请在试运行中打开，从走不通的一步起重新办理，或删除。", names=names), "warning"
            )

    return _act(process, act)


@blueprint.post("/<process>/cases/<key>/remove")
@access("designs.edit")
def remove_case(process: str, key: str) -> ResponseReturnValue:
    return _act(
        process,
        lambda s, a, n: operations.remove_case(s, a, n, process, key),
        _("已删除测试用例。"),
    )


@blueprint.post("/<process>/cases/<key>/open")
@access("designs.try")
def open_case(process: str, key: str) -> ResponseReturnValue:
    answer = _act(process, lambda s, a, n: operations.open_case(s, a, n, process, key))
    return answer if isinstance(answer, tuple) else redirect(url_for(".show", process=process))


@blueprint.route("/<process>/cases/<key>", methods=["GET", "POST"])
@access("designs.edit")
def edit_case(process: str, key: str) -> ResponseReturnValue:
    """A case as text, for those who want to change an expectation by hand."""
    draft = get_draft(db.session(), process)
    if key not in draft.cases:
        raise NotFound
    form = CaseForm(request.form)
    if request.method == "GET":
        form.text.data = json.dumps(draft.cases[key], ensure_ascii=False, indent=2)
        return _edit_page(draft, key, form)
    if not form.validate():
        return _edit_page(draft, key, form), 422
    try:
        operations.put_case(db.session(), current_actor(), clock.now(), process, key, _read(form.text.data))
    except Problem as problem:
        db.session.rollback()
        form.text.errors = [problem.detail]
        return _edit_page(get_draft(db.session(), process), key, form), problem.status
    flash(_("已保存测试用例。"))
    return redirect(url_for(".list_cases", process=process))


def _edit_page(draft: ProcessDraft, key: str, form: CaseForm) -> str:
    return render_template("trials/edit.html", draft=draft, key=key, case=draft.cases[key], form=form)


def _read(text: str) -> Any:
    """The text as JSON; anything else is refused by the check of the case."""
    try:
        return json.loads(text) if len(text) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return None
