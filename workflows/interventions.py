"""What an administrator does to a running instance as a whole: set data or a timer right, end it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows.data import checked_data
from workflows.definitions import Definition
from workflows.engine import correct_data, make_step, resume
from workflows.errors import NobodyWaitingError
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
