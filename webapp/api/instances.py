"""Instances: start, read, withdraw, suspend, resume, retry."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import Actor, access, current_actor, may
from webapp.accounts.management_rules import is_above_all
from webapp.acts.copying import read_copies
from webapp.api.bodies import body, instance_id_of, object_of, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.definitions.library import get_published
from webapp.instances import interventions, operations, queries
from webapp.instances.models import Instance
from webapp.instances.processes import rules_of
from webapp.instances.queries import get_visible, iso
from webapp.migration.former import versions_of
from webapp.paging import page_numbers
from webapp.tasks.queries import open_tasks_of, task_json


def instance_json(instance: Instance) -> dict[str, Any]:
    """An instance with everything that it waits for."""
    session, actor, now = db.session(), current_actor(), clock.now()
    published = get_published(session, instance.process_version_id)
    tasks = [task_json(row, now) for row in open_tasks_of(session, instance.id)]
    waiting = [{"element": t["element"], "name": t["name"], "kind": "task", "due_at": t["due_at"]} for t in tasks]
    waiting += [
        {"element": w["element"], "name": published.name_of(w["element"]), "kind": w["kind"], "due_at": w["due_at"]}
        for w in instance.waits
    ]
    incidents = queries.open_incidents(session, instance.id) if may(actor, "administration.read") else []
    return summary(instance, published.version) | {
        "waiting_for": waiting,
        "tasks": tasks,
        "incidents": [
            {
                "id": i.id,
                "element": i.element,
                "kind": i.kind,
                "message": i.message,
                "at": iso(i.at),
                "retries": i.retries,
            }
            for i in incidents
        ],
        "data": _data_for(actor, instance),
    }


def _data_for(actor: Actor, instance: Instance) -> dict[str, Any]:
    """The engine's variables; units and departments see what the case started with, not what offices found."""
    known = rules_of(instance.process).start_variables
    return instance.data if actor.is_office else {k: v for k, v in instance.data.items() if k in known}


def summary(instance: Instance, version: int) -> dict[str, Any]:
    """The columns of an instance alone."""
    return {
        "id": instance.id,
        "number": instance.number,
        "process": instance.process,
        "version": version,
        "title": instance.title,
        "status": instance.status,
        "outcome": instance.outcome,
        "outcome_name": instance.outcome_name,
        "batch": instance.batch_id,
        "honour": instance.honour_code,
        "unit": instance.subject_id,
        "started_at": iso(instance.started_at),
        "ended_at": iso(instance.ended_at),
    }


@blueprint.post("/instances")
@access("instances.start")
def start_instance() -> ResponseReturnValue:
    """Start a process with the answers to its start form."""
    data = body("process", "data")
    process, answers = text_of(data, "process"), object_of(data, "data")
    instance = operations.start_instance(db.session(), current_actor(), clock.now(), process, answers)
    return instance_json(instance), 201


@blueprint.get("/instances")
@access("instances.read")
def list_instances() -> dict[str, Any]:
    """The instances that I may see, newest first."""
    page, per_page = page_numbers(request.args)
    found = queries.list_instances(db.session(), current_actor(), request.args.to_dict(), page, per_page)
    return found.as_json(
        lambda row: summary(row.Instance, row.process_version) | {"unit_name": row.unit, "honour_name": row.honour}
    )


@blueprint.get("/instances/<instance_id>")
@access("instances.read")
def get_instance(instance_id: str) -> dict[str, Any]:
    """One instance."""
    session, actor = db.session(), current_actor()
    instance = get_visible(session, actor, instance_id_of(instance_id))
    read_copies(session, actor, clock.now(), instance.id)
    return instance_json(instance)


@blueprint.get("/instances/<instance_id>/history")
@access("instances.read")
def get_history(instance_id: str) -> dict[str, Any]:
    """The timeline of an instance, oldest first."""
    session, actor = db.session(), current_actor()
    instance = get_visible(session, actor, instance_id_of(instance_id))
    published = get_published(session, instance.process_version_id)
    versions = versions_of(session, instance.id, published)
    items = [
        {
            "at": iso(row.HistoryEntry.at),
            "actor": row.actor,
            "organisation": row.organisation,
            "on_behalf_of": row.on_behalf_of,
            "machine": row.HistoryEntry.machine,
            "element": row.HistoryEntry.element,
            "name": published.name_of(row.HistoryEntry.element),
            "act": row.HistoryEntry.act,
            "act_name": queries.act_label(
                versions.at(row.HistoryEntry.at), row.HistoryEntry.element, row.HistoryEntry.act
            ),
            "comment": queries.comment_for(actor, instance, row),
        }
        for row in queries.history_of(session, actor, instance.id)
    ]
    return {"items": items}


@blueprint.get("/instances/<instance_id>/outline")
@access("instances.read")
def get_outline(instance_id: str) -> dict[str, Any]:
    """The diagram as text, with how far the instance has come."""
    session = db.session()
    instance = get_visible(session, current_actor(), instance_id_of(instance_id))
    return {"items": queries.outline_of(session, instance)}


@blueprint.post("/instances/<instance_id>/withdraw")
@access("instances.withdraw")
def withdraw_instance(instance_id: str) -> dict[str, Any]:
    """Withdraw a declaration before the decision."""
    reason = text_of(body("reason"), "reason")
    instance = operations.withdraw(db.session(), current_actor(), clock.now(), instance_id_of(instance_id), reason)
    return instance_json(instance)


@blueprint.post("/instances/<instance_id>/suspend")
@access("instances.suspend")
def suspend_instance(instance_id: str) -> dict[str, Any]:
    """Suspend an instance."""
    reason = text_of(body("reason"), "reason")
    return instance_json(
        interventions.suspend(db.session(), current_actor(), clock.now(), instance_id_of(instance_id), reason)
    )


@blueprint.post("/instances/<instance_id>/resume")
@access("instances.suspend")
def resume_instance(instance_id: str) -> dict[str, Any]:
    """Resume a suspended instance."""
    reason = text_of(body("reason"), "reason")
    return instance_json(
        interventions.resume(db.session(), current_actor(), clock.now(), instance_id_of(instance_id), reason)
    )


@blueprint.post("/instances/<instance_id>/retry")
@access("instances.repair")
def retry_instance(instance_id: str) -> dict[str, Any]:
    """Retry what failed, with corrected variables if given."""
    corrections = object_of(body("data", "reason") if request.get_data() else {}, "data")
    session, actor, number = db.session(), current_actor(), instance_id_of(instance_id)
    if not is_above_all(actor):
        get_visible(session, actor, number)
    return instance_json(interventions.retry_incident(session, actor, clock.now(), number, corrections))
