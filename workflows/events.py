"""Messages, signals and event-based gateways; all that they remember is stored as plain data."""

from collections.abc import Iterator
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventBasedGateway
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
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
_HEARD: Final = (MessageEventDefinition, SignalEventDefinition)


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

    def waiting(self, kind: type[EventDefinition]) -> Iterator[Waiting]:
        """The messages, or the signals, among the events."""
        return (Waiting(d.name, e) for e, d in self._events() if isinstance(d, kind))


class Race(EventBasedGateway):  # type: ignore[misc]
    """An event-based gateway: several timers are possible, and a message wins over nothing else."""

    def _run_hook(self, my_task: Task) -> bool:
        my_task.data = my_task.data | my_task.internal_data.pop(_PAYLOAD, {})
        winner = self._wf_spec.task_specs[my_task.internal_data.pop(_WINNER)]
        my_task._sync_children([winner], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class Attached(BoundaryEvent):  # type: ignore[misc]
    """A boundary event. One that interrupts nothing hears every message, not only the first."""

    def _on_complete_hook(self, my_task: Task) -> None:
        super()._on_complete_hook(my_task)
        if not self.cancel_activity and isinstance(self.event_definition, _HEARD) and _host_is_open(my_task):
            again = my_task.parent._add_child(self, TaskState.WAITING)
            self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
            self._update(again)


def _host_is_open(boundary: Task) -> bool:
    hosts = (t for t in boundary.parent.children if not isinstance(t.task_spec, BoundaryEvent))
    return any(not t.has_state(TaskState.FINISHED_MASK) for t in hosts)


def catchers_of(workflow: BpmnWorkflow, definition: EventDefinition) -> list[Task]:
    """The tasks that wait for a message or signal, those waiting longest first."""
    event = BpmnEvent(definition)
    found = [t for t in workflow.event_manager.tasks.values() if t.task_spec.catches(t, event)]
    return sorted(found, key=lambda t: float(t.last_state_change))


def catch_event(task: Task, definition: EventDefinition, payload: dict[str, Any]) -> None:
    """Hand an event to one catcher only; the library would give it to every one of that name."""
    task.task_spec.catch(task, BpmnEvent(definition, payload))
    task.task_spec._update(task)


def waiting_for(workflow: BpmnWorkflow, kind: type[EventDefinition]) -> list[Waiting]:
    """All messages, or all signals, that the instance waits for now."""
    found: list[Waiting] = []
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        if isinstance(definition, FirstOf):
            found += definition.waiting(kind)
        elif isinstance(definition, kind):
            found.append(Waiting(definition.name, task.task_spec.bpmn_id))
    return found


def take_sent(workflow: BpmnWorkflow) -> list[Sent]:
    """Messages thrown that nothing here caught; other uncaught events (errors, signals) end unheard."""
    return [
        Sent(event.event_definition.name, dict(event.payload or {}))
        for event in workflow.get_events()
        if isinstance(event.event_definition, MessageEventDefinition)
    ]
