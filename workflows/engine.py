"""The verbs of an instance: each takes a stored state, makes one step and answers with the next state.

Nothing is kept between calls, and nothing that fails in the process after a person's act is raised: it is an incident.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows.data import checked_data
from workflows.definitions import Definition
from workflows.errors import NobodyWaitingError, NothingToRetryError, TaskNotOpenError
from workflows.events import catch_event, catchers_of
from workflows.pruning import prune
from workflows.reporting import open_task, report
from workflows.running import EnteringFailedError, Run, failed, open_manual
from workflows.serialization import new_workflow, restore
from workflows.signing import named_result
from workflows.steps import Context, Incident, OpenTask, Step

Act = Callable[[], None]


def start(definition: Definition, data: Mapping[str, Any], context: Context) -> Step:
    """Begin an instance and run it to where it waits.

    Raises:
        DataNotAllowedError: something in `data` must not enter the engine.
    """
    clean = checked_data(data)
    workflow = new_workflow(definition, context)
    workflow.task_tree.data = clean
    return make_step(Run(workflow, definition, context), _nothing, "")


def complete(definition: Definition, state: str, task_id: str, data: Mapping[str, Any], context: Context) -> Step:
    """A person completes an open task; `data` become visible behind it.

    In a multi-instance that collects results, `data` with the item are the result, unless they name it themselves.

    Raises:
        TaskNotOpenError: the task is not open (any more).
        DataNotAllowedError: something in `data` must not enter the engine.
        StateError: the state does not belong to this definition.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    task = open_manual(run.workflow).get(task_id)
    if task is None:
        raise TaskNotOpenError("该任务已不在待办状态。")

    def act() -> None:
        task.data = task.data | named_result(task, clean)
        run.finish(task)

    return make_step(run, act, state, completed=task_id)


def advance(definition: Definition, state: str, context: Context) -> Step:
    """Fire the timers that are due at `context.now`, and run on."""
    return make_step(resume(definition, state, context), _nothing, state)


def deliver(definition: Definition, state: str, message: str, payload: Mapping[str, Any], context: Context) -> Step:
    """Hand a message to the one that has waited for it longest; the payload becomes visible behind it.

    Raises:
        NobodyWaitingError: nothing waits for it now; the caller keeps it until something does.
        DataNotAllowedError: something in `payload` must not enter the engine.
    """
    clean = checked_data(payload)
    run = resume(definition, state, context)
    event = MessageEventDefinition(message)
    waiting = catchers_of(run.workflow, event)
    if not waiting:
        raise NobodyWaitingError(f"该实例现在没有在等待消息“{message}”。")
    return make_step(run, lambda: run.attempt(lambda: catch_event(waiting[0], event, clean)), state)


def broadcast(definition: Definition, state: str, signal: str, payload: Mapping[str, Any], context: Context) -> Step:
    """Let everything in this instance that waits for a signal hear it; nobody need wait.

    Raises:
        DataNotAllowedError: something in `payload` must not enter the engine.
    """
    clean = checked_data(payload)
    run = resume(definition, state, context)
    event = SignalEventDefinition(signal)

    def act() -> None:
        for task in catchers_of(run.workflow, event):
            run.attempt(partial(catch_event, task, event, clean))

    return make_step(run, act, state)


def retry(definition: Definition, state: str, context: Context, data: Mapping[str, Any] | None = None) -> Step:
    """Try again what failed, after putting `data` right in the whole instance.

    Raises:
        NothingToRetryError: nothing in this instance has failed.
    """
    clean = checked_data(data or {})
    run = resume(definition, state, context)
    broken = failed(run.workflow)
    if not broken:
        raise NothingToRetryError("该实例没有出错的环节。")

    def act() -> None:
        correct_data(run.workflow, clean)
        for task in broken:
            task._set_state(TaskState.READY)

    return make_step(run, act, state)


def list_open(definition: Definition, state: str, context: Context) -> list[OpenTask]:
    """The tasks of an instance that wait for a person."""
    return [open_task(t, definition) for t in open_manual(restore(state, definition, context)).values()]


def correct_data(workflow: BpmnWorkflow, data: Mapping[str, Any]) -> None:
    """Set facts of the case wherever its tokens may read them."""
    for level in (workflow, *workflow.subprocesses.values()):
        for task in level.tasks.values():
            task.data = task.data | data


def resume(definition: Definition, state: str, context: Context) -> Run:
    """A step on a stored state, about to be made."""
    return Run(restore(state, definition, context), definition, context)


def _nothing() -> None:
    """A step that only runs on."""


def make_step(run: Run, act: Act, state: str, completed: str | None = None) -> Step:
    """Do `act`, run on and report; if something cannot be entered, nothing has happened."""
    before = open_manual(run.workflow)
    try:
        act()
        run.advance()
    except EnteringFailedError as error:
        return _as_before(run, state, error.incident)
    prune(run.workflow)
    return report(run, before, completed)


def _as_before(run: Run, state: str, incident: Incident) -> Step:
    if not state:
        return Step(state="", failed_entering=incident)
    untouched = resume(run.definition, state, run.context)
    return replace(report(untouched, open_manual(untouched.workflow)), state=state, failed_entering=incident)
