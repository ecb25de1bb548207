"""The inbox and the page of one task: what is asked, everything needed to decide it, and the decision."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms import FieldError
from webapp import clock, navigation
from webapp.access import Actor, access, current_actor
from webapp.acts.copying import read_copies
from webapp.audit.operations import record_refusal
from webapp.database import db
from webapp.inbox import lists
from webapp.inbox.neighbours import find_next, open_in_list
from webapp.inbox.page import describe_rows
from webapp.inbox.queries import rows_of
from webapp.inbox.rules import ListState
from webapp.inbox.saved import find_start, opens_next
from webapp.instances import queries as cases
from webapp.instances.processes import registered, startable
from webapp.instances.waiting import waiting_names
from webapp.language.speaking import worded_problem
from webapp.paging import Page
from webapp.problems import Conflict, Forbidden, Invalid, Problem
from webapp.tasks import operations, queries
from webapp.tasks.operations import Completion
from webapp.tasks.page import TaskPage, read_page
from webapp.tasks.posting import Posted, is_plain, read_post, reader_of

blueprint = Blueprint("tasks", __name__, template_folder="templates")
_ROOM_FOR_TEXT = 2 * 1024 * 1024


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "待办", "tasks.index", "tasks.work", 10, icon="inbox")


@blueprint.get("/")
@access("tasks.work")
def home() -> ResponseReturnValue:
    """The list that the person chose to open first, else the plain one."""
    state = find_start(db.session(), current_actor())
    return redirect(url_for("tasks.index", **(state.arguments if state else {})))


@blueprint.get("/tasks")
@access("tasks.work")
def index() -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    if actor.is_unit and not request.args:
        return _unit_start(session, actor)
    return lists.show_list(session, actor, clock.now())


def _unit_start(session: Session, actor: Actor) -> str:
    """The first page of somebody who logs in twice a year."""
    now = clock.now()
    asked = rows_of(session, actor, now, ListState(), 20)
    mine: Page = cases.list_instances(session, actor, {}, 1, 10)
    return render_template(
        "tasks/start.html",
        asked=describe_rows(session, actor, asked, "inbox", now),
        mine=mine,
        waiting=waiting_names(session, [row.Instance.id for row in mine.items]),
        batches=_open_batches(session, actor),
        may_start=bool(startable(actor)),
    )


def _open_batches(session: Session, actor: Actor) -> list[Any]:
    """What the actor may start something in today, as the processes offer it."""
    offers = [rules.start_choices.get("open_batches") for rules in registered() if rules.may_start(actor)]
    return [choice for offer in offers if offer for choice in offer(session, actor, clock.now())]


@blueprint.get("/tasks/export")
@access("tasks.work")
def export() -> Response:
    return lists.export_list(db.session(), current_actor(), clock.now())


@blueprint.get("/tasks/<uuid:task_id>")
@access("tasks.work")
def show(task_id: UUID) -> ResponseReturnValue:
    chosen = request.args.get("choose")
    session, actor, now = db.session(), current_actor(), clock.now()
    return _page(read_page(session, actor, now, task_id, chosen=chosen))


def _page(page: TaskPage, errors: int = 0) -> ResponseReturnValue:
    limit = current_app.extensions["settings"].attachment_limit
    state = ListState.parse(_list_text())
    most = (current_app.config["MAX_CONTENT_LENGTH"] or 0) - _ROOM_FOR_TEXT
    if page.marks.has_unread_copy:
        read_copies(db.session(), current_actor(), clock.now(), page.view.instance.id)
    place = open_in_list(db.session(), current_actor(), clock.now(), state, page.opened.row)
    answer = render_template(
        "tasks/show.html", page=page, view=page.view, state=state, place=place, limit=limit, most=most
    )
    return answer, 422 if errors else 200


def _list_text() -> str:
    return request.form.get("list") or request.args.get("list", "")


@blueprint.post("/tasks/<uuid:task_id>/complete")
@access("tasks.work")
def complete(task_id: UUID) -> ResponseReturnValue:
    session, actor, now = db.session(), current_actor(), clock.now()
    posted = None if is_plain(request.form, request.files) else _posted(session, actor, task_id)
    if posted and (posted.errors or posted.is_row_action):
        return _again(task_id, posted, posted.errors)
    answers = posted.data if posted else reader_of(request.form)
    try:
        completed = operations.complete_task(session, actor, now, task_id, answers, _version())
    except Invalid as problem:
        session.rollback()
        errors = [FieldError(e.path, e.code, e.message) for e in problem.errors]
        return _again(task_id, posted or _posted(session, actor, task_id), errors)
    except (Conflict, Forbidden) as problem:
        session.rollback()
        return _refused(task_id, posted or _posted(session, actor, task_id), problem)
    _say_done(completed)
    return redirect(url_for("tasks.go_on", done=task_id, case=completed.instance.id, list=_list_text() or None))


def _say_done(completed: Completion) -> None:
    """What was submitted, and what has become of it."""
    title, step, outcome = completed.instance.title, completed.step, completed.outcome
    words = f"{step}（{outcome}）" if outcome else step
    if completed.is_opinion:
        flash(_("%(title)s：%(words)s，意见已交回。", title=title, words=words))
    elif completed.is_held:
        flash(_("%(title)s：%(words)s，已提交；后加签的人同意之后才生效。", title=title, words=words))
    else:
        flash(_("%(title)s：%(words)s，已提交。", title=title, words=words))
    for remark in completed.remarks:
        flash(remark, "warning")


def _posted(session: Session, actor: Actor, task_id: UUID) -> Posted:
    settings = current_app.extensions["settings"]
    return read_post(session, settings, actor, clock.now(), task_id, request.form, request.files)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _again(task_id: UUID, posted: Posted, errors: list[FieldError]) -> ResponseReturnValue:
    """The same page with everything that was typed and uploaded."""
    session, actor, now = db.session(), current_actor(), clock.now()
    page = read_page(session, actor, now, task_id, posted.data, errors)
    if not page.may_decide:  # nobody corrects what is not theirs to hand in any more
        try:
            operations.check_doable(session, actor, now, task_id)
        except (Conflict, Forbidden) as problem:
            return _refused(task_id, posted, problem)
    return _page(page, len(errors))


def _refused(task_id: UUID, posted: Posted, problem: Problem) -> ResponseReturnValue:
    """Say what became of the task; what was typed is kept as a draft where the task is still the person's own."""
    session, actor = db.session(), current_actor()
    session.rollback()
    record_refusal(actor, "post tasks.complete", problem.detail, subject=f"task:{task_id}", address=request.remote_addr)
    is_kept = "current_version" in problem.extra and _keeps_draft(session, actor, task_id, posted)
    page = read_page(session, actor, clock.now(), task_id)
    shown = page.opened.form.display(posted.data) if page.opened.form else []
    state = ListState.parse(_list_text())
    return render_template(
        "tasks/conflict.html", page=page, problem=problem, shown=shown, is_kept=is_kept, state=state
    ), problem.status


