"""The state of an instance as JSON text, without the definition: restored onto the specs of its version.

Each task stores only what its data change against those of the task above it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow, BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.definitions import Definition
from workflows.errors import StateError
from workflows.pruning import forget
from workflows.scripting import Engine
from workflows.steps import Context

FORMAT: Final = 1
_ABSENT: Final = object()


def new_workflow(definition: Definition, context: Context) -> BpmnWorkflow:
    """An instance at its very beginning."""
    return _prepared(BpmnWorkflow(definition.spec, definition.inner, script_engine=Engine(context)))


def store(workflow: BpmnWorkflow, definition: Definition) -> str:
    """The state as JSON text."""
    state = {
        "format": FORMAT,
        "process": definition.process,
        "digest": definition.digest,
        "main": _stored_level(workflow),
        "inner": [{"parent": str(key)} | _stored_level(level) for key, level in workflow.subprocesses.items()],
    }
    return json.dumps(state, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def restore(text: str, definition: Definition, context: Context) -> BpmnWorkflow:
    """The instance of a stored state, with our script engine and the context of this step.

    Raises:
        StateError: another format, or stored by another version of the definition.
    """
    state = _read(text, definition)
    workflow = BpmnWorkflow(definition.spec, definition.inner, script_engine=Engine(context), deserializing=True)
    try:
        _restore_level(workflow, state["main"])
        for stored in state["inner"]:  # an outer subprocess stands before those in it
            _restore_inner(workflow, stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError(f"流程状态已损坏：{type(error).__name__} {error}") from error
    return _prepared(workflow)


def _prepared(workflow: BpmnWorkflow) -> BpmnWorkflow:
    workflow.task_removed_event.connect(lambda _level, task: forget(workflow, task))
    return workflow


def _read(text: str, definition: Definition) -> Mapping[str, Any]:
    try:
        state = json.loads(text)
    except ValueError as error:
        raise StateError("流程状态不是 JSON。") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise StateError(f"流程状态的格式不是 {FORMAT}。")
    if state.get("digest") != definition.digest:
        raise StateError(f"流程状态属于“{definition.process}”的另一个版本。")
    return state


def _stored_level(level: BpmnBaseWorkflow) -> dict[str, Any]:
    return {
        "root": str(level.task_tree.id),
        "last": None if level.last_task is None else str(level.last_task.id),
        "success": level.success,
        "completed": level.completed,
        "data": level.data,
        "tasks": [_stored_task(t) for t in level.tasks.values()],
    }


def _stored_task(task: Task) -> dict[str, Any]:
    parent = task.parent
    before = {} if parent is None else parent.data
    stored: dict[str, Any] = {
        "id": str(task.id),
        "parent": None if parent is None else str(parent.id),
        "spec": task.task_spec.name,
        "state": task.state,
        "since": round(task.last_state_change, 6),
    }
    optional = {
        "triggered": task.triggered,
        "internal": task.internal_data,
        "set": {k: v for k, v in task.data.items() if not _same(v, before.get(k, _ABSENT))},
        "unset": [k for k in before if k not in task.data],
    }
    return stored | {key: value for key, value in optional.items() if value}


def _same(a: Any, b: Any) -> bool:
    """Equal as JSON: unlike `==`, tells 1, 1.0 and True apart, in lists and dicts too."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def _restore_level(level: BpmnBaseWorkflow, stored: Mapping[str, Any]) -> None:
    for each in stored["tasks"]:  # parents stand before their children
        _restore_task(level, each)
    level.task_tree = level.tasks[UUID(stored["root"])]
    level.last_task = None if stored["last"] is None else level.tasks[UUID(stored["last"])]
    level.success, level.completed, level.data = stored["success"], stored["completed"], stored["data"]


def _restore_task(level: BpmnBaseWorkflow, stored: Mapping[str, Any]) -> None:
    spec = level.spec.task_specs[stored["spec"]]
    task = Task(level, spec, state=stored["state"], id=UUID(stored["id"]))
    parent = None if stored["parent"] is None else level.tasks[UUID(stored["parent"])]
    if parent is not None:
        task._parent = parent.id
        parent._children.append(task.id)
    before = {} if parent is None else parent.data
    gone = stored.get("unset", ())
    task.data = {k: v for k, v in before.items() if k not in gone} | stored.get("set", {})
    task.last_state_change, task.triggered = stored["since"], stored.get("triggered", False)
    task.internal_data = stored.get("internal", {})
    if task.state == TaskState.WAITING and isinstance(spec, CatchingEvent):
        level.top_workflow.event_manager.add_task(task)


def _restore_inner(top: BpmnWorkflow, stored: Mapping[str, Any]) -> None:
    parent = top.get_task_from_id(UUID(stored["parent"]))
    level = BpmnSubWorkflow(top.subprocess_specs[parent.task_spec.spec], parent.id, top, deserializing=True)
    top.subprocesses[parent.id] = level
    _restore_level(level, stored)
    level.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
