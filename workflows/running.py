"""Runs an instance until everything waits, and records what happened: the way, the failures, what opened and closed."""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.bpmn import Element
from workflows.definitions import Definition
from workflows.errors import AutomaticLoopError, WorkflowsError
from workflows.signing import find_container
from workflows.steps import Context, Incident, Passed

MOST_PASSES: Final = 50  # of one element in one step, without waiting for anybody
LONGEST_TRACE: Final = 8000  # characters
_SPLIT: Final = ".BoundaryEventSplit"


class EnteringFailedError(Exception):
    """An element could not be entered and left the instance half-way: the state of before must be kept."""

    def __init__(self, incident: Incident) -> None:
        super().__init__(incident.message)
        self.incident = incident


@dataclass
class Run:
    """One step of one instance."""

    workflow: BpmnWorkflow
    definition: Definition
    context: Context
    way: list[Passed] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    end: Element | None = None
    passes: Counter[tuple[UUID, str]] = field(default_factory=Counter)

    def finish(self, task: Task) -> None:
        """Run one task that is ready.

        Raises:
            EnteringFailedError: something behind it could not be entered.
        """
        try:
            task.run()
        except Exception as error:
            self._let_through(error)
            if task.state != TaskState.ERROR:
                raise EnteringFailedError(incident_of(task, error)) from error
            self.incidents.append(incident_of(task, error))
        else:
            self._record(task)

    def advance(self) -> None:
        """Run everything that needs nobody, timers that are due included."""
        while self._run_ready() or self._fire_timers():
            pass

    def _run_ready(self) -> bool:
        ready = ready_automatic(self.workflow)
        for task in ready:
            if task.state == TaskState.READY and task.id in task.workflow.tasks:  # not cancelled by one before it
                self._count(task)
                self.finish(task)
        return bool(ready)

    def _count(self, task: Task) -> None:
        """Stop a circle that nobody ever interrupts. The instances of a multi-instance are no circle."""
        if find_container(task) is not None:
            return
        key = (task.workflow.task_tree.id, task.task_spec.name)
        self.passes[key] += 1
        if self.passes[key] > MOST_PASSES:
            error = AutomaticLoopError(f"流程在“{_element_of(task)}”处自动循环，没有停下等待任何人。")
            raise EnteringFailedError(incident_of(task, error))

    def _fire_timers(self) -> bool:
        self.attempt(self.workflow.refresh_timers)
        return bool(ready_automatic(self.workflow))

    def attempt(self, call: Callable[[], None]) -> None:
        """Do something that enters elements outside of any task's run.

        Raises:
            EnteringFailedError: one of them could not be entered.
        """
        try:
            call()
        except Exception as error:
            self._let_through(error)
            raise EnteringFailedError(incident_of(self._latest(), error)) from error

    def _let_through(self, error: BaseException | None) -> None:
        """Raise what is no incident of the process, also where an expression or the library has wrapped it."""
        while error is not None:
            if isinstance(error, self.context.let_through):
                raise error
            error = error.__cause__ or error.__context__

    def _latest(self) -> Task:
        return self.workflow.last_task or self.workflow.task_tree

    def _record(self, task: Task) -> None:
        source = task.task_spec.bpmn_id
        element = self.definition.catalogue.elements.get(source)
        if element is None:
            return
        if not isinstance(task.task_spec, LoopTask):
            self.way.append(Passed(source, element.type))
        if element.type == "endEvent" and task.workflow is self.workflow:
            self.end = element
        for child in task.children:
            flow = self.definition.flows.get((source, _element_of(child)))
            if flow is not None and child.state >= TaskState.WAITING:
                self.way.append(Passed(flow, "sequenceFlow"))


def _element_of(task: Task) -> str:
    name: str = task.task_spec.bpmn_id or task.task_spec.name.removesuffix(_SPLIT)
    return name


def ready_automatic(workflow: BpmnWorkflow) -> list[Task]:
    """Tasks that can run now without a person, those of the innermost subprocesses first."""
    inner = sorted(workflow.get_active_subprocesses(), key=lambda level: -int(level.depth))
    return [
        task
        for level in (*inner, workflow)
        for task in level.tasks.values()
        if task.state == TaskState.READY and not task.task_spec.manual
    ]


def open_manual(workflow: BpmnWorkflow) -> dict[str, Task]:
    """Tasks that wait for a person, by id."""
    return {
        str(task.id): task
        for level in (workflow, *workflow.get_active_subprocesses())
        for task in level.tasks.values()
        if task.state == TaskState.READY and task.task_spec.manual
    }


def failed(workflow: BpmnWorkflow) -> list[Task]:
    """Tasks that failed and can be retried."""
    return [
        task
        for level in (workflow, *workflow.get_active_subprocesses())
        for task in level.tasks.values()
        if task.state == TaskState.ERROR
    ]


def incident_of(task: Task, error: Exception) -> Incident:
    """What the administrator must see of a failure at `task`."""
    task = getattr(error, "task", None) or task
    element = getattr(error, "element", "") or _element_of(task)
    cause = getattr(error, "error_type", None) or type(error).__name__
    trace = "" if isinstance(error, WorkflowsError) else "".join(traceback.format_exception(error))[-LONGEST_TRACE:]
    return Incident(str(task.id), element, cause, str(error), trace)
