"""What a step tells its caller, read from the instance after it."""

from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.bpmn import Element
from workflows.data import copied
from workflows.definitions import Definition
from workflows.events import take_sent, waiting_for
from workflows.joins import OPEN
from workflows.pruning import finished_above_open
from workflows.running import Run, open_manual
from workflows.serialization import store
from workflows.steps import ClosedTask, EndReached, OpenTask, Step
from workflows.timers import armed_timers


def report(run: Run, before: dict[str, Task], completed: str | None = None) -> Step:
    """The step that `run` made.

    Args:
        before: the tasks that were open before it.
        completed: id of the one that a person completed.
    """
    after = open_manual(run.workflow)
    return Step(
        state=store(run.workflow, run.definition),
        opened=[open_task(t, run.definition) for key, t in after.items() if key not in before],
        closed=[
            ClosedTask(key, t.task_spec.bpmn_id, "completed" if key == completed else "cancelled")
            for key, t in before.items()
            if key not in after
        ],
        way=run.way,
        timers=sorted(armed_timers(run.workflow), key=lambda timer: timer.due),
        messages=waiting_for(run.workflow, MessageEventDefinition),
        signals=waiting_for(run.workflow, SignalEventDefinition),
        sent=take_sent(run.workflow),
        data=copied(main_data(run.workflow)),
        end=_end(run),
        incidents=run.incidents,
    )


def open_task(task: Task, definition: Definition) -> OpenTask:
    """An open task as the caller sees it."""
    element = definition.catalogue.elements[task.task_spec.bpmn_id]
    return OpenTask(str(task.id), element.id, element.name or element.id, element.lane, copied(task.data))


def main_data(workflow: BpmnWorkflow) -> dict[str, Any]:
    """The data of the case: those above every open task, seen from inside a subprocess that all of it is in."""
    level: BpmnBaseWorkflow = workflow
    while True:
        tokens = [t for t in level.tasks.values() if t.has_state(OPEN) and t.state != TaskState.WAITING]
        inner = workflow.subprocesses.get(tokens[0].id) if len(tokens) == 1 else None
        if inner is None or inner.completed:
            return _data_of(level)
        level = inner


def _data_of(level: BpmnBaseWorkflow) -> dict[str, Any]:
    if level.completed and level.last_task is not None:
        found: dict[str, Any] = level.last_task.data
    else:
        above = finished_above_open(level)
        found = (above[-1] if above else level.task_tree).data
    return found


def _end(run: Run) -> EndReached | None:
    if not run.workflow.completed or run.end is None:
        return None
    return _end_reached(run.end)


def _end_reached(element: Element) -> EndReached:
    outcome = element.extension("outcome") or {}
    name = outcome.get("name") or element.name or element.id
    return EndReached(element.id, outcome.get("status", "completed"), outcome.get("value", ""), name)
