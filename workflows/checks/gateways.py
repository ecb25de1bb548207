"""Choices: which way a token takes must be decidable at every gateway, and nowhere else."""

from collections import Counter
from collections.abc import Iterator

from workflows.bpmn import GATEWAYS, Element, Flow
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label, name_of

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")
_AWAITED = frozenset({"intermediateCatchEvent", "receiveTask"})


@rule
def choices_have_a_default(subject: Subject) -> Iterator[Problem]:
    for gateway in subject.of_type(*_CHOOSING):
        if len(gateway.outgoing) < 2:
            continue
        if not gateway.default:
            message = f"{label(gateway)}没有默认连线，条件都不满足时办件会中断；请把其中一条设为默认。"
            yield Problem("error", "default_missing", gateway.id, message)
        elif gateway.default not in gateway.outgoing:
            message = f"{label(gateway)}的默认连线“{gateway.default}”不是从它出发的，会被忽略；请重新设置默认连线。"
            yield Problem("error", "default_unknown", gateway.id, message)


@rule
def choices_have_conditions(subject: Subject) -> Iterator[Problem]:
    for gateway in subject.of_type(*_CHOOSING):
        for flow in subject.outgoing(gateway) if len(gateway.outgoing) > 1 else ():
            if flow.id != gateway.default and flow.condition is None:
                message = f"{label(gateway)}通往{_target(subject, flow)}的连线没有条件；请写上条件，或设为默认连线。"
                yield Problem("error", "condition_missing", flow.id, message)
            if flow.id == gateway.default and flow.condition is not None:
                message = f"{label(gateway)}的默认连线上的条件会被忽略；请删除该条件，或另设默认连线。"
                yield Problem("warning", "condition_on_default", flow.id, message)


@rule
def choices_differ(subject: Subject) -> Iterator[Problem]:
    for gateway in subject.of_type("exclusiveGateway"):
        texts = Counter(f.condition for f in subject.outgoing(gateway) if f.condition and f.id != gateway.default)
        for text, count in texts.items():
            if count > 1:
                message = (
                    f"{label(gateway)}有 {count} 条连线的条件相同（{text[:80]}），只会走其中一条；请改成互不相容的。"
                )
                yield Problem("warning", "condition_repeated", gateway.id, message)


@rule
def only_choices_have_conditions(subject: Subject) -> Iterator[Problem]:
    for flow in subject.flows:
        source = subject.catalogue.elements.get(flow.source)
        if source is not None and flow.condition is not None and source.type not in _CHOOSING:
            message = f"{label(source)}之后的连线上的条件会被忽略；请在其后加排他网关，把条件写在网关的连线上。"
            yield Problem("error", "condition_ignored", flow.id, message)


@rule
def only_gateways_branch(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        if element.type not in GATEWAYS and len(element.outgoing) > 1:
            message = f"{label(element)}之后有 {len(element.outgoing)} 条连线；请在其后加排他或并行网关来分支。"
            yield Problem("error", "branch_without_gateway", element.id, message)


@rule
def event_gateways_wait(subject: Subject) -> Iterator[Problem]:
    for gateway in subject.of_type("eventBasedGateway"):
        targets = [subject.catalogue.elements[t] for t in subject.catalogue.targets(gateway.id)]
        for wrong in (t for t in targets if t.type not in _AWAITED):
            message = f"{label(gateway)}之后只能直接接等待事件，不能接{label(wrong)}；请在中间加定时或消息等待事件。"
            yield Problem("error", "event_gateway_target", gateway.id, message)
        if len(targets) < 2:
            message = f"{label(gateway)}之后不足两个等待事件；请补上，或去掉网关直接等待。"
            yield Problem("warning", "event_gateway_single", gateway.id, message)
        if sum(1 for t in targets if _kind(t) == "timer") > 1:
            message = f"{label(gateway)}之后有多个定时事件，引擎只能记住一个时间；请只保留一个。"
            yield Problem("error", "event_gateway_timers", gateway.id, message)


@rule
def gateways_do_something(subject: Subject) -> Iterator[Problem]:
    for gateway in subject.of_type(*_CHOOSING, "parallelGateway"):
        if len(gateway.incoming) == len(gateway.outgoing) == 1:
            message = f"{label(gateway)}只有一进一出，没有作用；请删除，或补上缺少的连线。"
            yield Problem("info", "gateway_idle", gateway.id, message)


def _kind(element: Element) -> str:
    return element.event.kind if element.event else ""


def _target(subject: Subject, flow: Flow) -> str:
    return name_of(subject.catalogue, flow.target)
