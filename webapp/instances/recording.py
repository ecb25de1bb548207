"""Write down what one step of the engine did: tasks, candidates, waits, the way, the timeline, incidents."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.deadlines.rules import due_of
from webapp.instances.models import HistoryEntry, Incident, Instance, Wait
from webapp.instances.running import Run
from webapp.problems import Conflict
from webapp.registry.models import Organisation
from webapp.tasks import candidates
from webapp.tasks.models import Task
from workflows import OpenTask, Step
from workflows.expressions import Evaluator

MACHINE_ACTS = {
    "serviceTask": "service",
    "businessRuleTask": "decision_table",
    "endEvent": "end",
    "intermediateCatchEvent": "event",
    "boundaryEvent": "event",
}


def record_step(run: Run, step: Step, person: Mapping[str, Any] | None = None) -> None:
    """Store the state after a step and everything that people see of it.

    Args:
        person: the timeline line of the person whose act caused the step; comes before the machine's lines.
    """
    done = [UUID(task.id) for task in step.closed if task.how == "completed"]
    close_tasks(run, done, [UUID(task.id) for task in step.closed if task.how != "completed"])
    open_tasks(run, step.opened)
    _store_instance(run, step)
    _record_history(run, step, person)
    for incident in step.incidents:
        report_incident(run, "engine", incident.element, incident.error_type, incident.message, incident.trace)


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
    ) SELECT count(*) FROM closed
""")


def close_tasks(run: Run, done: list[UUID], cancelled: list[UUID]) -> None:
    """Close tasks with their candidates and drafts, in one statement.

    Raises:
        Conflict: a task that the actor decides was taken by somebody else meanwhile.
    """
    if not done and not cancelled:
        return
    values = {"done": done, "closed": [*done, *cancelled], "now": run.now, "actor": run.actor_id}
    closed = run.session.execute(_CLOSE, values).scalar_one()
    if closed < len(done):
        raise Conflict("这项任务刚刚由其他人办理或领取。请返回列表查看最新情况。")


def open_tasks(run: Run, opened: list[OpenTask]) -> None:
    """Insert tasks with their rules and find their candidates; nobody found is an incident."""
    if not opened:
        return
    run.session.execute(_OPEN, [_task_row(run, task) for task in opened])
    persons = max(run.published.assignments[task.element].persons for task in opened)
    for task_id in candidates.fill(run.session, [UUID(task.id) for task in opened], persons):
        element = next(task.element for task in opened if UUID(task.id) == task_id)
        report_nobody(run, element, task_id)


def report_nobody(run: Run, element: str, task_id: UUID) -> None:
    """Record that a step has too few people who may do it."""
    name = run.published.name_of(element)
    message = f"“{name}”没有足够的可办理人员。请在账号管理中为责任单位补充人员或角色，再重试。"
    report_incident(run, "nobody", element, "NoCandidate", message, None, {"task": str(task_id)})


def _task_row(run: Run, task: OpenTask) -> dict[str, Any]:
    published, data = run.published, {**run.instance.data, **task.data}
    rule = published.assignments[task.element]
    region, person, organisation = (_evaluated(text, data) for text in (rule.region, rule.person, rule.organisation))
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
        "due_at": due_of(published.deadlines.get(task.element), run.now, data),
        "claimed_by": person,
        "claimed_at": run.now if person else None,
        "version": 0,
        "item": {item: data[item]} if item and item in data else {},
        "assigned_roles": list(rule.roles),
        "assigned_region": region,
        "organisation": organisation,
        "office_region": region,
        "assigned_user_id": person,
        "excluded_organisation_id": run.instance.subject_id if rule.exclude_unit else None,
        "excluded_elements": list(rule.exclude_elements),
    }


def _evaluated(expression: str | None, data: dict[str, Any]) -> Any:
    return Evaluator({}).value(expression, data) if expression else None


_OPEN = insert(Task.__table__).values(
    # the office of a region is resolved by the INSERT itself
    assigned_organisation_id=func.coalesce(
        bindparam("organisation", type_=Integer),
        select(Organisation.id)
        .where(Organisation.kind == "office", Organisation.region_code == bindparam("office_region", type_=Text))
        .scalar_subquery(),
    )
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
    notes = dict(run.case.notes)
    for passed in step.way:
        act = MACHINE_ACTS.get(passed.kind)
        if act:
            comment = notes.pop(passed.element, None)
            rows.append({"element": passed.element, "act": act, "comment": comment, "machine": True})
    rows += [
        {"element": element, "act": "service", "comment": note, "machine": True} for element, note in notes.items()
    ]
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


def report_incident(
    run: Run,
    kind: str,
    element: str | None,
    error_type: str,
    message: str,
    trace: str | None,
    pending: dict[str, Any] | None = None,
) -> None:
    """Record a failure for the administrator, and a line in the timeline that says the office is at work on it."""
    run.session.add(
        Incident(
            instance_id=run.instance.id,
            kind=kind,
            element=element,
            error_type=error_type,
            message=message,
            trace=trace,
            pending=pending,
            status="open",
            at=run.now,
            retries=0,
        )
    )
    run.session.flush()
    write_history(
        run, [{"element": element, "act": "incident", "comment": "系统处理遇到问题，管理员已收到。", "machine": True}]
    )
