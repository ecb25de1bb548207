"""The pages of acts beside deciding: each asks for what it needs, or says what became of the task meanwhile."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.pages.acts import RecallForm
from forms.pages.base import PageForm
from webapp import clock
from webapp.access import Actor, access, current_actor
from webapp.acts import recalling, returning, telling
from webapp.acts.models import ENTRUSTED
from webapp.acts.pages import PAGES, ActPage, Asked, choices_for, may_do, page_of, removable
from webapp.acts.queries import Marks, latest_act, read_marks
from webapp.acts.rules import is_signing, signs_in_turn
from webapp.audit.operations import record_refusal
from webapp.database import db
from webapp.inbox.rules import ListState
from webapp.instances import queries as cases
from webapp.instances.turns import turns_to_come
from webapp.problems import Conflict, Forbidden, Invalid, NotFound, Problem, Throttled
from webapp.tasks.queries import doable_tasks
from webapp.tasks.reading import OpenedTask, open_task

blueprint = Blueprint("acts", __name__, template_folder="templates")
_TOO_LATE = (Conflict, Forbidden, Throttled)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["entrusted_reasons"] = ENTRUSTED


def _list() -> ListState:
    return ListState.parse(request.form.get("list") or request.args.get("list", ""))


def _comes_from_case() -> bool:
    return (request.form.get("from") or request.args.get("from")) == "case"


def _opened(task_id: UUID, name: str) -> tuple[OpenedTask, Marks, ActPage]:
    """The task, if the person may see it, and the page of an act."""
    if name not in PAGES:
        raise NotFound
    session, actor, now = db.session(), current_actor(), clock.now()
    opened = open_task(session, actor, now, task_id)
    marks, element = read_marks(session, actor, now, opened.instance, opened.task), opened.task.element
    turns = turns_to_come(session, now, opened.published, opened.instance, [element])
    return opened, replace(marks, turns=turns.get(element, ())), page_of(name, opened)


@blueprint.get("/tasks/<uuid:task_id>/acts/<name>")
@access("tasks.work")
def ask(task_id: UUID, name: str) -> ResponseReturnValue:
    """Ask for what an act needs."""
    opened, marks, page = _opened(task_id, name)
    if not may_do(name, opened, marks, current_actor()):
        return _too_late(opened, page, Conflict(_why_not(opened, page)))
    return _ask_page(opened, marks, page, page.form())


def _why_not(opened: OpenedTask, page: ActPage) -> str:
    """Why an act is not on offer, in words."""
    names = {"act": page.title, "step": opened.task.name}
    if opened.instance.status != "running":
        return str(_("办件已不在办理中，现在不能%(act)s。", **names))
    if opened.task.status != "open":
        return str(_("“%(step)s”已经办理完毕或不需要办理，现在不能%(act)s。", **names))
    return str(_("“%(step)s”现在不在您手里，或者这一步不能%(act)s。", **names))


def _ask_page(opened: OpenedTask, marks: Marks, page: ActPage, form: PageForm) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    extra = _extras(session, actor, opened, marks, page, form)
    answer = render_template(
        "acts/ask.html",
        page=page,
        opened=opened,
        task=opened.task,
        instance=opened.instance,
        marks=marks,
        form=form,
        state=_list(),
        from_case=_comes_from_case(),
        **extra,
    )
    return answer, 422 if form.errors else 200


def _extras(
    session: Session, actor: Actor, opened: OpenedTask, marks: Marks, page: ActPage, form: Any
) -> dict[str, Any]:
    """What the page of one act shows beside its form."""
    if page.name == "return":
        form.offer([("again", _("从那一步起重新走一遍")), ("back", _("直接回到我这里，中间各步不再重办"))])
        found = returning.previews(session, actor, clock.now(), opened.task.id)
        nearest = (one.place.element for one in found if returning.PREVIOUS in one.known_as)
        form.to_element.data = form.to_element.data or next(nearest, None)
        return {"previews": found}
    if page.name == "remove-signer":
        form.offer(removable(opened, marks, actor))
    if page.name == "add-signer":
        form.offer(_positions(opened))
    if not page.picks:
        return {}
    question = request.values.get("find", "")
    chosen = request.form.getlist("to")
    return {"found": choices_for(session, actor, opened, page, question, chosen), "find": question, "chosen": chosen}


def _positions(opened: OpenedTask) -> list[tuple[str, str]]:
    if signs_in_turn(opened.published, opened.task):
        return [("before", _("在我之前：对方签完再轮到我")), ("after", _("在我之后：我签完轮到对方"))]
    if is_signing(opened.published, opened.task):
        return [("after", _("与其他人同时"))]
    return [
        ("before", _("在我之前：对方先签署意见，再由我决定")),
        ("after", _("在我之后：我作出决定，对方同意之后才生效")),
    ]


@blueprint.post("/tasks/<uuid:task_id>/acts/<name>")
@access("tasks.work")
def act(task_id: UUID, name: str) -> ResponseReturnValue:
    """Do it; what cannot be is said at its field, and nothing that was typed is lost."""
    opened, marks, page = _opened(task_id, name)
    session, actor, form = db.session(), current_actor(), page.form(request.form)
    if "search" in request.form:
        return _ask_page(opened, marks, page, form)
    if not form.validate():
        return _ask_page(opened, marks, page, form)
    asked = Asked(session, actor, clock.now(), task_id, _version(), form)
    try:
        page.do(asked)
    except Invalid as problem:
        session.rollback()
        _note_errors(form, problem)
        opened, marks, page = _opened(task_id, name)
        return _ask_page(opened, marks, page, form)
    except _TOO_LATE as problem:
        session.rollback()
        return _too_late(_opened(task_id, name)[0], page, problem)
    title, step = opened.instance.title, opened.task.name  # the next page may be that of another case
    flash(_("%(title)s的“%(step)s”：%(done)s", title=title, step=step, done=page.said))
    return redirect(_onward(session, actor, opened, page))


def _note_errors(form: Any, problem: Invalid) -> None:
    for error in problem.errors:
        field = form[error.path] if error.path in form else next(iter(form))
        field.errors = [*field.errors, error.message]


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _onward(session: Session, actor: Actor, opened: OpenedTask, page: ActPage) -> str:
    """Back to where the act was chosen; where the task is no longer the person's to do, on to the next one."""
    task, instance, kept = opened.task, opened.instance, _list().text
    if _comes_from_case():
        return url_for(
            "instances.show", instance_id=instance.id, _anchor="remarks" if page.name == "comments" else None
        )
    session.flush()
    was_mine = "complete" in opened.actions
    is_gone = page.name == "snooze" or (was_mine and task.id not in doable_tasks(session, actor, instance.id))
    if is_gone:
        return url_for("tasks.go_on", done=task.id, case=instance.id, list=kept)
    anchor = "remarks" if page.name == "comments" else None
    return url_for("tasks.show", task_id=task.id, list=kept, _anchor=anchor)


