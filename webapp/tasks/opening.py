"""Open the tasks that a step of the engine came to, each with its candidates; nobody found is an incident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webapp.deadlines.circumstances import Opened, read_circumstances
from webapp.instances.incidents import DEADLINE, NOBODY, Failure, nobody_message, open_incident, report_nobody
from webapp.instances.running import Run
from webapp.tasks import candidates
from webapp.tasks.placing import Place, place_task
from workflows import OpenTask


@dataclass(frozen=True)
class Opening:
    """A task that a step comes to, as planned before the step is stored."""

    id: UUID
    element: str
    place: Place
    row: Mapping[str, Any]
    """What is particular to it, as plain JSON."""


def plan_openings(run: Run, opened: list[OpenTask]) -> list[Opening]:
    """Whose the tasks that a step comes to will be and by when, as the instance stands before the step is stored."""
    if not opened:
        return []
    wanted = [Opened(task.id, task.element, _item(run, task)) for task in opened]
    given = read_circumstances(run.session, run.instance, run.published, wanted, run.campaign)
    found = []
    for task in opened:
        data = run.instance.data | task.data
        place = place_task(run.published, task.element, run.now, data, run.region, given[task.id])
        found.append(Opening(UUID(task.id), task.element, place, _row(run, task, place)))
    return found


def serve_tasks(run: Run, openings: Sequence[Opening], served: Iterable[Any]) -> None:
    """See that the tasks that were opened have people to do them, and report what is wrong with them.

    Args:
        served: the rows of :data:`webapp.tasks.candidates.OPENED`.
    """
    if not openings:
        return
    people = candidates.people_of(run.session, [opening.id for opening in openings], served)
    faulty = {opening.id for opening in openings if opening.place.rule_fault}
    for persons, tasks in _by_persons(run, openings).items():
        short = candidates.stand_in(run.session, {task: people[task] for task in tasks}, persons)
        if short:
            report_nobody(run.session, run.now, [task for task in short if task not in faulty], persons)
    for opening in openings:
        report_faults(run, str(opening.id), opening.element, opening.place)


def _item(run: Run, task: OpenTask) -> dict[str, Any]:
    """What distinguishes a task among its multi-instance siblings."""
    item, data = run.published.items.get(task.element), run.instance.data | task.data
    return {item: data[item]} if item and item in data else {}


def _by_persons(run: Run, openings: Sequence[Opening]) -> dict[int, list[UUID]]:
    groups: dict[int, list[UUID]] = {}
    for opening in openings:
        groups.setdefault(run.published.assignments[opening.element].persons, []).append(opening.id)
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
