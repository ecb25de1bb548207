"""What an administrator does to a running instance: move a token, set data or a timer right, end it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.bpmn import ACTIVITIES
from workflows.data import checked_data
from workflows.definitions import Definition
from workflows.engine import correct_data, make_step, resume
from workflows.errors import CannotMoveError, NobodyWaitingError, TaskNotOpenError
from workflows.joins import OPEN, last_common, path_to
from workflows.pruning import drop, finished_above_open
from workflows.running import Run, open_manual
from workflows.steps import Context, Step
from workflows.timers import ARMED


def set_data(definition: Definition, state: str, data: Mapping[str, Any], context: Context) -> Step:
    """Set facts of the case right wherever its tokens may read them.

    Raises:
        DataNotAllowedError: something in `data` must not enter the engine.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    return make_step(run, lambda: correct_data(run.workflow, clean), state)


def move_timer(definition: Definition, state: str, task_id: str, element: str, due: datetime, context: Context) -> Step:
    """Give a running timer another instant; one in the past fires at once.

    Raises:
        NobodyWaitingError: no such timer is running.
    """
    run = resume(definition, state, context)
    waiting = run.workflow.event_manager.tasks.values()
    task = next((t for t in waiting if str(t.id) == task_id and element in t.internal_data.get(ARMED, {})), None)
    if task is None:
        raise NobodyWaitingError(f"定时事件“{element}”没有在运行。")
    return make_step(run, lambda: task.internal_data[ARMED].update({element: due.isoformat()}), state)


def cancel(definition: Definition, state: str, context: Context) -> Step:
    """End an instance where it is, without any of its ends."""
    run = resume(definition, state, context)
    return make_step(run, lambda: run.attempt(run.workflow.cancel), state)


def goto(
    definition: Definition,
    state: str,
    element: str,
    data: Mapping[str, Any],
    context: Context,
    task_id: str | None = None,
) -> Step:
    """Move the tokens to an activity, back or forward; timers are armed anew.

    Args:
        task_id: an open task whose token alone is moved, within its own branch; without it all tokens of the process
            or subprocess that holds `element`. Into a parallel block from outside is not possible: its join would
            wait for the other branches for ever.

    Raises:
        CannotMoveError: no such activity where the token is.
        TaskNotOpenError: that task is not open.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    branch = _branch(run.workflow, task_id)
    level = _level_of(run, element, branch)
    anchor, old = _anchor(level, branch)
    anchor.data = deepcopy(anchor.data) | clean
    return make_step(run, lambda: run.attempt(lambda: _move(run.workflow, element, anchor, old)), state)


def _branch(workflow: BpmnWorkflow, task_id: str | None) -> Task | None:
    if task_id is None:
        return None
    task = open_manual(workflow).get(task_id)
    if task is None:
        raise TaskNotOpenError("该任务已不在待办状态。")
    return task


def _level_of(run: Run, element: str, branch: Task | None) -> BpmnBaseWorkflow:
    drawn = run.definition.catalogue.elements.get(element)
    levels = [run.workflow, *run.workflow.get_active_subprocesses()] if branch is None else [branch.workflow]
    found = [level for level in levels if element in level.spec.task_specs and not level.completed]
    if drawn is None or drawn.type not in ACTIVITIES or len(found) != 1:
        raise CannotMoveError(f"不能移动到“{element}”：当前层级没有这个活动，或者有多个同名的层级。")
    return found[0]


def _move(top: BpmnWorkflow, element: str, anchor: Task, old: Sequence[Task]) -> None:
    for task in old:
        drop(top, anchor.workflow, task)
    enter(anchor, element)


def enter(anchor: Task, element: str) -> None:
    """Let a token go on from a finished task to an activity, with the events at its border."""
    specs = anchor.workflow.spec.task_specs
    spec = specs.get(f"{element}.BoundaryEventSplit") or specs[element]
    new = anchor._add_child(spec, TaskState.FUTURE)
    new.triggered = True
    spec._predict(new, mask=TaskState.NOT_FINISHED_MASK)
    spec._update(new)


def _anchor(level: BpmnBaseWorkflow, branch: Task | None) -> tuple[Task, list[Task]]:
    """The finished task under which the token goes on, and what is cut off there."""
    if branch is None:
        above = finished_above_open(level)
        if not above:
            raise CannotMoveError("没有可以移动的办理位置。")
        return above[-1], list(above[-1].children)
    others = [t for t in level.tasks.values() if t.has_state(OPEN) and t is not branch]
    forks = [last_common([branch, other]) for other in others] or [level.task_tree]
    mine = path_to(branch)
    place = max(mine.index(fork) for fork in forks)
    return mine[place], [mine[place + 1]]
