"""Messages and event-based gateways, with everything that they remember stored as plain data."""

from collections.abc import Iterator
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.steps import Sent, Waiting
from workflows.timers import Deadline

_WINNER: Final = "winner"
_PAYLOAD: Final = "payload"


class FirstOf(MultipleEventDefinition):  # type: ignore[misc]
    """The events behind an event-based gateway; the first that comes is remembered by its element."""

    def bind(self, gateway: "Race") -> None:
        self.gateway = gateway

    def _events(self) -> Iterator[tuple[str, Any]]:
        return zip(self.gateway._outputs, self.event_definitions, strict=True)

    def has_fired(self, my_task: Task) -> bool:
        past = [e for e, d in self._events() if isinstance(d, Deadline) and d.is_past(my_task, e)]
        if past:
            my_task.internal_data.setdefault(_WINNER, past[0])
        return _WINNER in my_task.internal_data

    def catches(self, my_task: Task, event: BpmnEvent | None = None) -> bool:
        return any(d.catches(my_task, event) for d in self.event_definitions)

    def catch(self, my_task: Task, event: BpmnEvent) -> None:
        element = next(e for e, d in self._events() if d.catches(my_task, event))
        my_task.internal_data.update({_WINNER: element, _PAYLOAD: event.payload or {}})

    def waiting(self) -> Iterator[Waiting]:
        """The messages among the events."""
        return (Waiting(d.name, e) for e, d in self._events() if isinstance(d, MessageEventDefinition))


class Race(EventBasedGateway):  # type: ignore[misc]
    """An event-based gateway: several timers are possible, and a message wins over nothing else."""

    def _run_hook(self, my_task: Task) -> bool:
        my_task.data = my_task.data | my_task.internal_data.pop(_PAYLOAD, {})
        winner = self._wf_spec.task_specs[my_task.internal_data.pop(_WINNER)]
        my_task._sync_children([winner], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


def catchers_of(workflow: BpmnWorkflow, message: str) -> list[Task]:
    """The tasks that wait for a message, those waiting longest first."""
    event = BpmnEvent(MessageEventDefinition(message))
    found = [t for t in workflow.event_manager.tasks.values() if t.task_spec.catches(t, event)]
    return sorted(found, key=lambda t: float(t.last_state_change))


def catch_message(task: Task, message: str, payload: dict[str, Any]) -> None:
    """Hand a message to one catcher only; the library would give it to every one of that name."""
    task.task_spec.catch(task, BpmnEvent(MessageEventDefinition(message), payload))
    task.task_spec._update(task)


def waiting_messages(workflow: BpmnWorkflow) -> Iterator[Waiting]:
    """Every message that the instance waits for now."""
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        if isinstance(definition, FirstOf):
            yield from definition.waiting()
        elif isinstance(definition, MessageEventDefinition):
            yield Waiting(definition.name, task.task_spec.bpmn_id)


def take_sent(workflow: BpmnWorkflow) -> list[Sent]:
    """Messages thrown that nothing here caught; other uncaught events (errors, signals) end unheard."""
    return [
        Sent(event.event_definition.name, dict(event.payload or {}))
        for event in workflow.get_events()
        if isinstance(event.event_definition, MessageEventDefinition)
    ]
