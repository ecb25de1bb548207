"""Let a running instance go on in another version of its process, exactly where it stands.

Nothing runs: open tasks keep their ids, data and timers, and only what was predicted behind them is drawn anew, and
events at their border that the new version adds or lacks. The library's own migration skips steps, counts timers from
now and drops what was typed; it is not used.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.borders import AsOf, border_of, hosts, put_on, take_off
from workflows.definitions import Definition
from workflows.errors import CannotMigrateError, StateError
from workflows.joins import OPEN
from workflows.lifting import lift
from workflows.obstacles import fits, obstacles
from workflows.pruning import drop
from workflows.reporting import report
from workflows.routes import Route
from workflows.running import Run, open_manual
from workflows.serialization import restore
from workflows.steps import Context, Obstacle, Step
from workflows.timers import ARMED


def examine(route: Route, state: str, context: Context, as_of: AsOf | None = None) -> list[Obstacle]:
    """What keeps an instance from going on in the new version; nothing but notes: it can.

    Args:
        as_of: see :func:`migrate`.

    Raises:
        StateError: the state does not belong to the old version.
    """
    workflow = restore(state, route.old, context)
    lift(route, workflow)
    return obstacles(route, workflow, as_of or (lambda _task, _stamp: context))


def migrate(route: Route, state: str, context: Context, as_of: AsOf | None = None) -> Step:
    """The instance in the new version: a step in which nothing opened, closed or passed.

    Args:
        as_of: the world as it was when an activity was entered, from where timers that are new at its border are
            reckoned; without it from now.

    Raises:
        CannotMigrateError: it cannot go on there as it stands.
        StateError: the state does not belong to the old version.
    """
    workflow = restore(state, route.old, context)
    lift(route, workflow)
    as_of = as_of or (lambda _task, _stamp: context)
    found = obstacles(route, workflow, as_of)
    if any(one.kind != "note" for one in found):
        raise CannotMigrateError(found)
    before = open_manual(workflow)
    _transplant(route, workflow, as_of)
    step = report(Run(workflow, route.new, context), before)
    step.notes.extend(found)
    _prove(route, step, set(before), context)
    return step


def keeps_branch(route: Route, parked: Mapping[str, Any]) -> bool:
    """Whether a branch that was set aside (see :func:`workflows.returning.send_back`) fits into the new version."""
    before, after = _all_specs(route.old), _all_specs(route.new)
    names = {task["spec"] for part in (parked, *parked["inner"]) for task in part["tasks"]} - _EVERYWHERE
    return all(route.renamed(name) == name and name in before and before[name] == after.get(name) for name in names)


_EVERYWHERE: Final = frozenset({"Start", "End"})


def _all_specs(definition: Definition) -> dict[str, tuple[Any, ...]]:
    levels = (definition.spec, *definition.inner.values())
    return {name: (type(spec), *spec._outputs) for level in levels for name, spec in level.task_specs.items()}


def _prove(route: Route, step: Step, before: set[str], context: Context) -> None:
    """What was made can be read, and waits for the same people."""
    try:
        is_same = open_manual(restore(step.state, route.new, context)).keys() == before
    except StateError:
        is_same = False
    if not is_same or step.opened or step.closed:
        words = "办件的流程状态与新版本对不上，没有迁移。请联系维护人员。"
        raise CannotMigrateError([Obstacle("impossible", "unfit", "", words)])


def _transplant(route: Route, workflow: BpmnWorkflow, as_of: AsOf) -> None:
    levels = [workflow, *workflow.get_active_subprocesses()]
    for level in [inner for inner in workflow.subprocesses.values() if inner.completed]:
        workflow.subprocesses.pop(level.parent_task_id)
    coming = {}
    for level in levels:
        coming[level] = {host: border_of(route, host.task_spec.name).new for host in hosts(level)}
        _drop_predicted(workflow, level)
        take_off(route, workflow, level)
        _cut_what_is_gone(route, level)
    for level in levels:
        target = route.level(level.spec.name)
        for task in level.tasks.values():
            _rename(route, task, target.task_specs[route.renamed(task.task_spec.name)])
        level.spec = target
    workflow.subprocess_specs = route.new.inner
    for level in levels:
        put_on(level, coming[level], as_of)
        for task in [task for task in level.tasks.values() if task.has_state(OPEN)]:
            _predict(task)


def _predict(task: Task) -> None:
    """Draw what comes behind a token; behind one that failed as well, for when it is tried again."""
    state, since = task.state, task.last_state_change
    if state == TaskState.ERROR:
        task._set_state(TaskState.READY)
    task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    if state == TaskState.ERROR:
        task._set_state(state)
        task.last_state_change = since


def _drop_predicted(top: BpmnWorkflow, level: BpmnBaseWorkflow) -> None:
    for task in list(_predicted(level.task_tree)):
        drop(top, level, task)


def _predicted(root: Task) -> Iterator[Task]:
    """The uppermost tasks that no token has come to."""
    todo = [root]
    while todo:
        for child in todo.pop().children:
            if child.state < TaskState.WAITING:
                yield child
            else:
                todo.append(child)


def _cut_what_is_gone(route: Route, level: BpmnBaseWorkflow) -> None:
    """Finished tasks that the new version does not know leave the tree; what hangs below them moves up."""
    for task in list(level.tasks.values())[1:]:
        if not fits(route, task):
            above = task.parent
            place = above._children.index(task.id)
            above._children[place : place + 1] = task._children
            for child in task.children:
                child._parent = above.id
            del level.tasks[task.id]
            if level.last_task is task:
                level.last_task = above


def _rename(route: Route, task: Task, spec: object) -> None:
    task.task_spec = spec
    if ARMED in task.internal_data:
        armed = task.internal_data[ARMED]
        task.internal_data[ARMED] = {route.element(key): due for key, due in armed.items()}
