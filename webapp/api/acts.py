"""Acts beside deciding: hand on, ask, return, take back, urge, copy, comment, put off; deputies."""

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.absence import operations as absence
from webapp.absence.models import Deputy
from webapp.absence.queries import deputies_of
from webapp.access import access, current_actor
from webapp.acts import asking, copying, cosigning, handing, recalling, returning, telling
from webapp.api.bodies import body, instance_id_of, task_id_of, text_of, version_of
from webapp.api.instances import instance_json
from webapp.api.tasks import get_task
from webapp.api.views import blueprint
from webapp.database import db
from webapp.instances.queries import iso
from webapp.problems import NotFound, invalid

_RESUME = {True: True, False: False, None: False, "back": True, "again": False}


def _after(task_id: str) -> dict[str, Any]:
    """The task as it is now, or only its number where it is no longer the actor's to see."""
    db.session().flush()
    try:
        return get_task(task_id)
    except NotFound:
        return {"id": task_id}


@blueprint.post("/tasks/<task_id>/transfer")
@access("tasks.work")
def transfer_task(task_id: str) -> dict[str, Any]:
    """Hand a task to another person of the responsible body."""
    data = body("version", "to", "text")
    words = text_of(data, "text", required=False)
    session, actor, now = db.session(), current_actor(), clock.now()
    handing.transfer(session, actor, now, task_id_of(task_id), version_of(data), data.get("to"), words)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/delegate")
@access("tasks.work")
def delegate_task(task_id: str) -> dict[str, Any]:
    """Ask another person for an opinion; the task comes back."""
    data = body("version", "to", "text")
    words = text_of(data, "text", required=False)
    session, actor, now = db.session(), current_actor(), clock.now()
    asking.ask(session, actor, now, task_id_of(task_id), version_of(data), "delegate", data.get("to"), words)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/add-signer")
@access("tasks.work")
def add_signer(task_id: str) -> dict[str, Any]:
    """Let one more person sign, before or after me."""
    data = body("version", "to", "position", "text")
    words = text_of(data, "text", required=False)
    position = text_of(data, "position", required=False) or "after"
    session, actor, now = db.session(), current_actor(), clock.now()
    cosigning.add(session, actor, now, task_id_of(task_id), version_of(data), position, data.get("to"), words)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/remove-signer")
@access("tasks.work")
def remove_signer(task_id: str) -> dict[str, Any]:
    """Let one person fewer sign, who has not signed yet."""
    data = body("version", "to", "text")
    words = text_of(data, "text", required=False)
    cosigning.remove(db.session(), current_actor(), clock.now(), task_id_of(task_id), data.get("to"), words)
    return _after(task_id)


@blueprint.get("/tasks/<task_id>/return-preview")
@access("tasks.work")
def preview_return(task_id: str) -> dict[str, Any]:
    """Who would have to act again after a return, and where it can go."""
    target = request.args.get("to_element", returning.PREVIOUS).replace("\x00", "")[:200]
    found = returning.preview(db.session(), current_actor(), clock.now(), task_id_of(task_id), target)
    return {
        "to_element": found.place.element,
        "name": found.name,
        "asked": found.place.asked,
        "may_resume": found.place.comes_back,
        "again": [{"element": step.element, "name": step.name, "who": step.who} for step in found.again],
        "cancelled": [{"element": step.element, "name": step.name, "who": step.who} for step in found.cancelled],
        "lasting": found.lasting,
        "places": found.places,
    }


@blueprint.post("/tasks/<task_id>/return")
@access("tasks.work")
def return_task(task_id: str) -> dict[str, Any]:
    """Send the case back to a step that it passed."""
    data = body("version", "to_element", "resume", "text")
    target, words = text_of(data, "to_element", required=False), text_of(data, "text")
    resume = data.get("resume")
    if not isinstance(resume, str | bool | None) or resume not in _RESUME:
        raise invalid("resume", "type", "resume 须为 true（改后直接送回）或 false（从该处重新办理）。")
    session, actor, now = db.session(), current_actor(), clock.now()
    number, version, back = task_id_of(task_id), version_of(data), _RESUME[resume]
    target = target or returning.PREVIOUS
    returning.return_task(session, actor, now, number, version, target, words, comes_back=back)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/nudge")