def _too_late(opened: OpenedTask, page: ActPage, problem: Problem) -> ResponseReturnValue:
    """Say what became of the task; what was typed stands there to be copied."""
    session, actor = db.session(), current_actor()
    if request.method == "POST":
        subject, by = f"task:{opened.task.id}", f"post acts.{page.name}"
        record_refusal(actor, by, problem.detail, subject=subject, address=request.remote_addr)
    latest = latest_act(session, opened.instance.id, opened.task.id)
    is_own = latest is not None and latest.actor_id == actor.user_id and latest.act in _WRITTEN[page.name]
    answer = render_template(
        "acts/too_late.html",
        page=page,
        task=opened.task,
        instance=opened.instance,
        problem=problem,
        latest=latest,
        latest_words=cases.act_label(opened.published, latest.element, latest.act) if latest else "",
        is_own=is_own and request.method == "POST",
        typed=request.form.get("text", "").strip(),
        state=_list(),
        can_open="complete" in opened.actions,
    )
    return answer, problem.status


_WRITTEN = {
    "transfer": {"transfer"},
    "delegate": {"delegate"},
    "add-signer": {"add_signer"},
    "remove-signer": {"remove_signer"},
    "return": {"return_to_unit", "return_to_step"},
    "nudge": {"nudge"},
    "cc": {"cc"},
    "comments": {"comment"},
    "snooze": {"snooze"},
}
"""What an act is called in the timeline."""


@blueprint.post("/tasks/<uuid:task_id>/wake")
@access("tasks.work")
def wake(task_id: UUID) -> ResponseReturnValue:
    """Bring a task that was put off back at once."""
    telling.snooze(db.session(), current_actor(), clock.now(), task_id, None)
    flash(_("已取消暂缓，任务回到待办。"))
    return redirect(url_for("tasks.show", task_id=task_id, list=_list().text))


@blueprint.get("/tasks/<uuid:task_id>/people/<name>")
@access("tasks.work")
def find_people(task_id: UUID, name: str) -> ResponseReturnValue:
    """Whom an act may name, for the page that searches while somebody types."""
    opened, marks, page = _opened(task_id, name)
    picks = page if page.picks else PAGES["cc"]
    session, actor, question = db.session(), current_actor(), request.args.get("q", "")
    chosen, is_offered = request.args.getlist("to"), may_do(name, opened, marks, actor)
    found = choices_for(session, actor, opened, picks, question, chosen) if is_offered else None
    if request.accept_mimetypes.best == "application/json":
        groups = found.groups if found else []
        items = [{"name": n, "username": u, "office": g.office} for g in groups for _id, n, u in g.people]
        return jsonify(items=items)
    return render_template("acts/people.html", found=found, page=picks, chosen=chosen, find=question)


@blueprint.route("/instances/<int:instance_id>/recall", methods=["GET", "POST"])
@access("tasks.work")
def recall(instance_id: int) -> ResponseReturnValue:
    """Take one's own last decision back, after a look at what that means."""
    session, actor, now = db.session(), current_actor(), clock.now()
    instance = cases.get_visible(session, actor, instance_id)
    form = RecallForm(request.form)
    try:
        preview = recalling.preview(session, actor, now, instance_id)
        if request.method == "POST" and form.validate():
            recalling.recall(session, actor, now, instance_id, form.reason.data)
            flash(_("%(number)s：已撤回您的办理，可以修改后重新提交。", number=instance.number))
            return redirect(url_for("tasks.show", task_id=preview.kept.task_id))
    except (Conflict, Forbidden) as problem:
        session.rollback()
        return _cannot_recall(instance_id, problem)
    page = render_template("acts/recall.html", instance=instance, preview=preview, form=form)
    return page, 422 if form.errors else 200


def _cannot_recall(instance_id: int, problem: Problem) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    instance = cases.get_visible(session, actor, instance_id)
    if request.method == "POST":
        subject = f"instance:{instance_id}"
        record_refusal(actor, "post acts.recall", problem.detail, subject=subject, address=request.remote_addr)
    latest = latest_act(session, instance_id)
    is_own = latest is not None and latest.act == "recall" and latest.actor_id == actor.user_id
    answer = render_template("acts/cannot_recall.html", instance=instance, problem=problem, is_own=is_own)
    return answer, problem.status
