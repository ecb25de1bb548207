"""Move a token of a running instance to another activity, or let it pass the one where it stands (administrator only).

A token stays on its level and in its branch: into a parallel block from outside nothing can be moved, since its join
would wait for the other branches for ever. All tokens of a level together may leave the blocks that they are in. What
was written on the way is kept. One of several signers moves with the whole 会签 only.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.blocks import Branch, branches_of
from workflows.bpmn import ACTIVITIES, GATEWAYS
from workflows.data import checked_data
from workflows.definitions import Definition
from workflows.engine import make_step, resume
from workflows.errors import CannotMoveError, TaskNotOpenError
from workflows.events import Attached
from workflows.joins import OPEN, EndOfAll, InclusiveJoin, ParallelJoin, last_common, path_to
from workflows.obstacles import element_at
from workflows.pruning import drop, forget
from workflows.running import Run
from workflows.signing import Signing, find_container
from workflows.steps import Context, Step

_SPLIT: Final = ".BoundaryEventSplit"
_JOINS: Final = (ParallelJoin, InclusiveJoin, EndOfAll)


@dataclass(frozen=True, slots=True)
class Token:
    """Where an instance stands: an open step, a whole 会签, a wait, an open subprocess, or (without `id`) a level."""

    id: str
    element: str
    level: str  # id of the process or subprocess
    targets: tuple[str, ...]  # activities that it may be moved to, in the order of the diagram
    can_pass: bool = False  # whether it may be let pass where it stands


def list_tokens(definition: Definition, state: str, context: Context) -> list[Token]:
    """Everything in an instance that may be moved, outer levels first; each level as a whole where it has several."""
    run = resume(definition, state, context)
    levels = _levels(run.workflow)
    found = [token for level in levels for token in _of_level(definition, level)]
    several = {name for name, count in Counter(level.spec.name for level in levels).items() if count > 1}
    return [token for token in found if token.id or token.level not in several]


def _levels(workflow: BpmnWorkflow) -> list[BpmnBaseWorkflow]:
    return [workflow, *workflow.get_active_subprocesses()]


def _of_level(definition: Definition, level: BpmnBaseWorkflow) -> Iterator[Token]:
    movable = _movable(level)
    for task in movable:
        can_pass = definition.catalogue.elements[element_at(task)].type not in GATEWAYS
        yield Token(str(task.id), element_at(task), level.spec.name, _targets(definition, level, task), can_pass)
    if len(movable) > 1 or not movable:
        targets = _targets(definition, level, None)
        if targets:
            yield Token("", level.spec.name, level.spec.name, targets)


def _movable(level: BpmnBaseWorkflow) -> list[Task]:
    """The tokens of a level that can be moved for themselves."""
    return [
        task
        for task in level.tasks.values()
        if task.has_state(OPEN)
        and task.task_spec.bpmn_id is not None
        and not isinstance(task.task_spec, (*_JOINS, Attached))
        and find_container(task) is None
    ]


def _targets(definition: Definition, level: BpmnBaseWorkflow, token: Task | None) -> tuple[str, ...]:
    catalogue, branches = definition.catalogue, _branches(definition, level)
    return tuple(
        key
        for key in catalogue.contents.get(level.spec.name, ())
        if catalogue.elements[key].type in ACTIVITIES and not _hindrance(branches, level, token, key)
    )


def _branches(definition: Definition, level: BpmnBaseWorkflow) -> Mapping[str, tuple[Branch, ...]]:
    return branches_of(definition.catalogue, level.spec.name)


def _hindrance(
    branches: Mapping[str, tuple[Branch, ...]], level: BpmnBaseWorkflow, token: Task | None, target: str
) -> str:
    """Why a token, or all tokens of a level, cannot be moved to an activity; nothing: it can."""
    its = branches[target]
    if token is not None:
        mine = branches.get(element_at(token), ())
        if its == mine:
            return ""
        is_inside = len(its) > len(mine) and its[: len(mine)] == mine
        if is_inside:
            return "它在并行块之内，从外面移入之后，汇合会永远等待其他分支；请移动到分叉之前的环节。"
        return "它不在同一个并行分支；请移动整个并行块的全部办理位置。"
    common = _common([branches.get(key, ()) for key in _places(level)])
    return "" if common[: len(its)] == its else "它在并行块之内；请移动到分叉之前或汇合之后的环节。"


def _places(level: BpmnBaseWorkflow) -> list[str]:
    """The elements in whose branches the tokens of a level are; of those at a join, by which they came."""
    found = []
    for task in level.tasks.values():
        if task.has_state(OPEN) and find_container(task) is None and not isinstance(task.task_spec, EndOfAll):
            at_join = isinstance(task.task_spec, _JOINS) and task.state == TaskState.WAITING
            found.append(element_at(task.parent if at_join else task))
    return found


def _common(branches: Sequence[tuple[Branch, ...]]) -> tuple[Branch, ...]:
    shortest = min(branches, key=len, default=())
    return next(
        (shortest[:n] for n in range(len(shortest), -1, -1) if all(one[:n] == shortest[:n] for one in branches)), ()
    )


def goto(
    definition: Definition,
    state: str,
    element: str,
    data: Mapping[str, Any],
    context: Context,
    task_id: str | None = None,
) -> Step:
    """Move the tokens to an activity, back or forward; timers are armed anew.

    Args:
        task_id: the token that is moved alone, see :class:`Token`; without it all tokens of the process or subprocess
            that holds `element`.

    Raises:
        CannotMoveError: no such activity where the token is, or not from there.
        TaskNotOpenError: there is no such token (any more).
        DataNotAllowedError: something in `data` must not enter the engine.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    token = _token(run.workflow, task_id) if task_id else None
    level = _level_of(run, element, token)
    why = _hindrance(_branches(definition, level), level, token, element)
    if why:
        raise CannotMoveError(f"不能移动到“{definition.catalogue.elements[element].name or element}”：{why}")
    anchor, old = _cut(level) if token is None else _cut_one(token)
    written = _written(run.workflow, anchor, _movable(level) if token is None else [token])
    anchor.data = anchor.data | written | clean
    return make_step(run, lambda: run.attempt(partial(_move, run.workflow, element, anchor, old)), state)