@access("tasks.work")
def nudge_task(task_id: str) -> dict[str, Any]:
    """Ask for haste; once per case and working day."""
    words = text_of(body("version", "text") if request.get_data() else {}, "text", required=False)
    telling.nudge(db.session(), current_actor(), clock.now(), task_id_of(task_id), words)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/snooze")
@access("tasks.work")
def snooze_task(task_id: str) -> dict[str, Any]:
    """Put a task off until a day; null brings it back."""
    data = body("version", "until")
    until = None if data.get("until") is None else _day(text_of(data, "until"), "until")
    telling.snooze(db.session(), current_actor(), clock.now(), task_id_of(task_id), until)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/cc")
@access("tasks.work")
def copy_task(task_id: str) -> dict[str, Any]:
    """Send a copy of the case to people who may see it."""
    data = body("version", "to", "text")
    words = text_of(data, "text", required=False)
    copying.copy(db.session(), current_actor(), clock.now(), task_id_of(task_id), data.get("to"), words)
    return _after(task_id)


@blueprint.post("/tasks/<task_id>/comments")
@access("tasks.work")
def add_comment(task_id: str) -> ResponseReturnValue:
    """Say something about the case that decides nothing."""
    words = text_of(body("version", "text"), "text")
    row = telling.comment(db.session(), current_actor(), clock.now(), task_id_of(task_id), words)
    return {"id": row.id, "text": row.text, "mentioned": row.mentioned, "at": iso(row.at)}, 201


@blueprint.get("/tasks/<task_id>/comments")
@access("tasks.work")
def list_comments(task_id: str) -> dict[str, Any]:
    """The comments on the case that I may read, oldest first."""
    session, actor = db.session(), current_actor()
    task = get_task(task_id)
    return {
        "items": [
            {"id": row.id, "at": iso(row.at), "author": author, "organisation": organisation, "text": row.text}
            for row, author, organisation in telling.comments_of(session, actor, task["instance"])
        ]
    }


@blueprint.post("/instances/<instance_id>/recall")
@access("tasks.work")
def recall_instance(instance_id: str) -> dict[str, Any]:
    """Take back my own decision while nobody has acted since."""
    reason = text_of(body("reason"), "reason")
    session, actor = db.session(), current_actor()
    return instance_json(recalling.recall(session, actor, clock.now(), instance_id_of(instance_id), reason))


def _day(text: str, key: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(key, "type", f"{key} 须为日期 YYYY-MM-DD。") from None


def deputy_json(row: Deputy, principal: str = "", deputy: str = "") -> dict[str, Any]:
    """A deputy as the API shows it."""
    return {
        "id": row.id,
        "principal": row.principal_id,
        "principal_name": principal,
        "deputy": row.deputy_id,
        "deputy_name": deputy,
        "from": row.from_at.astimezone(clock.SHANGHAI).date().isoformat(),
        "until": row.last_day.isoformat(),
        "processes": row.processes,
        "reason": row.reason,
    }


@blueprint.get("/deputies")
@access("tasks.work")
def list_deputies() -> dict[str, Any]:
    """Who stands in for me, and for whom I stand in."""
    rows = deputies_of(db.session(), current_actor(), clock.now())
    return {"items": [deputy_json(row.Deputy, row.principal, row.deputy) for row in rows]}


@blueprint.post("/deputies")
@access("tasks.work")
def name_deputy() -> ResponseReturnValue:
    """Name who stands in for me (or for somebody whose account I look after) from–to."""
    data = body("principal", "to", "from", "until", "processes", "reason")
    processes = data.get("processes") or []
    if not isinstance(processes, list) or not all(isinstance(one, str) for one in processes):
        raise invalid("processes", "type", "processes 须为流程 id 的数组；空数组表示全部流程。")
    wish = absence.Wish(
        data.get("to"),
        *absence.span_of(_day(text_of(data, "from"), "from"), _day(text_of(data, "until"), "until")),
        processes,
        text_of(data, "reason", required=False),
    )
    row = absence.name_deputy(db.session(), current_actor(), clock.now(), data.get("principal"), wish)
    return deputy_json(row), 201


@blueprint.delete("/deputies/<deputy_id>")
@access("tasks.work")
def end_deputy(deputy_id: str) -> ResponseReturnValue:
    """End a deputy before the time."""
    absence.end_deputy(db.session(), current_actor(), clock.now(), instance_id_of(deputy_id))
    return "", 204
