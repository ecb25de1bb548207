"""The state of an instance as JSON text, without the definition: restored onto the specs of its version.

Each task stores only what its data change against those of the task above it, and only what is not usual: the task
above is the one before it, and it is completed. A short state is cheap: the database keeps it in the row of the case.
"""

import json
from collections.abc import Mapping, Sequence
from operator import is_
from typing import Any, Final
from uuid import UUID

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow, BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.definitions import Definition
from workflows.errors import StateError
from workflows.joins import OPEN
from workflows.pruning import forget
from workflows.scripting import Engine
from workflows.steps import Context

FORMAT: Final = 2
_READABLE: Final = frozenset({1, FORMAT})  # the first format says of every task everything
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
        "inner": _stored_inner(workflow, workflow.subprocesses),
    }
    try:
        return orjson.dumps(state).decode()
    except TypeError:  # numbers beyond 64 bits, which orjson leaves to others
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
        for stored in state["inner"]:
            _restore_inner(workflow, stored)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
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
    if not isinstance(state, dict) or state.get("format") not in _READABLE:
        raise StateError(f"流程状态的格式不是 {FORMAT}。")
    if state.get("digest") != definition.digest:
        raise StateError(f"流程状态属于“{definition.process}”的另一个版本。")
    return state


def _stored_inner(top: BpmnWorkflow, levels: Mapping[UUID, BpmnSubWorkflow]) -> list[dict[str, Any]]:
    """Subprocesses; an outer one stands before those in it."""
    return [{"parent": str(key)} | _stored_level(level, top.get_task_from_id(key)) for key, level in levels.items()]


def _stored_level(level: BpmnBaseWorkflow, holder: Task | None = None) -> dict[str, Any]:
    """A workflow, or a subprocess with the task that holds it; the root comes first, parents before children."""
    places = {key: place for place, key in enumerate(level.tasks)}
    stored: dict[str, Any] = {
        "last": None if level.last_task is None else places[level.last_task.id],
        "tasks": [_stored_task(task, places, holder) for task in level.tasks.values()],
    }
    if not level.success:
        stored["success"] = False
    if level.completed:
        stored["completed"] = True
    if level.data:
        stored["data"] = level.data
    return stored


def _stored_task(task: Task, places: Mapping[UUID, int], holder: Task | None = None) -> dict[str, Any]:
    stored: dict[str, Any] = {"id": str(task.id), "spec": task.task_spec.name}
    parent = places.get(task._parent)
    if parent != _place_above(places[task.id]):
        stored["parent"] = parent
    if task.state != TaskState.COMPLETED:
        stored["state"] = task.state
    if task.has_state(OPEN):
        stored["since"] = round(task.last_state_change, 6)
    if task.triggered:
        stored["triggered"] = True
    if task.internal_data:
        stored["internal"] = task.internal_data
    before = _inherited(task)
    if holder is not None and task._parent is None:
        stored["held"], before = True, holder.data
    return stored | _changes(task.data, before)


def _place_above(place: int) -> int | None:
    """Where the parent of a task usually stands."""
    return place - 1 if place else None


def _changes(data: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    if len(data) == len(before) and all(map(is_, data.values(), before.values())) and list(data) == list(before):
        return {}  # as most tasks have them
    found: dict[str, Any] = {}
    changed = {k: v for k, v in data.items() if (was := before.get(k, _ABSENT)) is not v and not _same(v, was)}
    if changed:
        found["set"] = changed
    if gone := before.keys() - data.keys():
        found["unset"] = sorted(gone)
    return found


def _inherited(task: Task) -> dict[str, Any]:
    """The data that a task has got from above; one that is only predicted has none yet."""
    parent = task.parent
    return {} if parent is None or task.state < TaskState.WAITING else parent.data


def _same(a: Any, b: Any) -> bool:
    """Equal as JSON: unlike `==`, tells 1, 1.0 and True apart, in lists and dicts too."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def _restore_level(level: BpmnBaseWorkflow, stored: Mapping[str, Any], holder: Task | None = None) -> None:
    tasks: list[Task] = []
    for each in stored["tasks"]:
        tasks.append(_restored_task(level, each, tasks, holder=holder))
    level.task_tree = tasks[0]
    level.last_task = None if stored["last"] is None else tasks[stored["last"]]
    level.success, level.completed = stored.get("success", True), stored.get("completed", False)
    level.data = stored.get("data", {})


def _restored_task(
    level: BpmnBaseWorkflow,
    stored: Mapping[str, Any],
    before: Sequence[Task],
    under: Task | None = None,
    holder: Task | None = None,
) -> Task:
    spec = level.spec.task_specs[stored["spec"]]
    task = Task(level, spec, state=stored.get("state", TaskState.COMPLETED), id=stored["id"])
    place = stored.get("parent", _place_above(len(before)))
    parent = under if place is None else before[place]
    if parent is not None:
        task._parent = parent.id
        parent._children.append(task.id)
    inherited = holder.data if holder is not None and stored.get("held") else _inherited(task)
    task.data = inherited | stored.get("set", {})
    for gone in stored.get("unset", ()):
        task.data.pop(gone, None)
    task.internal_data = stored.get("internal", {})
    task.last_state_change, task.triggered = stored.get("since", 0), stored.get("triggered", False)
    if task.state == TaskState.WAITING and isinstance(spec, CatchingEvent):
        level.top_workflow.event_manager.add_task(task)
    return task


def _restore_inner(top: BpmnWorkflow, stored: Mapping[str, Any]) -> None:
    parent = top.get_task_from_id(stored["parent"])
    level = BpmnSubWorkflow(top.subprocess_specs[parent.task_spec.spec], parent.id, top, deserializing=True)
    top.subprocesses[parent.id] = level
    _restore_level(level, stored, parent)
    level.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)


def store_branch(top: BpmnWorkflow, root: Task) -> dict[str, Any]:
    """A task with all below it as plain JSON data, to be set aside; what it inherits from above is not part of it."""
    tasks = [root]
    for each in tasks:  # grows while it is read
        tasks.extend(each.children)
    places = {task.id: place for place, task in enumerate(tasks)}
    inner: dict[UUID, BpmnSubWorkflow] = {}
    for key, level in top.subprocesses.items():
        if key in places or any(key in outer.tasks for outer in inner.values()):
            inner[key] = level
    stored = {
        "tasks": [_stored_task(task, places) for task in tasks],
        "inner": _stored_inner(top, inner),
    }
    plain: dict[str, Any] = json.loads(json.dumps(stored, allow_nan=False))
    return plain


def restore_branch(top: BpmnWorkflow, anchor: Task, stored: Mapping[str, Any]) -> list[Task]:
    """Put what :func:`store_branch` gave under a finished task; returns every task of it."""
    tasks: list[Task] = []
    for each in stored["tasks"]:
        tasks.append(_restored_task(anchor.workflow, each, tasks, anchor))
    for level in stored["inner"]:
        _restore_inner(top, level)
        tasks.extend(top.subprocesses[level["parent"]].tasks.values())
    return tasks