def _keeps_draft(session: Session, actor: Actor, task_id: UUID, posted: Posted) -> bool:
    try:
        operations.save_draft(session, actor, clock.now(), task_id, posted.data)
    except Problem:
        session.rollback()
        return False
    session.commit()
    return True


@blueprint.get("/tasks/next")
@access("tasks.work")
def go_on() -> ResponseReturnValue:
    """After a decision: a unit goes on with its case, an office with the next task of its list."""
    session, actor, now = db.session(), current_actor(), clock.now()
    if actor.is_unit and (number := request.args.get("case", type=int)):
        own = queries.doable_tasks(session, actor, number)
        return redirect(url_for("tasks.show", task_id=own[0]) if own else url_for("instances.show", instance_id=number))
    state = ListState.parse(_list_text())
    if not opens_next(session, actor):
        return redirect(url_for("tasks.index", **state.arguments))
    found = find_next(session, actor, now, state, request.args.get("done", type=UUID))
    if found is None:
        return redirect(url_for("tasks.index", **state.changed().arguments))
    return redirect(url_for("tasks.show", task_id=found, list=state.text))


@blueprint.post("/tasks/<uuid:task_id>/draft")
@access("tasks.work")
def draft(task_id: UUID) -> ResponseReturnValue:
    """Keep an unfinished answer, by the button or (JSON) by the page itself."""
    session, actor, now = db.session(), current_actor(), clock.now()
    by_itself = request.accept_mimetypes.best == "application/json"
    posted = _posted(session, actor, task_id)
    try:
        operations.save_draft(session, actor, now, task_id, posted.data)
    except Problem as problem:
        session.rollback()
        return (jsonify(worded_problem(problem)), problem.status) if by_itself else _refused(task_id, posted, problem)
    saved_at = now.astimezone(clock.SHANGHAI).strftime("%H:%M")
    if by_itself:
        return jsonify(saved_at=saved_at)
    if posted.errors:
        return _again(task_id, posted, posted.errors)
    flash(_("草稿已保存（%(at)s），下次打开接着填。", at=saved_at))
    return redirect(url_for("tasks.show", task_id=task_id, list=_list_text() or None))


@blueprint.get("/tasks/<uuid:task_id>/<any(complete,draft,claim,release):verb>")
@access("tasks.work")
def reopen(task_id: UUID, verb: str) -> ResponseReturnValue:  # noqa: ARG001 (part of the address)
    """Somebody reloads the address that a form was sent to: the task itself."""
    return redirect(url_for("tasks.show", task_id=task_id, list=_list_text() or None))


@blueprint.post("/tasks/<uuid:task_id>/claim")
@access("tasks.work")
def claim(task_id: UUID) -> ResponseReturnValue:
    operations.claim(db.session(), current_actor(), clock.now(), task_id)
    flash(_("已领取，其他人不会再办理这一件。"))
    return redirect(url_for("tasks.show", task_id=task_id, list=_list_text() or None))


@blueprint.post("/tasks/<uuid:task_id>/release")
@access("tasks.work")
def release(task_id: UUID) -> ResponseReturnValue:
    operations.release(db.session(), current_actor(), task_id)
    flash(_("已放回，同岗位的其他人也可以办理。"))
    return redirect(url_for("tasks.index", **ListState.parse(_list_text()).arguments))
