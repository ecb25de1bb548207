"""Write down what one step of the engine did: tasks, candidates, waits, the way, the timeline, incidents."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Integer, Table, Text, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import User
from webapp.instances.incidents import (
    DEADLINE,
    ENGINE,
    NOBODY,
    Failure,
    nobody_message,
    open_incident,
    report_nobody,
)
from webapp.instances.models import HistoryEntry, Instance, Wait
from webapp.instances.running import Run
from webapp.problems import Conflict
from webapp.registry.models import Organisation
from webapp.tasks import candidates
from webapp.tasks.models import Task
from webapp.tasks.placing import Place, place_task
from workflows import Incident as EngineIncident
from workflows import OpenTask, Step

MACHINE_ACTS = {
    "serviceTask": "service",
    "businessRuleTask": "decision_table",
    "endEvent": "end",
    "intermediateCatchEvent": "event",
    "boundaryEvent": "event",
}


def record_step(
    run: Run, step: Step, person: Mapping[str, Any] | None = None, *, decided: frozenset[str] = frozenset()
) -> None:
    """Store the state after a step and everything that people see of it.

    Args:
        person: the timeline line of the person whose act caused the step; comes before the machine's lines.
        decided: tasks whose decision was written down earlier and is only replayed now.
    """
    closed = [task for task in step.closed if task.id not in decided]
    done = [UUID(task.id) for task in closed if task.how == "completed"]
    cancelled = [UUID(task.id) for task in closed if task.how != "completed"]
    close_tasks(run, done, cancelled, ended=step.end is not None)
    open_tasks(run, step.opened)
    _store_instance(run, step)
    _record_history(run, step, person)
    for incident in step.incidents:
        report_failed(run, ENGINE, incident, {"task": incident.task_id})


_CLOSE = text("""
    WITH closed AS (
        UPDATE tasks SET status = CASE WHEN id = ANY(:done) THEN 'done' ELSE 'cancelled' END, closed_at = :now,
            closed_by = CASE WHEN id = ANY(:done) THEN CAST(:actor AS integer) END,
            claimed_by = CASE WHEN id = ANY(:done) THEN CAST(:actor AS integer) ELSE claimed_by END,
            version = version + 1
        WHERE id = ANY(:closed) AND status IN ('open', 'suspended')
            AND (claimed_by IS NULL OR claimed_by = CAST(:actor AS integer) OR NOT id = ANY(:done)) RETURNING id
    ), drafts_gone AS (DELETE FROM drafts WHERE task_id IN (SELECT id FROM closed)
    ), candidates_gone AS (
        UPDATE task_candidates SET is_open = false WHERE task_id IN (SELECT id FROM closed) AND is_open
    ), moot AS (
        UPDATE incidents SET status = 'resolved', resolved_at = :now, next_retry_at = NULL
        WHERE instance_id = :instance AND status = 'open' AND (
            :ended OR (kind IN ('nobody', 'deadline') AND CAST(pending->>'task' AS uuid) IN (SELECT id FROM closed))
        )
    ) SELECT count(*) FROM closed
