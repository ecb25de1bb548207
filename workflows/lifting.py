"""A subprocess that the new version draws no more: the one step that is open in it goes on one level higher.

Only where it stands alone: no other token in the subprocess, nothing that began at its border, no multi-instance in
between, and the step has its id. Everything else is an obstacle, see :mod:`workflows.obstacles`.
"""

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.borders import has_border, in_order
from workflows.bpmn import TASKS
from workflows.events import Attached
from workflows.joins import OPEN, EndOfAll
from workflows.pruning import drop
from workflows.routes import Route
from workflows.signing import find_container


def lift(route: Route, workflow: BpmnWorkflow) -> None:
    """Bring steps out of subprocesses that are gone, innermost first; the tree is still that of the old version."""
    for level in sorted(workflow.get_active_subprocesses(), key=lambda level: -int(level.depth)):
        holder = workflow.get_task_from_id(level.parent_task_id)
        step = _alone(level)
        if step is not None and _may_leave(route, holder, step):
            _move_up(workflow, holder, step)


def _alone(level: BpmnBaseWorkflow) -> Task | None:
    """The one token of a level, where it is a step that waits for people and has nothing at its border."""
    tokens = [t for t in level.tasks.values() if t.has_state(OPEN) and not isinstance(t.task_spec, EndOfAll)]
    if len(tokens) != 1 or tokens[0].state != TaskState.READY or not tokens[0].task_spec.manual:
        return None
    return None if has_border(tokens[0]) or find_container(tokens[0]) is not None else tokens[0]


def _may_leave(route: Route, holder: Task, step: Task) -> bool:
    """Whether the subprocess is gone, and the step stands in the new version where the subprocess stood."""
    if find_container(holder) is not None or holder.task_spec.bpmn_id is None:
        return False
    here = route.old.catalogue.elements[holder.task_spec.bpmn_id]
    new = route.new.catalogue.elements.get(step.task_spec.name)
    is_gone = here.loop is None and route.element(here.id) not in route.new.catalogue.elements
    stands = new is not None and new.type in TASKS and new.parent == route.element(_home(route, here.parent))
    return is_gone and stands and not (has_border(holder) and any(map(_has_begun, holder.parent.children)))


def _home(route: Route, parent: str) -> str:
    """The process or subprocess that is left of those around a place."""
    around = route.old.catalogue.elements.get(parent)
    is_gone = around is not None and route.element(parent) not in route.new.catalogue.elements
    return _home(route, around.parent) if is_gone and around is not None else parent


def _has_begun(event: Task) -> bool:
    return isinstance(event.task_spec, Attached) and event.state != TaskState.WAITING


def _move_up(top: BpmnWorkflow, holder: Task, step: Task) -> None:
    inner, outer = step.workflow, holder.workflow
    for child in list(step.children):
        drop(top, inner, child)
    step.parent._children.remove(step.id)
    del inner.tasks[step.id]
    place = holder.parent if has_border(holder) else holder
    above = place.parent
    at = above._children.index(place.id)
    drop(top, outer, place)
    above._children.insert(at, step.id)
    step._parent, step.workflow = above.id, outer
    outer.tasks[step.id] = step
    in_order(outer)
