"""What keeps an instance from going on in another version: each token must stand where it could have come to there.

A step without its like, a wait that is gone, a parallel block with other branches: said per instance, before anything
is changed. What is finished may be gone, as long as no token needs it.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.blocks import Branch, branches_of
from workflows.borders import AsOf, goes_with_its_event, hosts, judge
from workflows.bpmn import SUBPROCESSES, TASKS, Element
from workflows.definitions import Definition
from workflows.events import Attached, Race
from workflows.graph import TooComplexError, read_graph
from workflows.joins import OPEN, EndOfAll, InclusiveJoin, ParallelJoin
from workflows.routes import Route, candidates, event_kind, same_signing
from workflows.signing import find_container
from workflows.steps import Obstacle
from workflows.wording import label

_DEFINITE: Final[int] = OPEN | TaskState.FINISHED_MASK
_PEOPLE: Final = frozenset({"userTask", "manualTask", "task"})


def obstacles(route: Route, workflow: BpmnWorkflow, as_of: AsOf) -> list[Obstacle]:
    """Everything that keeps an instance of the old version from going on in the new one, and notes on what changes."""
    found: dict[tuple[str, str, str], Obstacle] = {}
    for level in (workflow, *workflow.get_active_subprocesses()):
        if route.level(level.spec.name) is not None:  # else said of the activity that holds the subprocess
            for each in (*_at_places(route, level, as_of), *_in_blocks(route, level)):
                found.setdefault((each.code, each.element, each.message), each)
    return list(found.values())


def element_at(task: Task) -> str:
    """The id of the element of the diagram that a task of the engine stands for."""
    name: str = task.task_spec.bpmn_id or task.task_spec.name.partition(".BoundaryEvent")[0]
    return name


def fits(route: Route, task: Task) -> bool:
    """Whether the new version has what a task of the engine stands for, as the same sort of thing."""
    target = route.level(task.workflow.spec.name).task_specs.get(route.renamed(task.task_spec.name))
    return target is not None and type(target) is type(task.task_spec)


def _at_places(route: Route, level: BpmnBaseWorkflow, as_of: AsOf) -> Iterator[Obstacle]:
    taken: dict[str, str] = {}
    for task in level.tasks.values():
        if task.has_state(OPEN):
            yield from _at_place(route, task, as_of)
            yield from _twice(route, task, taken)
        elif _is_lost_fork(route, task) and not goes_with_its_event(route, task):
            yield Obstacle("impossible", "block_removed", element_at(task), _BLOCK.format(name=_name(route, task)))


_BLOCK: Final = "“{name}”之后的并行办理正在进行，新版本中没有这个分支点。请等它汇合之后再迁移。"


def _is_lost_fork(route: Route, task: Task) -> bool:
    """Whether several tokens go on below a finished task that is gone; those at a border are judged themselves."""
    is_border = task.task_spec.name.endswith(".BoundaryEventSplit")
    is_gone = task.has_state(_DEFINITE) and not is_border and not fits(route, task)
    return is_gone and sum(_has_token(child) for child in task.children) > 1


def _has_token(task: Task) -> bool:
    return bool(task.has_state(OPEN)) or any(_has_token(child) for child in task.children)


def _twice(route: Route, task: Task, taken: dict[str, str]) -> Iterator[Obstacle]:
    """Two different places of the old version must not become one."""
    old = element_at(task)
    if old in route.old.catalogue.elements and taken.setdefault(route.element(old), old) != old:
        both = f"“{_named(route, taken[route.element(old)])}”和“{_named(route, old)}”"
        words = f"{both}同时正在办理，不能都对应到新版本的同一个环节。"
        yield Obstacle("mapping", "two_at_one", old, words)


def _at_place(route: Route, task: Task, as_of: AsOf) -> Iterator[Obstacle]:
    if goes_with_its_event(route, task):
        return  # said of its activity
    if isinstance(task.task_spec, ParallelJoin | InclusiveJoin) and task.state == TaskState.WAITING:
        yield from _at_join(route, task)
    elif not fits(route, task):
        if not _is_said_elsewhere(route, task):
            yield _missing(route, task)
    elif (old := route.old.catalogue.elements.get(element_at(task))) is not None:
        yield from _changed(route, task, old, route.new.catalogue.elements[route.element(old.id)])
        if task in hosts(task.workflow):
            yield from judge(route, task, as_of)


def _is_said_elsewhere(route: Route, task: Task) -> bool:
    """One of several signers and an event at a border go with what they belong to."""
    if find_container(task) is not None:
        return not fits(route, task.parent)
    old = route.old.catalogue.elements.get(element_at(task))
    host = old.attached_to if old else None
    return host is not None and route.element(host) not in route.new.catalogue.elements


def _missing(route: Route, task: Task) -> Obstacle:
    key = element_at(task)
    old = route.old.catalogue.elements.get(key)
    if old is None:
        return Obstacle("impossible", "place_removed", key, f"办件停在“{key}”，新版本中没有这个位置。")
    if route.element(key) in route.new.catalogue.elements:
        new = route.new.catalogue.elements[route.element(key)]
        if old.type == new.type and not same_signing(old.loop, new.loop):
            return Obstacle("impossible", "signing_changed", key, _SIGNING.format(name=label(old)))
        if old.type == new.type and event_kind(old) == event_kind(new):
            return Obstacle("impossible", "place_changed", key, _moved(route, old, new))
        words = f"正停在{label(old)}，新版本中同一标识是{label(new)}，类型不同。"
        return Obstacle("impossible", "type_changed", key, words)
    return _gone(route, old)


def _moved(route: Route, old: Element, new: Element) -> str:
    into = route.new.catalogue.elements.get(new.parent)
    if into is None:
        return f"正停在{label(old)}，新版本把它移出了子流程；它不是单独在办，不能带过去。请等这个子流程结束之后再迁移。"
    return f"正停在{label(old)}，新版本把它移进了{label(into)}，那里的开始和边界事件都没有经过。请等它办完之后再迁移。"


_SIGNING: Final = "{name}正在会签，新版本改了会签方式或名单变量，已有的意见无法沿用。请等会签结束之后再迁移。"


def _gone(route: Route, old: Element) -> Obstacle:
    can_map = bool(candidates(route.old, route.new, old.id, route.mapping))
    hint = "请指明它对应新版本的哪一个环节。" if can_map else "新版本中也没有同类的环节可以对应。"
    if old.type in _PEOPLE:
        code, words = "step_removed", f"正在办理的“{old.name or old.id}”在新版本中已删除，"
    elif old.type in SUBPROCESSES or old.type == "callActivity":
        code, words = "subprocess_removed", f"正在进行的{label(old)}在新版本中已删除，{_held(route, old)}"
    elif old.type in TASKS:
        code, words = "failed_removed", f"{label(old)}出错待重试，新版本中已删除；请先处理异常，或者"
    else:
        code, words = "wait_removed", f"正在等待的{label(old)}在新版本中已删除，"
    return Obstacle("mapping" if can_map else "impossible", code, old.id, words + hint)


def _held(route: Route, old: Element) -> str:
    """Why what is open in a subprocess that is gone cannot simply go on one level higher."""
    if old.loop is not None:
        return "而它是多实例，里面的几份不能合成一份；"
    kept = [key for key in route.old.catalogue.contents.get(old.id, ()) if key in route.new.catalogue.elements]
    why = "里面同时有几项在办、有边界事件，或它们没有移到原来的位置" if kept else "里面的环节也已删除"
    return f"{why}，不能带到外面；"


def _changed(route: Route, task: Task, old: Element, new: Element) -> Iterator[Obstacle]:
    if event_kind(old) != event_kind(new):
        words = f"正在等待的{label(old)}在新版本中成了{label(new)}。"
        yield Obstacle("impossible", "wait_changed", old.id, words)
    if not same_signing(old.loop, new.loop):
        yield Obstacle("impossible", "signing_changed", old.id, _SIGNING.format(name=label(old)))
    if find_container(task) is None:
        yield from _lacking(route, task, old, new)
    if isinstance(task.task_spec, Race) and _outputs(route, task) != set(_new_spec(route, task)._outputs):
        words = f"{label(old)}正在等待的几种情况，新版本有增减。请等其中一种发生之后再迁移。"
        yield Obstacle("impossible", "wait_changed", old.id, words)


def _lacking(route: Route, task: Task, old: Element, new: Element) -> Iterator[Obstacle]:
    """What the new version reads further on, that the case does not know and nobody will be asked for any more."""
    if route.ahead is None:
        return
    before, after = route.ahead
    known = task.data.keys() | before.needed(old.id).keys()
    for name, what in after.needed(new.id).items():
        if name not in known:
            words = f"新版本中{what}要用到“{name}”，本办件没有这项数据，后面也没有环节再填写它。"
            yield Obstacle(
                "impossible", "data_missing", old.id, f"{words}请先让填写它的环节重办，或更正数据之后再迁移。"
            )


def _outputs(route: Route, task: Task) -> set[str]:
    return {route.renamed(name) for name in task.task_spec._outputs}


def _new_spec(route: Route, task: Task) -> Any:
    return route.level(task.workflow.spec.name).task_specs[route.renamed(task.task_spec.name)]


def _at_join(route: Route, task: Task) -> Iterator[Obstacle]:
    """A token at a join came by an entry; the join must still be one of these branches, by these entries."""
    target = route.level(task.workflow.spec.name).task_specs.get(route.renamed(task.task_spec.name))
    entry = task.parent
    is_same = target is not None and type(target) is type(task.task_spec) and fits(route, entry)
    if not is_same or len(target._inputs) != len(task.task_spec._inputs):
        words = f"并行办理的一部分已经到达“{_name(route, task)}”，新版本改了这个汇合点。请等汇合之后再迁移。"
        yield Obstacle("impossible", "join_changed", element_at(task), words)
    elif route.renamed(entry.task_spec.name) not in target._inputs:
        words = (
            f"“{_name(route, entry)}”已经办完并在等待汇合，新版本在它之后、汇合之前还有别的环节。请等汇合之后再迁移。"
        )
        yield Obstacle("impossible", "join_changed", element_at(task), words)


def _in_blocks(route: Route, level: BpmnBaseWorkflow) -> Iterator[Obstacle]:
    """The tokens must lie in the branches of the same forks, one for one, and these must have no further branches."""
    heads: dict[tuple[str, str], str] = {}
    back: dict[tuple[str, str], str] = {}
    for task in level.tasks.values():
        element = _place_of(task)
        if route.element(element) not in route.new.catalogue.elements:
            continue
        before = _branches(route.old, element)
        after = _branches(route.new, route.element(element))
        if not _agree(route, before, after, heads, back):
            words = f"“{_named(route, element)}”前后的并行分支在新版本中有增减或变动。请等并行办理汇合之后再迁移。"
            yield Obstacle("impossible", "parallel_changed", element, words)


def _place_of(task: Task) -> str:
    """The element whose branch a token is in; that of the entry where it waits at a join; nothing for the rest."""
    spec = task.task_spec
    if not task.has_state(OPEN) or isinstance(spec, EndOfAll | Attached) or find_container(task) is not None:
        return ""
    if isinstance(spec, ParallelJoin | InclusiveJoin) and task.state == TaskState.WAITING:
        return element_at(task.parent)
    return element_at(task)


def _agree(
    route: Route,
    before: tuple[Branch, ...],
    after: tuple[Branch, ...],
    heads: dict[tuple[str, str], str],
    back: dict[tuple[str, str], str],
) -> bool:
    if [route.element(fork) for fork, _ in before] != [fork for fork, _ in after]:
        return False
    for (fork, head), (new_fork, new_head) in zip(before, after, strict=True):
        if heads.setdefault((fork, head), new_head) != new_head or back.setdefault((new_fork, new_head), head) != head:
            return False
        is_parallel = route.old.catalogue.elements[fork].type == "parallelGateway"
        if is_parallel and _ways(route.old, fork) != _ways(route.new, new_fork):
            return False
    return True


def _ways(definition: Definition, fork: str) -> int:
    return len(definition.catalogue.targets(fork))


def _branches(definition: Definition, element: str) -> tuple[Branch, ...]:
    parent = definition.catalogue.elements[element].parent if element in definition.catalogue.elements else ""
    return _all_branches(definition, parent).get(element, ())


@lru_cache(maxsize=512)
def _all_branches(definition: Definition, container: str) -> Mapping[str, tuple[Branch, ...]]:
    try:
        return branches_of(definition.catalogue, container)
    except TooComplexError:  # no diagram that people draw; it was published, so its forks are taken as they are named
        return {key: () for key in read_graph(definition.catalogue, container).after}


def _named(route: Route, key: str) -> str:
    found = route.old.catalogue.elements.get(key)
    return (found.name if found else "") or key


def _name(route: Route, task: Task) -> str:
    return _named(route, element_at(task))
