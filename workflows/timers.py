"""Timers compare with the clock of the step, never with that of the machine.

An armed timer is an ISO instant in its task's internal data, under the id of the event that fires.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util import PendingBpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task

from workflows.errors import ExpressionError, TimerNotArmedError
from workflows.scripting import Engine
from workflows.steps import Context, Timer

ARMED: Final = "timers"


class Deadline(TimerEventDefinition):  # type: ignore[misc]
    """Fires at the instant that its expression gives when the event is reached; a duration counts from then."""

    def has_fired(self, my_task: Task) -> bool:
        return self.is_past(my_task, my_task.task_spec.bpmn_id)

    def is_past(self, task: Task, element: str) -> bool:
        """Whether the timer is due; arms it at the first call.

        Raises:
            TimerNotArmedError: its expression gives no instant.
        """
        armed = task.internal_data.setdefault(ARMED, {})
        if element not in armed:
            armed[element] = self._instant(task, element, task.workflow.script_engine).isoformat()
        return datetime.fromisoformat(armed[element]) <= _now(task)

    def instant(self, task: Task, context: Context) -> datetime:
        """When the timer would be due, had it been armed in that world at a task.

        Raises:
            TimerNotArmedError: its expression gives no instant.
        """
        return self._instant(task, self.name, Engine(context))

    def _instant(self, task: Task, element: str, engine: Engine) -> datetime:
        try:
            value = engine.evaluate(task, self.expression)
        except ExpressionError as error:
            raise TimerNotArmedError(f"定时事件“{element}”：{error}", element) from error
        try:
            return _instant(value, engine.context.now)
        except (TypeError, ValueError, OverflowError) as error:
            message = f"定时事件“{element}”的表达式没有给出时刻，而是 {value!r}。"
            raise TimerNotArmedError(message, element) from error

    def details(self, my_task: Task) -> PendingBpmnEvent:
        armed = my_task.internal_data.get(ARMED, {})
        return PendingBpmnEvent(self.name, type(self).__name__, armed.get(my_task.task_spec.bpmn_id))


def _now(task: Task) -> datetime:
    now: datetime = task.workflow.script_engine.context.now
    return now


def _instant(value: Any, now: datetime) -> datetime:
    if not isinstance(value, str):
        raise TypeError(value)
    if value.startswith("P"):
        return _after(now, value)
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant


def _after(now: datetime, duration: str) -> datetime:
    try:
        parsed = TimerEventDefinition.parse_iso_duration(duration)
        delta: timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, now)
    except Exception as error:  # the library raises bare Exception
        raise ValueError(duration) from error
    return now + delta


def armed_timers(workflow: BpmnWorkflow) -> Iterator[Timer]:
    """All timers that are running, in no particular order."""
    for task in workflow.event_manager.tasks.values():
        for element, due in task.internal_data.get(ARMED, {}).items():
            yield Timer(str(task.id), element, datetime.fromisoformat(due))
