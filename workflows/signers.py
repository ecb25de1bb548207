"""One signer more (加签), one fewer (减签), another one in somebody's place (转办), and who is still to come."""

from collections.abc import Callable
from functools import partial
from typing import Any

from SpiffWorkflow.task import Task

from workflows.data import checked_value
from workflows.definitions import Definition
from workflows.engine import make_step, resume
from workflows.errors import SignersError, TaskNotOpenError
from workflows.running import EnteringFailedError, Run, open_manual
from workflows.signing import Signing, find_container
from workflows.steps import Context, Step


def add_signer(
    definition: Definition, state: str, task_id: str, item: Any, context: Context, *, before: bool = False
) -> Step:
    """Ask one more signer of the 会签 that an open task is part of; in turn, before or after that task.

    Raises:
        TaskNotOpenError: the task is not open (any more), or is part of none.
        SignersError: the signer is on the list already, or the list is full.
    """
    return _changed(definition, state, task_id, checked_value(item, "item"), context, "add", before=before)


def remove_signer(definition: Definition, state: str, task_id: str, item: Any, context: Context) -> Step:
    """Ask a signer no more who has not signed yet.

    Raises:
        TaskNotOpenError: the task is not open (any more), or is part of none.
        SignersError: there is no such signer, or it is the last one.
    """
    return _changed(definition, state, task_id, checked_value(item, "item"), context, "remove")


def replace_signer(definition: Definition, state: str, task_id: str, item: Any, context: Context) -> Step:
    """Put another signer in the place of the one whose open task it is.

    Raises:
        TaskNotOpenError: the task is not open (any more), or is part of none.
        SignersError: the other is on the list already.
    """
    return _changed(definition, state, task_id, checked_value(item, "item"), context, "replace")


def signers_to_come(definition: Definition, state: str, element: str, context: Context) -> list[Any]:
    """Whom a 会签 in turn (依次) asks after those who sign now, in that order; nobody where all sign at once."""
    run = resume(definition, state, context)
    open_ones = (task for task in open_manual(run.workflow).values() if task.task_spec.bpmn_id == element)
    for task in open_ones:
        signing = find_container(task)
        if signing is not None:
            return signing.to_come(task.parent)
    return []


def _changed(
    definition: Definition, state: str, task_id: str, item: Any, context: Context, how: str, *, before: bool = False
) -> Step:
    run = resume(definition, state, context)
    child = _instance(run, task_id)
    container: Task = child.parent
    signing: Signing = container.task_spec
    act = {
        "add": partial(signing.add, container, item, child, before=before),
        "remove": partial(signing.remove, container, item),
        "replace": partial(_replace, run, container, child, item),
    }[how]
    return make_step(run, partial(_attempt, run, act), state)


def _attempt(run: Run, act: Callable[[], None]) -> None:
    try:
        run.attempt(act)
    except EnteringFailedError as error:
        if isinstance(error.__cause__, SignersError):
            raise error.__cause__ from error
        raise


def _instance(run: Run, task_id: str) -> Task:
    """The instance of a 会签 that an open task is or lies in."""
    task = open_manual(run.workflow).get(task_id)
    while task is not None and find_container(task) is None:
        is_inner = task.workflow is not run.workflow
        task = run.workflow.get_task_from_id(task.workflow.parent_task_id) if is_inner else None
    if task is None:
        raise TaskNotOpenError("该任务已不在待办状态，或者不是会签。")
    return task


def _replace(run: Run, container: Task, child: Task, item: Any) -> None:
    container.task_spec.replace(container, child, item)
    inner = run.workflow.subprocesses.get(child.id)
    name = container.task_spec.input_item.bpmn_id if container.task_spec.input_item is not None else None
    for task in inner.tasks.values() if inner is not None and name else ():
        task.data = task.data | {name: item}