def _token(workflow: BpmnWorkflow, task_id: str) -> Task:
    found = {str(task.id): task for level in _levels(workflow) for task in level.tasks.values() if task.has_state(OPEN)}
    task = found.get(task_id)
    if task is None:
        raise TaskNotOpenError("该任务已不在待办状态。")
    if find_container(task) is not None:
        raise CannotMoveError("会签或多实例中的一个不能单独移动、跳过；请移动或跳过整个会签，或者用减签、转办。")
    if task not in _movable(task.workflow):
        raise CannotMoveError("这里在等待汇合或附着的事件，不能单独移动；请移动整个并行块的全部办理位置。")
    return task


def _level_of(run: Run, element: str, token: Task | None) -> BpmnBaseWorkflow:
    drawn = run.definition.catalogue.elements.get(element)
    levels = _levels(run.workflow) if token is None else [token.workflow]
    found = [level for level in levels if element in level.spec.task_specs and not level.completed]
    if drawn is None or drawn.type not in ACTIVITIES or len(found) != 1:
        name = (drawn.name if drawn else "") or element
        raise CannotMoveError(f"不能移动到“{name}”：当前层级没有这个活动，或者同时有多个这样的层级。")
    return found[0]


def _cut(level: BpmnBaseWorkflow) -> tuple[Task, list[Task]]:
    """The finished task under which all tokens of a level go on, and what is cut off there."""
    open_paths = [path_to(task) for task in level.tasks.values() if task.has_state(OPEN)]
    if not open_paths:
        raise CannotMoveError("没有可以移动的办理位置。")
    common = last_common([path[-1] for path in open_paths])
    way = [task for task in path_to(common) if task.state == TaskState.COMPLETED and task is not common]
    anchor = common if common.state == TaskState.COMPLETED else way[-1]
    if anchor.task_spec.name.endswith(_SPLIT):  # the events at the border go with the activity
        anchor = anchor.parent
    return anchor, list(anchor.children)


