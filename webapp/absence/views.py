"""我的代理: the page where a person names deputies, and the same for those whose accounts somebody looks after."""

from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.absence import AbsenceFilterForm, DeputyForm
from webapp import clock
from webapp.absence import operations, queries
from webapp.absence.operations import Wish, span_of
from webapp.access import Actor, access, current_actor, may
from webapp.database import db
from webapp.paging import page_numbers
from webapp.problems import Conflict, Invalid, Problem
from webapp.templating import role_names

blueprint = Blueprint("absence", __name__, template_folder="templates")
_PER_PAGE = 20
_FIELDS = {"to": "to", "from": "first", "until": "last", "processes": "processes", "reason": "reason"}


def install(app: Flask) -> None:
    import_module("webapp.absence.hand_over_views")
    app.register_blueprint(blueprint)


@blueprint.route("/deputies", methods=["GET", "POST"], defaults={"user_id": None})
@blueprint.route("/deputies/of/<int:user_id>", methods=["GET", "POST"])
@access("tasks.work")
def deputies(user_id: int | None) -> ResponseReturnValue:
    """A person's deputies, now and before; name another."""
    session, actor = db.session(), current_actor()
    absent = operations.whose(session, actor, user_id)
    form = DeputyForm(request.form, data={"first": clock.now().astimezone(clock.SHANGHAI).date()})
    people = [(str(row.id), choice_of(row)) for row in queries.possible_deputies(session, absent)]
    form.offer(people, queries.list_processes(session))
    if request.method == "POST" and form.validate():
        try:
            row = operations.name_deputy(session, actor, clock.now(), absent.user_id, _wish(form))
        except (Invalid, Conflict) as problem:
            session.rollback()
            _show(form, problem)
        else:
            flash(_("已指定%(name)s为代理人。", name=dict(people).get(str(row.deputy_id), "")))
            return redirect(_address(actor, absent))
    return _page(actor, absent, form)


def choice_of(row: Any) -> str:
    """How a person is offered."""
    return f"{row.name}（{row.organisation}，{role_names(frozenset(row.roles)) or _('没有角色')}）"


def _wish(form: DeputyForm) -> Wish:
    return Wish(int(form.to.data), *span_of(form.first.data, form.last.data), form.processes.data, form.reason.data)


def _show(form: DeputyForm, problem: Problem) -> None:
    for error in problem.errors:
        field = form[_FIELDS.get(error.path, "to")]
        field.errors = [*field.errors, error.message]
    if not problem.errors:
        form.to.errors = [*form.to.errors, problem.detail]


def _address(actor: Actor, absent: Actor) -> str:
    return url_for(".deputies", user_id=None if absent.user_id == actor.user_id else absent.user_id)


def _page(actor: Actor, absent: Actor, form: DeputyForm) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    page, _ignored = page_numbers(request.args)
    found = render_template(
        "absence/deputies.html",
        form=form,
        absent=absent,
        is_own=absent.user_id == actor.user_id,
        address=_address(actor, absent),
        named=queries.named_by(session, absent.user_id, now),
        entrusted=queries.entrusted_to(session, absent.user_id, now),
        past=queries.past_of(session, absent.user_id, now, page, _PER_PAGE),
        processes=dict(queries.list_processes(session)),
        now=now,
        looks_after=may(actor, "users.manage"),
    )
    return found, 422 if form.errors else 200


@blueprint.post("/deputies/<int:deputy_id>/end")
@access("tasks.work")
def end(deputy_id: int) -> ResponseReturnValue:
    """End a deputy before the time."""
    actor = current_actor()
    row = operations.end_deputy(db.session(), actor, clock.now(), deputy_id)
    flash(_("代理已结束，未办的任务回到本人。"))
    return redirect(url_for(".deputies", user_id=None if row.principal_id == actor.user_id else row.principal_id))


@blueprint.get("/deputies/people")
@access("users.manage")
def people() -> ResponseReturnValue:
    """Who is away now or soon among those whom an office looks after."""
    form = AbsenceFilterForm(request.args)
    page, _ignored = page_numbers(request.args)
    words = (form.q.data or "").replace("\x00", "").strip()[:100]
    session, actor, now = db.session(), current_actor(), clock.now()
    found = queries.all_current(session, actor, now, words, page, 50)
    names = dict(queries.list_processes(session))
    return render_template("absence/people.html", form=form, found=found, processes=names, now=now)
