"""Connections: flows and boundary events that lead nowhere, starts and ends, what cannot be reached or left."""

from collections.abc import Iterator

from workflows.bpmn import ACTIVITIES, SUBPROCESSES, Element, Flow
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.graph import Graph, cyclic
from workflows.wording import label

_WAITING = frozenset({"userTask", "manualTask", "task", "receiveTask", "eventBasedGateway", "intermediateCatchEvent"})


@rule
def flows_have_ends(subject: Subject) -> Iterator[Problem]:
    known = subject.catalogue.elements
    for flow in subject.flows:
        missing = [end or "（空）" for end in (flow.source, flow.target) if end not in known]
        if missing:
            message = f"连线{_flow(flow)}的一端“{'、'.join(missing)}”不存在；请重新连接或删除这条线。"
            yield Problem("error", "flow_dangling", flow.id, message)
        elif known[flow.source].parent != known[flow.target].parent:
            message = f"连线{_flow(flow)}穿过了子流程或流程的边界；请改为连接到子流程本身，或用边界事件、消息离开。"
            yield Problem("error", "flow_crosses_border", flow.id, message)


@rule
def boundary_events_are_attached(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("boundaryEvent"):
        holder = subject.catalogue.elements.get(element.attached_to or "")
        if holder is None or holder.type not in ACTIVITIES or holder.parent != element.parent:
            message = f"{label(element)}没有附着在同一层的任务或子流程上；请拖到它应监视的任务边上。"
            yield Problem("error", "boundary_dangling", element.id, message)


@rule
def each_level_starts_once(subject: Subject) -> Iterator[Problem]:
    for container in subject.graphs:
        starts = subject.catalogue.starts(container)
        if not starts:
            message = "没有开始事件，引擎无法载入；请加一个开始事件并连到第一步。"
            yield Problem("error", "no_start", container, f"{_container(subject, container)}{message}")
        for extra in starts[1:]:
            message = f"{_container(subject, container)}有多个开始事件，多余的会被忽略；请只保留一个。"
            yield Problem("error", "several_starts", extra, message)


@rule
def each_level_ends(subject: Subject) -> Iterator[Problem]:
    for container in subject.graphs:
        inside = subject.catalogue.contents.get(container, ())
        if inside and not any(subject.catalogue.elements[i].type == "endEvent" for i in inside):
            message = f"{_container(subject, container)}没有结束事件；请在最后一步之后加结束事件。"
            yield Problem("error", "no_end", container, message)


@rule
def directions_are_right(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        if element.type in ("startEvent", "boundaryEvent") and element.incoming:
            message = f"{label(element)}不能有进入的连线；请把连线改到它之后的步骤上。"
            yield Problem("error", "start_has_incoming", element.id, message)
        if element.type == "endEvent" and element.outgoing:
            message = f"{label(element)}之后不能再有连线；请改为抛出事件，或删除连线。"
            yield Problem("error", "end_has_outgoing", element.id, message)


@rule
def everything_is_reached(subject: Subject) -> Iterator[Problem]:
    for container, graph in subject.graphs.items():
        starts = subject.catalogue.starts(container)
        if starts:
            reached = graph.reach(starts)
            lost = [key for key in graph.after if key not in reached and _expects_token(subject, key)]
            for key in _heads(graph, lost):
                element = subject.catalogue.elements[key]
                message = f"{label(element)}从开始事件无法到达，引擎不会执行；请把它接到流程中，或删除。"
                yield Problem("error", "unreachable", key, message)


@rule
def everything_leads_on(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        if element.type != "endEvent" and not element.outgoing and _expects_token(subject, element.id):
            message = f"{label(element)}之后没有连线，办件会在此不明不白地停住；请连到下一步或结束事件。"
            yield Problem("error", "dead_end", element.id, message)


@rule
def everything_can_end(subject: Subject) -> Iterator[Problem]:
    for container, graph in subject.graphs.items():
        reached = graph.reach(subject.catalogue.starts(container))
        ends = [key for key, after in graph.after.items() if not after]
        leaving = graph.reach_back(ends)
        trapped = {key: after for key, after in graph.after.items() if key in reached and key not in leaving}
        for key in _heads(graph, cyclic(trapped)):
            element = subject.catalogue.elements[key]
            message = f"从{label(element)}起只能一直循环，到不了任何结束事件；请加一条离开循环的连线。"
            yield Problem("error", "endless", key, message)


@rule
def loops_wait_for_somebody(subject: Subject) -> Iterator[Problem]:
    for graph in subject.graphs.values():
        automatic = {k: v for k, v in graph.after.items() if not _waits(subject.catalogue.elements[k])}
        looping = cyclic(automatic)
        if looping:
            element = subject.catalogue.elements[looping[0]]
            message = (
                f"{label(element)}所在的循环里没有任何人工任务或等待事件，会自动空转；请在循环中加一个等待的步骤。"
            )
            yield Problem("error", "automatic_loop", element.id, message)


@rule
def loops_have_a_choice(subject: Subject) -> Iterator[Problem]:
    for graph in subject.graphs.values():
        deciding = ("exclusiveGateway", "inclusiveGateway", "eventBasedGateway", "boundaryEvent")
        fixed = {k: v for k, v in graph.after.items() if subject.catalogue.elements[k].type not in deciding}
        looping = cyclic(fixed)
        if looping:
            element = subject.catalogue.elements[looping[0]]
            message = (
                f"{label(element)}所在的循环没有经过任何可选择的网关，引擎无法执行；请用排他网关画出退回和继续两条路。"
            )
            yield Problem("error", "loop_without_choice", element.id, message)


def _waits(element: Element) -> bool:
    return element.type in _WAITING or element.type in SUBPROCESSES or element.type == "callActivity"


def _expects_token(subject: Subject, key: str) -> bool:
    """Whether an ordinary flow should come to an element: not to event subprocesses and compensation handlers."""
    element = subject.catalogue.elements[key]
    special = (element.attributes.get("triggeredByEvent"), element.attributes.get("isForCompensation"))
    dangling = element.type == "boundaryEvent" and element.attached_to not in subject.catalogue.elements
    return "true" not in special and not dangling


def _heads(graph: Graph, nodes: list[str]) -> list[str]:
    """Those of `nodes` that nothing of `nodes` leads to; for what is left (circles) the first one of each."""
    members = set(nodes)
    heads = [n for n in nodes if not members.intersection(graph.before[n])]
    covered = graph.reach(heads)
    for node in nodes:
        if node not in covered:
            heads.append(node)
            covered |= graph.reach([node], stop=covered.__contains__)
    return heads


def _container(subject: Subject, key: str) -> str:
    if key in subject.catalogue.elements:
        return label(subject.catalogue.elements[key])
    process = subject.catalogue.processes[key]
    return f"流程「{process.name or process.id}」"


def _flow(flow: Flow) -> str:
    return f"「{flow.name or flow.id}」"
