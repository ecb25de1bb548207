"""Branches that run at the same time: a join waits for every branch, a merge lets every token pass.

Each fork is looked at between itself and the point where all its branches meet; what lies beyond does not matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.bpmn import Element
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.graph import EXIT, Graph, meeting_points
from workflows.wording import label

_FORKING = ("parallelGateway", "inclusiveGateway")
_CHOOSING = ("exclusiveGateway", "eventBasedGateway")


@dataclass(frozen=True)
class _Block:
    """One splitting gateway, where its branches meet, and per branch (by first element) what it reaches until there."""

    gateway: Element
    meeting: str
    reached: Mapping[str, frozenset[str]]

    def shared(self) -> Iterator[str]:
        """Elements that two or more branches reach, the meeting point included."""
        seen: set[str] = set()
        told: set[str] = set()
        for members in self.reached.values():
            for key in members:
                if key in seen and key not in told:
                    told.add(key)
                    yield key
                seen.add(key)


@rule
def joins_cannot_be_bypassed(subject: Subject) -> Iterator[Problem]:
    for graph, block in _blocks(subject, _FORKING):
        for key in block.shared():
            join = subject.catalogue.elements[key]
            if not _is_join(join, "parallelGateway") or key == block.meeting:
                continue
            avoiding = _avoiding(subject, graph, block, key)
            if any(head in avoiding for head, members in block.reached.items() if key in members):
                message = (
                    f"{label(join)}等待{label(block.gateway)}的各个分支，但其中有的分支可以绕过它到别处，"
                    "绕过后汇合会一直等待；请让每个分支都到达汇合，或把汇合改为包容网关。"
                )
                yield Problem("error", "join_bypassed", key, message)


@rule
def joins_follow_forks(subject: Subject) -> Iterator[Problem]:
    for graph, block in _blocks(subject, (*_CHOOSING, "inclusiveGateway")):
        join = subject.catalogue.elements.get(block.meeting)
        if join is None or not _is_join(join, "parallelGateway"):
            continue
        inside = {block.gateway.id, *(key for members in block.reached.values() for key in members)}
        if len(inside.intersection(graph.before[join.id])) < 2 or _forks_inside(subject, inside - {block.gateway.id}):
            continue
        message = (
            f"{label(join)}要等所有进入的连线，而{label(block.gateway)}不会同时走全部分支，办件会一直等待；"
            "请把两者改成同一种网关。"
        )
        yield Problem("error", "join_behind_choice", join.id, message)


@rule
def merges_wait_for_branches(subject: Subject) -> Iterator[Problem]:
    for graph, block in _blocks(subject, _FORKING):
        joins = {key for key in block.shared() if _is_join(subject.catalogue.elements[key], *_FORKING)}
        halves = _Block(block.gateway, block.meeting, _reached(graph, block.reached, {*joins, block.meeting}))
        for key in halves.shared():
            merge = subject.catalogue.elements[key]
            if len(merge.incoming) > 1 and merge.type not in _FORKING:
                message = (
                    f"{label(block.gateway)}的几个分支在{label(merge)}会合而不等待，其后的步骤会重复执行；"
                    "请先用并行网关（或包容网关）汇合。"
                )
                yield Problem("warning", "merge_behind_fork", key, message)
                break


@rule
def branches_stay_in_their_block(subject: Subject) -> Iterator[Problem]:
    for _, block in _blocks(subject, _FORKING):
        if any(block.gateway.id in members for members in block.reached.values()):
            message = (
                f"{label(block.gateway)}的一个分支退回到分叉之前，其余分支却还在进行，步骤会重复；"
                "请先汇合再退回，或只在分支内部退回。"
            )
            yield Problem("warning", "branch_goes_back", block.gateway.id, message)


def _blocks(subject: Subject, types: tuple[str, ...]) -> Iterator[tuple[Graph, _Block]]:
    for container, graph in subject.graphs.items():
        meetings = _meetings(subject, container, graph, types)
        for key, meeting in meetings.items():
            members = _reached(graph, dict.fromkeys(graph.after[key], frozenset()), {meeting})
            subject.budget.spend(sum(len(m) for m in members.values()))
            yield graph, _Block(subject.catalogue.elements[key], meeting, members)


def _meetings(subject: Subject, container: str, graph: Graph, types: tuple[str, ...]) -> dict[str, str]:
    splits = [
        key
        for key in subject.catalogue.contents.get(container, ())
        if subject.catalogue.elements[key].type in types and len(graph.after[key]) > 1
    ]
    if not splits:
        return {}
    found = meeting_points(graph, subject.budget)
    return {key: found.get(key, EXIT) for key in splits}


def _reached(graph: Graph, heads: Mapping[str, object], stops: set[str]) -> dict[str, frozenset[str]]:
    return {head: frozenset(graph.reach([head], stops.__contains__)) for head in heads}


def _is_join(element: Element, *types: str) -> bool:
    return element.type in types and len(element.incoming) > 1


def _forks_inside(subject: Subject, inside: set[str]) -> bool:
    elements = (subject.catalogue.elements[key] for key in inside)
    return any((e.type in _FORKING and len(e.outgoing) > 1) or _is_side_path(e) for e in elements)


def _is_side_path(element: Element) -> bool:
    """Whether a token here runs beside another one that goes on: after a non-interrupting boundary event."""
    return element.type == "boundaryEvent" and element.event is not None and not element.event.interrupting


def _avoiding(subject: Subject, graph: Graph, block: _Block, join: str) -> set[str]:
    """Elements of a block from which a token can get out of it without passing the join."""
    members = {key for reached in block.reached.values() for key in reached}
    subject.budget.spend(len(members))
    ways_left = {key: _ways_needed(subject, graph, key) for key in members}
    todo = [key for key in members if key == block.meeting or not graph.after[key]]
    avoiding = set(todo)
    while todo:
        key = todo.pop()
        if _is_side_path(subject.catalogue.elements[key]):
            continue
        for source in graph.before[key]:
            if source in members and source not in avoiding and source != join:
                subject.budget.spend()
                ways_left[source] -= 1
                if ways_left[source] <= 0:
                    avoiding.add(source)
                    todo.append(source)
    return avoiding


def _ways_needed(subject: Subject, graph: Graph, key: str) -> int:
    """How many ways on must avoid a join for a token to avoid it: a fork takes all of them, anything else one."""
    return len(graph.after[key]) if subject.catalogue.elements[key].type == "parallelGateway" else 1