def _cut_one(token: Task) -> tuple[Task, list[Task]]:
    """The same for one token; a side path that began at the border of its activity goes on."""
    split = token.parent
    if not split.task_spec.name.endswith(_SPLIT):
        return split, [token]
    border = [t for t in split.children if isinstance(t.task_spec, Attached) and t.state == TaskState.WAITING]
    has_side = any(t.has_state(OPEN) for t in _below(split) if t not in (token, *border) and not _is_part(t, token))
    return (split, [token, *border]) if has_side else (split.parent, [split])


def _below(task: Task) -> Iterator[Task]:
    for child in task.children:
        yield child
        yield from _below(child)


def _is_part(task: Task, token: Task) -> bool:
    """Whether it hangs below the token: signers and what is predicted; or joins the border again."""
    return token in path_to(task) or task.task_spec.name.endswith(".BoundaryEventJoin")


def _written(top: BpmnWorkflow, anchor: Task, tokens: Sequence[Task]) -> dict[str, Any]:
    """What tokens know beyond the place from where they go on, in the order in which they came there."""
    found: dict[str, Any] = {}
    for task in sorted(tokens, key=lambda t: float(t.last_state_change)):
        known = _known_at(top, task)
        found |= {key: value for key, value in known.items() if key not in anchor.data or anchor.data[key] != value}
    return found


def _known_at(top: BpmnWorkflow, token: Task) -> dict[str, Any]:
    """The data at a token; of an open subprocess also what was written inside it."""
    inner = top.subprocesses.get(token.id)
    if inner is None or inner.completed:
        return dict(token.data)
    known: dict[str, Any] = token.data | _written(top, token, _movable(inner))
    return known


def _move(top: BpmnWorkflow, element: str, anchor: Task, old: Sequence[Task]) -> None:
    for task in old:
        drop(top, anchor.workflow, task)
    enter(anchor, element)


def enter(anchor: Task, element: str) -> None:
    """Let a token go on from a finished task to an activity, with the events at its border."""
    specs = anchor.workflow.spec.task_specs
    spec = specs.get(f"{element}.BoundaryEventSplit") or specs[element]
    new = anchor._add_child(spec, TaskState.FUTURE)
    new.triggered = True
    spec._predict(new, mask=TaskState.NOT_FINISHED_MASK)
    spec._update(new)


def skip(definition: Definition, state: str, task_id: str, data: Mapping[str, Any], context: Context) -> Step:
    """Let a token pass where it stands, as if the step were done; `data` become visible behind it.

    A 会签 ends with the opinions that are there, a subprocess with all that is open in it, a wait at once.

    Raises:
        CannotMoveError: it is none that can be let pass.
        TaskNotOpenError: there is no such token (any more).
        DataNotAllowedError: something in `data` must not enter the engine.
    """
    clean = checked_data(data)
    run = resume(definition, state, context)
    task = _token(run.workflow, task_id)
    if definition.catalogue.elements[element_at(task)].type in GATEWAYS:
        raise CannotMoveError("网关有几条出路，跳过之后不知道该走哪一条；请移动到其中一条的下一个环节。")
    known = _known_at(run.workflow, task) if isinstance(task.task_spec, SubWorkflowTask) else task.data
    task.data = known | clean
    return make_step(run, lambda: _pass(run, task), state)


def _pass(run: Run, task: Task) -> None:
    spec = task.task_spec
    if isinstance(spec, Signing):
        run.attempt(partial(spec._finish, task))
    elif isinstance(spec, SubWorkflowTask):
        run.attempt(partial(_end_inside, run.workflow, task))
    elif isinstance(spec, CatchingEvent):
        run.attempt(task._ready)
    elif task.state == TaskState.ERROR:
        task.complete()
        return
    run.finish(task)


def _end_inside(top: BpmnWorkflow, task: Task) -> None:
    forget(top, task)
    task._set_state(TaskState.READY)
