"""Events at the border of an open activity come and go with a migration.

One that is new is armed as if the activity had been entered with it: reckoned from its opening, so that a timer may be
past already and fires at the next step. One that is gone is no longer waited for. What it has begun must be over.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.bpmn import Element
from workflows.errors import TimerNotArmedError
from workflows.events import Attached
from workflows.joins import OPEN, EndOfAll, path_to
from workflows.pruning import drop
from workflows.routes import Route, event_kind
from workflows.signing import find_container
from workflows.steps import Context, Obstacle
from workflows.timers import ARMED, Deadline
from workflows.wording import label

AsOf = Callable[[str, float], Context]
"""The world as it was when an activity was entered: of the id of its task and the machine's stamp of that moment."""
SPLIT: Final = ".BoundaryEventSplit"
_CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Border:
    """The events at the border of an activity in both versions."""

    kept: tuple[tuple[str, str], ...]  # id in the old version, in the new one
    gone: tuple[str, ...]
    new: tuple[str, ...]


def border_of(route: Route, host: str) -> Border:
    """What becomes of the events at the border of an activity of the old version."""
    before = route.old.catalogue.attached.get(host, ())
    after = route.new.catalogue.attached.get(route.element(host), ())
    kept = tuple((key, route.element(key)) for key in before if _is_kept(route, key, after))
    targets = {target for _, target in kept}
    gone = tuple(key for key in before if key not in dict(kept))
    return Border(kept, gone, tuple(key for key in after if key not in targets))


def _is_kept(route: Route, key: str, after: tuple[str, ...]) -> bool:
    target = route.element(key)
    old, new = route.old.catalogue.elements[key], route.new.catalogue.elements.get(target)
    return new is not None and target in after and event_kind(old) == event_kind(new)


def goes_with_its_event(route: Route, task: Task) -> bool:
    """Whether a task is, or hangs below, an event at a border that is gone while its activity stays."""
    return any(isinstance(each.task_spec, Attached) and _is_gone(route, each) for each in path_to(task))


def _is_gone(route: Route, event: Task) -> bool:
    host = route.old.catalogue.elements[event.task_spec.bpmn_id].attached_to or ""
    is_open = any(each.has_state(OPEN) and each.task_spec.bpmn_id == host for each in event.parent.children)
    is_there = route.element(host) in route.new.catalogue.elements
    return is_open and is_there and event.task_spec.bpmn_id in border_of(route, host).gone


def judge(route: Route, task: Task, as_of: AsOf) -> Iterator[Obstacle]:
    """What is to be said of the border of an open activity: what comes, what goes, what keeps it from that."""
    host = route.old.catalogue.elements[task.task_spec.bpmn_id]
    border = border_of(route, host.id)
    for key in border.gone:
        yield _leaving(route, task, key)
    for key, target in border.kept:
        before, after = route.old.catalogue.elements[key], route.new.catalogue.elements[target]
        if _interrupts(before) != _interrupts(after) and any(
            e.state == TaskState.COMPLETED for e in _events(task, key)
        ):
            words = f"{label(before)}已经发生过，新版本改了它是否中断办理。请等“{host.name or host.id}”办完之后再迁移。"
            yield Obstacle("impossible", "border_changed", key, words)
    for key in border.new:
        yield _coming(route, task, host, key, as_of)


def _leaving(route: Route, task: Task, key: str) -> Obstacle:
    event = route.old.catalogue.elements[key]
    if any(_has_token(each) for each in _events(task, key)):
        words = f"{label(event)}已经发生，由它引出的办理还在进行，而它在新版本中已删除。请等那一部分办完之后再迁移。"
        return Obstacle("impossible", "border_going_on", key, words)
    words = f"{label(event)}在新版本中已删除，迁移时取消；如果只是改了标识，请指明它对应新版本的哪一个。"
    return Obstacle("note", "border_removed", key, words)


def _has_token(task: Task) -> bool:
    is_token = task.has_state(OPEN) and not isinstance(task.task_spec, Attached | BoundaryEventJoin | EndOfAll)
    return is_token or any(_has_token(child) for child in task.children)


