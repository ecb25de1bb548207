"""Tasks: lists, one task with its form, claim, release, draft, complete, bulk."""

from typing import Any

from flask import request

from webapp import clock
from webapp.access import access, current_actor
from webapp.acts.copying import read_copies
from webapp.api.bodies import body, flag_of, object_of, task_id_of, version_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.inbox.queries import list_tasks
from webapp.paging import page_numbers
from webapp.problems import invalid
from webapp.tasks import bulk, operations, reading
from webapp.tasks.queries import task_json


@blueprint.get("/tasks")
@access("tasks.work")
def get_tasks() -> dict[str, Any]:
    """My tasks by view."""
    now = clock.now()
    page, per_page = page_numbers(request.args)
    filters = request.args.to_dict()
    found = list_tasks(db.session(), current_actor(), now, filters.get("view", "mine"), filters, page, per_page)
    return found.as_json(lambda row: task_json(row, now))


@blueprint.get("/tasks/<task_id>")
@access("tasks.work")
def get_task(task_id: str) -> dict[str, Any]:
    """One task with its form document, the data typed or proposed so far, and what I may do."""
    session, actor, now = db.session(), current_actor(), clock.now()
    opened = reading.open_task(session, actor, now, task_id_of(task_id))
    read_copies(session, actor, now, opened.instance.id)
    return task_json(opened.row, clock.now()) | {
        "form": opened.form.document if opened.form else None,
        "data": opened.data,
        "actions": opened.actions,
    }


@blueprint.post("/tasks/<task_id>/claim")
@access("tasks.work")
def claim_task(task_id: str) -> dict[str, Any]:
    """Take a task."""
    operations.claim(db.session(), current_actor(), clock.now(), task_id_of(task_id))
    return get_task(task_id)


@blueprint.post("/tasks/<task_id>/release")
@access("tasks.work")
def release_task(task_id: str) -> dict[str, Any]:
    """Put a task back."""
    operations.release(db.session(), current_actor(), task_id_of(task_id))
    return get_task(task_id)


@blueprint.post("/tasks/<task_id>/draft")
@access("tasks.work")
def save_draft(task_id: str) -> dict[str, Any]:
    """Keep an unfinished answer."""
    data = object_of(body("data"), "data")
    operations.save_draft(db.session(), current_actor(), clock.now(), task_id_of(task_id), data)
    return get_task(task_id)


@blueprint.post("/tasks/<task_id>/complete")
@access("tasks.work")
def complete_task(task_id: str) -> dict[str, Any]:
    """Decide a task."""
    data = body("data", "version")
    version, answers = version_of(data), object_of(data, "data")
    completed = operations.complete_task(
        db.session(), current_actor(), clock.now(), task_id_of(task_id), answers, version
    )
    case, remarks = completed.instance, list(completed.remarks)
    return {"instance": case.id, "status": case.status, "outcome": case.outcome, "remarks": remarks}


@blueprint.post("/tasks/bulk")
@access("tasks.work")
def complete_many() -> dict[str, Any]:
    """Decide ticked tasks of one step with the same answers; each row succeeds or fails by itself."""
    data = body("items", "data", "dry_run")
    items = data.get("items")
    if not isinstance(items, list) or not items:
        raise invalid("items", "range", f"items 须为 1 到 {bulk.MOST} 项的数组。")
    if len(items) > bulk.MOST:
        raise invalid("items", "range", bulk.too_many(len(items)))
    rows = []
    for place, item in enumerate(items):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise invalid(f"items.{place}", "type", "每项须为 {id, version}。")
        rows.append((task_id_of(item["id"]), version_of(item)))
    results = bulk.complete_many(
        current_actor(), clock.now(), rows, object_of(data, "data"), dry_run=flag_of(data, "dry_run")
    )
    return {"items": [result.as_json() for result in results]}
