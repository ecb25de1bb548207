"""Send a token back (退回) to a step that was passed, and bring it straight back to where it came from.

A token goes back on the main way or within its own branch; what was open behind the place goes with it. A finished
parallel block, 会签 or subprocess is entered as a whole, at the step before its fork or at its beginning. Where the
case is to come straight back, the branch is set aside as it stands and later put back, votes and all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.blocks import branches_of
from workflows.bpmn import SUBPROCESSES, Catalogue, Element
from workflows.data import checked_data
from workflows.definitions import Definition
from workflows.engine import make_step, resume
from workflows.errors import CannotMoveError, TaskNotOpenError
from workflows.graph import read_graph
from workflows.joins import OPEN, last_common, path_to
from workflows.moves import enter
from workflows.pruning import drop
from workflows.running import Run, open_manual
from workflows.serialization import restore_branch, store_branch
from workflows.signing import find_container
from workflows.steps import Context, Step
from workflows.timers import ARMED

_PEOPLE: Final = frozenset({"userTask", "manualTask", "task"})
_SPLIT: Final = ".BoundaryEventSplit"


@dataclass(frozen=True, slots=True)
class ReturnPlace:
    """A place to go back to from a step."""

    element: str
    asked: str  # what was asked for; `element` stands for it where it cannot be entered alone
    level: str  # the process or subprocess that holds it
    forks: tuple[str, ...]  # the forks whose blocks go back whole, outermost first; none: the own token alone
    again: tuple[str, ...]  # the steps of people that are run again from there, in the order of the diagram
    comes_back: bool  # whether the case can come straight back


def places_behind(definition: Definition, element: str, passed: Iterable[str]) -> list[ReturnPlace]:
    """The places that a token at `element` may go back to, nearest first.

    Args:
        passed: the ids of everything that the instance has passed.
    """
    catalogue, been = definition.catalogue, frozenset(passed)
    found: list[ReturnPlace] = []
    for here in catalogue.around(element):
        graph, branches = read_graph(catalogue, here.parent), branches_of(catalogue, here.parent)
        for key in _nearest_first(graph.before, here.id):
            place = catalogue.elements[key]
            if _is_for_people(catalogue, place) and key in been and _is_around(branches[key], branches[here.id]):
                found.append(_place(catalogue, place, here, been))
    return found


def place_for(definition: Definition, element: str, target: str, passed: Iterable[str]) -> ReturnPlace:
    """The place to go back to when somebody asks for `target`.

    Raises:
        CannotMoveError: it was not passed, or nothing before it can be entered.
    """
    catalogue, places = definition.catalogue, places_behind(definition, element, passed)
    by_element = {place.element: place for place in places}
    name = (catalogue.elements[target].name or target) if target in catalogue.elements else target
    for outer in catalogue.around(target):  # a finished subprocess is entered as a whole
        if outer.id in by_element:
            return _asked(by_element[outer.id], target)
        before = _before_fork(catalogue, outer, by_element)
        if before is not None and target in passed:
            return _asked(by_element[before], target)
    raise CannotMoveError(f"不能退回到“{name}”：办件没有经过这个环节，或者它不在本环节之前的主路或本分支上。")


def _asked(place: ReturnPlace, target: str) -> ReturnPlace:
    return ReturnPlace(place.element, target, place.level, place.forks, place.again, place.comes_back)


def _before_fork(catalogue: Catalogue, element: Element, places: Mapping[str, ReturnPlace]) -> str | None:
    """The nearest place before the outermost fork around an element."""
    graph, branches = read_graph(catalogue, element.parent), branches_of(catalogue, element.parent)
    for fork, _head in branches[element.id]:
        before = next((key for key in _nearest_first(graph.before, fork) if key in places), None)
        if before is not None:
            return before
    return None


def _place(catalogue: Catalogue, place: Element, here: Element, been: frozenset[str]) -> ReturnPlace:
    graph, branches = read_graph(catalogue, place.parent), branches_of(catalogue, place.parent)
    mine, its = branches[here.id], branches[place.id]
    forks = tuple(fork for fork, _head in mine[len(its) :])
    onward = graph.reach([place.id], lambda key: key == here.id)
    between = onward & graph.reach_back([here.id], lambda key: key == place.id) & (been | {here.id})
    steps = [key for key in catalogue.elements if _stands_in(catalogue, key, between) and key in been | {here.id}]
    people = tuple(key for key in steps if catalogue.elements[key].type in _PEOPLE)
    is_single = place.type in _PEOPLE and place.loop is None
    return ReturnPlace(place.id, place.id, place.parent, forks, people, is_single)


def _stands_in(catalogue: Catalogue, key: str, between: set[str]) -> bool:
    return any(outer.id in between for outer in catalogue.around(key))


def _is_around(outer: Sequence[Any], inner: Sequence[Any]) -> bool:
    return tuple(inner[: len(outer)]) == tuple(outer)


def _is_for_people(catalogue: Catalogue, element: Element) -> bool:
    if element.type in SUBPROCESSES or element.type == "callActivity":
        return any(_is_for_people(catalogue, catalogue.elements[k]) for k in catalogue.contents.get(element.id, ()))
    return element.type in _PEOPLE


def _nearest_first(before: Mapping[str, Sequence[str]], key: str) -> list[str]:
    """Everything before an element, breadth first, without itself."""
    found, todo = {key: None}, [key]
    while todo:
        todo = [source for at in todo for source in before.get(at, ()) if source not in found]
        found |= dict.fromkeys(todo)
    return [each for each in found if each != key]


def send_back(
    definition: Definition, state: str, task_id: str, place: ReturnPlace, context: Context
) -> tuple[Step, dict[str, Any]]:
    """Move the token of an open task, and everything behind the place, back to the place.

    Returns:
        The step, and the branch as it was, for :func:`come_back`.

    Raises:
        TaskNotOpenError: the task is not open (any more).
        CannotMoveError: other work runs beside it that does not go back.
    """
    run = resume(definition, state, context)
    token = _token(run, task_id, place.level)
    cut = _cut(token, place.forks)
    anchor, old = _anchor(cut)
    parked = store_branch(run.workflow, old)
    step = make_step(run, lambda: run.attempt(partial(_replace, run.workflow, anchor, old, place.element)), state)
    return step, parked | {"at": context.now.isoformat()}


def _replace(top: BpmnWorkflow, anchor: Task, old: Task, element: str) -> None:
    drop(top, anchor.workflow, old)
    enter(anchor, element)


def come_back(
    definition: Definition,
    state: str,
    task_id: str,
    parked: Mapping[str, Any],
    data: Mapping[str, Any],
    context: Context,
) -> Step:
    """The correction at an open task is done: put back the branch that was set aside, with `data` visible in it.

    Timers go on where they stood.

    Raises:
        TaskNotOpenError: the task is not open (any more).
        DataNotAllowedError: something in `data` must not enter the engine.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    token = _cut(_manual(run, task_id), ())
    anchor = token.parent
    away = context.now - datetime.fromisoformat(parked["at"])

    def act() -> None:
        drop(run.workflow, anchor.workflow, token)
        for task in restore_branch(run.workflow, anchor, parked):
            task.data = task.data | clean
            _shift(task, away)

    return make_step(run, lambda: run.attempt(act), state, completed=task_id)


