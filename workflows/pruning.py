"""Cuts the history off the task tree after every step; the way taken is kept in tables, not in the engine.

Uncut, the library dies at a depth of about 990 tasks and every return for correction makes each step slower.
"""

from itertools import takewhile

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.joins import OPEN, path_to


def prune(workflow: BpmnWorkflow) -> None:
    """Keep, at each level, the root and what hangs below the last two finished tasks above everything open."""
    for level in (workflow, *workflow.get_active_subprocesses()):
        common = finished_above_open(level)
        if len(common) > 3:
            _cut(workflow, level, common[-2])


def finished_above_open(level: BpmnBaseWorkflow) -> list[Task]:
    """The finished tasks, from the root down, that every open task of a workflow or subprocess has above it."""
    paths = [path_to(t) for t in level.tasks.values() if t.has_state(OPEN)]
    rows = takewhile(
        lambda row: row[0].state == TaskState.COMPLETED and all(t is row[0] for t in row), zip(*paths, strict=False)
    )
    return [row[0] for row in rows]


def _cut(top: BpmnWorkflow, level: BpmnBaseWorkflow, keep: Task) -> None:
    root = level.task_tree
    keep.parent._children.remove(keep.id)
    for child in list(root.children):
        drop(top, level, child)
    root._children, keep._parent = [keep.id], root.id


def drop(top: BpmnWorkflow, level: BpmnBaseWorkflow, task: Task) -> None:
    """Remove a task, all below it and all subprocesses in it from every register that knows them."""
    if task.parent is not None:
        task.parent._children.remove(task.id)
    for each in _with_all_below(task):
        del level.tasks[each.id]
        forget(top, each)
    if level.last_task is not None and level.last_task.id not in level.tasks:
        level.last_task = None


def _with_all_below(task: Task) -> list[Task]:
    found = [task]
    for each in found:  # grows while it is read
        found.extend(each.children)
    return found


def forget(top: BpmnWorkflow, task: Task) -> None:
    """Clear the two registers in which the library leaves a removed task: waiting events and subprocesses."""
    top.event_manager.remove_task(task)
    inner = top.subprocesses.pop(task.id, None)
    for each in inner.tasks.values() if inner is not None else ():
        forget(top, each)