""")


def close_tasks(run: Run, done: list[UUID], cancelled: list[UUID], *, ended: bool = False) -> None:
    """Close tasks with their candidates, drafts and the incidents that are moot then, in one statement.

    Args:
        ended: the whole instance is over: nothing of it waits for the administrator any more.

    Raises:
        Conflict: a task that the actor decides was taken by somebody else meanwhile.
    """
    if not done and not cancelled and not ended:
        return
    values = {"done": done, "closed": [*done, *cancelled], "now": run.now, "actor": run.actor_id}
    closed = run.session.execute(_CLOSE, values | {"instance": run.instance.id, "ended": ended}).scalar_one()
    if closed < len(done):
        raise Conflict("这项任务刚刚由其他人办理或领取。请返回列表查看最新情况。")


def open_tasks(run: Run, opened: list[OpenTask]) -> None:
    """Insert tasks with their rules and find their candidates; nobody found is an incident."""
    if not opened:
        return
    places = {
        task.id: place_task(run.published, task.element, run.now, run.instance.data | task.data, run.region)
        for task in opened
    }
    run.session.execute(_OPEN, [_task_row(run, task, places[task.id]) for task in opened])
    for persons, tasks in _by_persons(run, opened).items():
        short = candidates.fill(run.session, tasks, persons)
        if short:
            report_nobody(run.session, run.now, [t for t in short if not places[str(t)].rule_fault], persons)
    for task in opened:
        report_faults(run, task.id, task.element, places[task.id])


def _by_persons(run: Run, opened: list[OpenTask]) -> dict[int, list[UUID]]:
    groups: dict[int, list[UUID]] = {}
    for task in opened:
        groups.setdefault(run.published.assignments[task.element].persons, []).append(UUID(task.id))
    return groups


def report_faults(run: Run, task_id: str, element: str, place: Place) -> None:
    """Make incidents of what could not be computed about a task."""
    name = run.published.name_of(element)
    if place.rule_fault:
        message = f"{nobody_message(name)}办理人规则无法计算：{place.rule_fault}"
        pending = {"task": task_id, "persons": run.published.assignments[element].persons}
        failure = Failure(NOBODY, element, "AssignmentError", message, pending=pending)
        open_incident(run.session, run.now, run.instance.id, failure)
    if place.deadline_fault:
        message = f"“{name}”的办理期限无法计算，暂不计时：{place.deadline_fault}"
        failure = Failure(DEADLINE, element, "DeadlineError", message, pending={"task": task_id})
        open_incident(run.session, run.now, run.instance.id, failure)


def _task_row(run: Run, task: OpenTask, place: Place) -> dict[str, Any]:
    published, data = run.published, run.instance.data | task.data
    rule = published.assignments[task.element]
    item = published.items.get(task.element)
    return {
        "id": UUID(task.id),
        "instance_id": run.instance.id,
        "process": run.instance.process,
        "element": task.element,
        "name": task.name,
        "round": run.instance.way.get(task.element, 0) + 1,
        "status": "open",
        "opened_at": run.now,
        **place.due_columns,
        "claimed_at": run.now if place.person else None,
        "version": 0,
        "item": {item: data[item]} if item and item in data else {},
        "assigned_roles": list(rule.roles),
        "assigned_region": place.region,
        "organisation": place.organisation,
        "office_region": place.region,
        "assigned_user_id": place.person,
        "person": place.person,
        "excluded_organisation_id": run.instance.subject_id if rule.exclude_unit else None,
        "excluded_elements": list(rule.exclude_elements),
    }


_OPEN = insert(cast("Table", Task.__table__)).values(
    # the office of a region is resolved by the INSERT itself
    assigned_organisation_id=func.coalesce(
        bindparam("organisation", type_=Integer),
        select(Organisation.id)
        .where(Organisation.kind == "office", Organisation.region_code == bindparam("office_region", type_=Text))
        .scalar_subquery(),
    ),
    claimed_by=select(User.id).where(User.id == bindparam("person", type_=Integer)).scalar_subquery(),
)


def _store_instance(run: Run, step: Step) -> None:
    instance = run.instance
    waits = waits_of(step)
    values: dict[str, Any] = {
        "state": None if step.end else step.state,
        "data": step.data,
        "way": _way_after(instance, step),
        "version": instance.version + 1,
    }
    if waits != instance.waits:
        values["waits"] = waits
        _mirror_waits(run.session, instance.id, waits)
    if step.end:
        values |= {
            "status": step.end.status or "completed",
            "outcome": step.end.value or step.end.element,
            "outcome_name": step.end.name or run.published.name_of(step.end.element),
            "ended_at": run.now,
        }
    run.session.execute(
        update(Instance).where(Instance.id == instance.id).values(values).execution_options(synchronize_session=False)
    )
    for name, value in values.items():  # the loaded object agrees with the row without a second UPDATE
        set_committed_value(instance, name, value)


def waits_of(step: Step) -> list[dict[str, Any]]:
    """What the instance waits for beside people, as stored JSON."""
    timers = [
        {"kind": "timer", "element": t.element, "name": t.element, "due_at": t.due.isoformat()} for t in step.timers
    ]
    messages = [{"kind": "message", "element": m.element, "name": m.name, "due_at": None} for m in step.messages]
    return [] if step.end else timers + messages


def _mirror_waits(session: Session, instance_id: int, waits: list[dict[str, Any]]) -> None:
    session.execute(delete(Wait).where(Wait.instance_id == instance_id))
    if waits:
        rows = [
            wait
            | {"instance_id": instance_id, "due_at": datetime.fromisoformat(wait["due_at"]) if wait["due_at"] else None}
            for wait in waits
        ]
        session.execute(insert(Wait), rows)


def _way_after(instance: Instance, step: Step) -> dict[str, int]:
    return dict(Counter(instance.way) + Counter(passed.element for passed in step.way))


def _record_history(run: Run, step: Step, person: Mapping[str, Any] | None) -> None:
    rows = [dict(person)] if person else []
    notes = list(run.case.notes)
    run.case.notes.clear()
    for passed in step.way:
        act = MACHINE_ACTS.get(passed.kind)
        if act:
            said = next((note for note in notes if note[0] == passed.element), None)
            if said:
                notes.remove(said)
            comment = said[1] if said else None
            rows.append({"element": passed.element, "act": act, "comment": comment, "machine": True})
    rows += [{"element": element, "act": "service", "comment": note, "machine": True} for element, note in notes]
    write_history(run, rows)


def write_history(run: Run, rows: list[dict[str, Any]]) -> None:
    """Add lines to the timeline, in order, by one statement."""
    if not rows:
        return
    blank = {
        "actor_id": None,
        "on_behalf_of": None,
        "machine": False,
        "element": None,
        "task_id": None,
        "comment": None,
    }
    common = {"instance_id": run.instance.id, "at": run.now}
    run.session.execute(insert(HistoryEntry), [blank | common | row for row in rows])


def report_failed(run: Run, kind: str, cause: EngineIncident, pending: dict[str, Any]) -> None:
    """Record a failure of the engine's for the administrator; a known one is brought up to date."""
    failure = Failure(kind, cause.element, cause.error_type, cause.message, cause.trace, pending)
    open_incident(run.session, run.now, run.instance.id, failure)
