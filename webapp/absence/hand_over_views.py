"""交接: the page with what a person who leaves has and who takes over, and the page with what became of it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.absence import HandOverForm, SuccessorForm
from webapp import clock
from webapp.absence import handing_over, inventory, queries
from webapp.absence.handing_over import Plan
from webapp.absence.views import blueprint, choice_of
from webapp.access import Actor, access, current_actor
from webapp.accounts.models import ROLES
from webapp.database import db
from webapp.paging import page_numbers
from webapp.problems import Forbidden, Invalid

_PER_PAGE = 50


@blueprint.get("/hand-overs")
@access("hand_over.act")
def hand_overs() -> ResponseReturnValue:
    """The colleagues from whom a leader hands over; others are found among the accounts."""
    session, actor = db.session(), current_actor()
    colleagues = queries.list_colleagues(session, actor) if handing_over.leads(actor) else []
    return render_template("absence/hand_overs.html", colleagues=colleagues)


@blueprint.route("/users/<int:user_id>/hand-over", methods=["GET", "POST"])
@access("hand_over.act")
def hand_over(user_id: int) -> ResponseReturnValue:
    """What a person has, and who takes it over."""
    session, actor = db.session(), current_actor()
    leaver = handing_over.get_leaver(session, actor, user_id)
    people = [(str(row.id), choice_of(row)) for row in queries.possible_deputies(session, leaver)]
    form = HandOverForm(request.form if request.method == "POST" else None, data={"disables": True})
    form.offer(people)
    others = _other_successors(user_id, people)
    if request.method == "POST" and form.validate() and all(one.validate() for one in others.values()):
        try:
            row = handing_over.start_hand_over(session, actor, clock.now(), user_id, _plan(form, others))
        except (Invalid, Forbidden) as problem:
            session.rollback()
            _show(form, others, problem)
        else:
            flash(_("交接已开始，由系统逐件办理。"))
            return redirect(url_for(".hand_over_done", number=row.id))
    return _page(leaver, form, others)


def _other_successors(user_id: int, people: list[tuple[str, str]]) -> dict[str, SuccessorForm]:
    """A choice for each process in which the person has tasks that go to somebody."""
    found = {}
    for row in inventory.list_processes(db.session(), user_id):
        form = SuccessorForm(request.form, prefix=f"process-{row.process}-")
        form.offer(f"{row.name}（{row.number}）", people)
        found[row.process] = form
    return found


def _plan(form: HandOverForm, others: dict[str, SuccessorForm]) -> Plan:
    return Plan(
        to=int(form.to.data),
        successors={process: int(one.to.data) for process, one in others.items() if one.to.data},
        reason=form.reason.data or "",
        gives_roles=form.gives_roles.data,
        disables=form.disables.data,
    )


def _show(form: HandOverForm, others: dict[str, SuccessorForm], problem: Invalid | Forbidden) -> None:
    fields = {"to": form.to, "disables": form.disables, "reason": form.reason, "roles": form.gives_roles}
    fields |= {f"process-{name}": one.to for name, one in others.items()}
    for error in problem.errors:
        field = fields.get(error.path, form.to)
        field.errors = [*field.errors, error.message]
    if not problem.errors:
        form.gives_roles.errors = [*form.gives_roles.errors, problem.detail]


def _page(leaver: Actor, form: HandOverForm, others: dict[str, SuccessorForm]) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    page, _ignored = page_numbers(request.args)
    counts = inventory.count_tasks(session, leaver.user_id)
    found = render_template(
        "absence/hand_over.html",
        leaver=leaver,
        form=form,
        others=others,
        counts=counts,
        tasks=inventory.list_tasks(session, leaver.user_id, page, _PER_PAGE),
        rest=inventory.list_others(session, leaver.user_id, now),
        earlier=queries.hand_overs_of(session, leaver.user_id),
        page=page,
        per_page=_PER_PAGE,
        total=sum(counts.values()),
        kinds=inventory.KINDS,
        how=inventory.HOW,
        roles=ROLES,
    )
    return found, 422 if form.errors or any(one.errors for one in others.values()) else 200


@blueprint.get("/hand-overs/<int:number>")
@access("hand_over.act")
def hand_over_done(number: int) -> ResponseReturnValue:
    """The list before, with what became of each thing."""
    session, actor = db.session(), current_actor()
    row = queries.get_hand_over(session, number)
    handing_over.get_leaver(session, actor, row.HandOver.from_id)
    page, _ignored = page_numbers(request.args)
    status = request.args.get("status", "")
    counts = handing_over.count_results(session, number)
    return render_template(
        "absence/handed_over.html",
        row=row,
        counts=counts,
        waiting=counts.get("waiting", 0),
        total=sum(counts.values()),
        status=status if status in inventory.STATUSES else "",
        items=queries.list_items(session, number, status, page, _PER_PAGE),
        kinds=inventory.KINDS,
        how=inventory.HOW,
        statuses=inventory.STATUSES,
        roles=ROLES,
    )
