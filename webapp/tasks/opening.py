"""Open the tasks that a step of the engine came to, each with its candidates; nobody found is an incident."""

from typing import Any
from uuid import UUID

from webapp.deadlines.circumstances import Opened, read_circumstances
from webapp.instances.incidents import DEADLINE, NOBODY, Failure, nobody_message, open_incident, report_nobody
from webapp.instances.running import Run
from webapp.tasks import candidates
from webapp.tasks.placing import Place, place_task
from workflows import OpenTask


def open_tasks(run: Run, opened: list[OpenTask]) -> None:
    """Insert tasks with their rules and find their candidates."""
    if not opened:
        return
    places = _places(run, opened)
    rows = [_row(run, task, places[task.id]) for task in opened]
    people = candidates.open_tasks(run.session, run.now, run.instance, run.actor_id, rows)
    for persons, tasks in _by_persons(run, opened).items():
        short = candidates.stand_in(run.session, {task: people[task] for task in tasks}, persons)
        if short:
            report_nobody(run.session, run.now, [t for t in short if not places[str(t)].rule_fault], persons)
    for task in opened:
        report_faults(run, task.id, task.element, places[task.id])


def _places(run: Run, opened: list[OpenTask]) -> dict[str, Place]:
    wanted = [Opened(task.id, task.element, _item(run, task)) for task in opened]
    given = read_circumstances(run.session, run.instance, run.published, wanted)
    return {
        task.id: place_task(
            run.published, task.element, run.now, run.instance.data | task.data, run.region, given[task.id]
        )
        for task in opened
    }


def _item(run: Run, task: OpenTask) -> dict[str, Any]:
    """What distinguishes a task among its multi-instance siblings."""
    item, data = run.published.items.get(task.element), run.instance.data | task.data
    return {item: data[item]} if item and item in data else {}


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


def _row(run: Run, task: OpenTask, place: Place) -> dict[str, Any]:
    rule = run.published.assignments[task.element]
    return {
        "id": task.id,
        "element": task.element,
        "name": task.name,
        "round": run.instance.way.get(task.element, 0) + 1,
        **place.due_columns,
        "due_at": place.deadline.at.isoformat() if place.deadline else None,
        "next_notice_at": place.next_notice.isoformat() if place.next_notice else None,
        "acts_at": place.acts_at.isoformat() if place.acts_at else None,
        "item": _item(run, task),
        "roles": rule.roles,
        "region": place.region,
        "organisation": place.organisation,
        "person": place.person,
        "excluded_organisation": run.instance.subject_id if rule.exclude_unit else None,
        "excluded_elements": rule.exclude_elements,
    }