def _shift(task: Task, away: timedelta) -> None:
    armed = task.internal_data.get(ARMED, {})
    armed.update({key: (datetime.fromisoformat(due) + away).isoformat() for key, due in armed.items()})


def _manual(run: Run, task_id: str) -> Task:
    task = open_manual(run.workflow).get(task_id)
    if task is None:
        raise TaskNotOpenError("该任务已不在待办状态。")
    return task


def _token(run: Run, task_id: str, level: str) -> Task:
    """The task that holds the token at the level of the place: an open one, its 会签, or the subprocess around it."""
    task = _manual(run, task_id)
    while True:
        task = task.parent if find_container(task) is not None else task
        inner = task.workflow
        is_there = inner.spec.name == level
        if is_there or inner is run.workflow:
            return task
        task = _holder(run.workflow, inner)


def _holder(top: BpmnWorkflow, inner: BpmnBaseWorkflow) -> Task:
    """The task of the subprocess that `inner` is."""
    found: Task = top.get_task_from_id(inner.parent_task_id)
    return found


def _cut(token: Task, forks: Sequence[str]) -> Task:
    """The highest task that goes back: a fork of the block, else the token with the events at its border.

    A fork of which one way alone was taken may be cut off the tree already; then those inside it count.
    """
    for fork in forks:
        found = [task for task in path_to(token) if task.task_spec.name == fork]
        if found:
            return found[-1]
    is_split = token.parent is not None and token.parent.task_spec.name.endswith(_SPLIT)
    return token.parent if is_split else token


def _anchor(cut: Task) -> tuple[Task, Task]:
    """The finished task under which the token goes on, and its child on the way to `cut`."""
    way, level = path_to(cut), cut.workflow
    others = [t for t in level.tasks.values() if t.has_state(OPEN) and cut not in path_to(t)]
    lowest = max((way.index(last_common([cut, other])) for other in others if other not in way), default=0)
    if not others:
        lowest = max(len(way) - 2, 0)
    for place in range(lowest, len(way) - 1):
        if way[place].state == TaskState.COMPLETED:
            return way[place], way[place + 1]
    raise CannotMoveError("旁边还有不随之退回的办理，不能从这里退回。")