def _coming(route: Route, task: Task, host: Element, key: str, as_of: AsOf) -> Obstacle:
    event = route.new.catalogue.elements[key]
    words = f"新版本给“{host.name or host.id}”增加了{label(event)}，"
    if event_kind(event) != "timer":
        return Obstacle("note", "border_added", host.id, f"{words}迁移之后开始等待。")
    spec = route.level(task.workflow.spec.name).task_specs[key]
    context = as_of(str(task.id), task.last_state_change)
    try:
        due = spec.event_definition.instant(task, context)
    except TimerNotArmedError as error:
        return Obstacle("impossible", "timer_not_armed", host.id, f"{words}但在本办件中无法计时：{error}")
    day = due.astimezone(_CHINA)
    if due <= task.workflow.script_engine.context.now:
        return Obstacle(
            "note", "border_past", host.id, f"{words}从环节开始时起算，{day:%Y-%m-%d} 已过，迁移后立即触发。"
        )
    return Obstacle("note", "border_added", host.id, f"{words}从环节开始时起算，到 {day:%Y-%m-%d}。")


def _interrupts(event: Element) -> bool:
    return event.event is None or event.event.interrupting


def _events(host: Task, key: str) -> list[Task]:
    """Every occurrence of an event at the border of an open activity."""
    above = host.parent
    return [each for each in above.children if each.task_spec.bpmn_id == key] if has_border(host) else []


def has_border(host: Task) -> bool:
    """Whether an activity has events at its border."""
    return host.parent is not None and bool(host.parent.task_spec.name == f"{host.task_spec.name}{SPLIT}")


def hosts(level: BpmnBaseWorkflow) -> list[Task]:
    """The open activities of a level that may have events at their border."""
    return [
        task
        for task in level.tasks.values()
        if task.has_state(OPEN)
        and task.task_spec.bpmn_id == task.task_spec.name
        and not isinstance(task.task_spec, Attached)
        and find_container(task) is None
    ]


def take_off(route: Route, top: BpmnWorkflow, level: BpmnBaseWorkflow) -> None:
    """Let go the events that are gone, with what they began and ended."""
    for host in hosts(level):
        for key in border_of(route, host.task_spec.name).gone:
            for event in _events(host, key):
                drop(top, level, event)


def put_on(level: BpmnBaseWorkflow, coming: dict[Task, tuple[str, ...]], as_of: AsOf) -> None:
    """Arm the events that are new. The level has its new spec already.

    Args:
        coming: what :func:`border_of` said of the hosts before they were renamed.
    """
    for host, keys in coming.items():
        if keys and not has_border(host):
            _wrap(level, host)
        for key in keys:
            _arm(host, level.spec.task_specs[key], as_of)
    if any(coming.values()):
        in_order(level)


def _wrap(level: BpmnBaseWorkflow, host: Task) -> None:
    """Put the place where events are attached above an activity that had none."""
    above = host.parent
    split = Task(level, level.spec.task_specs[f"{host.task_spec.name}{SPLIT}"], state=TaskState.COMPLETED)
    split._parent, split.data, split.last_state_change = above.id, deepcopy(above.data), host.last_state_change
    above._children[above._children.index(host.id)] = split.id
    split._children, host._parent = [host.id], split.id


def _arm(host: Task, spec: Any, as_of: AsOf) -> None:
    event = host.parent._add_child(spec, TaskState.WAITING)
    event.data = deepcopy(host.parent.data)
    if isinstance(spec.event_definition, Deadline):
        due = spec.event_definition.instant(host, as_of(str(host.id), host.last_state_change))
        event.internal_data[ARMED] = {spec.bpmn_id: due.isoformat()}
    event.workflow.top_workflow.event_manager.add_task(event)


def in_order(level: BpmnBaseWorkflow) -> None:
    """The register of a level names parents before children, as states are read."""
    found = [level.task_tree]
    for each in found:  # grows while it is read
        found.extend(each.children)
    level.tasks.clear()
    level.tasks.update({task.id: task for task in found})
