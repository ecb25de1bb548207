"""What the engine refuses or (worse) accepts and then ignores or gets wrong: named, with what to use instead."""

from collections.abc import Iterator, Mapping
from typing import Final

from workflows.bpmn import ACTIVITIES, CHOREOGRAPHY, Element
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import TYPES, label

_TYPES: Final[Mapping[str, str]] = {
    "task": "引擎会当作线下任务一直等待；请改为人工任务或服务任务。",
    "manualTask": "引擎会一直等待而没有人收到待办；请改为人工任务，并设置办理人和表单。",
    "complexGateway": "引擎不支持；请改用排他网关、并行网关或包容网关的组合。",
    "adHocSubProcess": "引擎不支持；请改为普通子流程，用网关画出可选的步骤。",
    "event": "引擎不支持；请改为开始、等待、抛出或结束事件。",
    "implicitThrowEvent": "引擎不支持；请改为抛出事件。",
    **dict.fromkeys(CHOREOGRAPHY, "编排不能执行；请画成带泳道的流程。"),
}
_LEFTOVERS: Final[Mapping[str, str]] = {
    "dataStore": "引擎不支持数据存储；数据由平台的表单和服务保存，请删除。",
    "dataStoreReference": "引擎不支持数据存储；数据由平台的表单和服务保存，请删除。",
    "choreography": "编排图不能执行；请画成带泳道的流程。",
    "globalChoreographyTask": "编排任务不能执行；请画成带泳道的流程。",
    "conversation": "会话图不能执行；请画成带泳道的流程。",
    "globalConversation": "会话图不能执行；请画成带泳道的流程。",
}
_LINK: Final = "链接事件会使办件在此静默结束；请直接用连线连接两处。"
_COMPENSATE: Final = "引擎不执行补偿；请把撤销步骤画成普通的任务。"
_MULTIPLE: Final = "一个事件带有多个定义；请拆成几个事件，每个只等待或抛出一样。"
_CONDITIONAL: Final = "条件事件只在别的步骤发生时才被检查；请改用消息事件或排他网关。"
_ERROR_START: Final = "错误、升级只能由边界事件捕获；请改为附着在任务或子流程上的边界事件。"
_TOP_START: Final = "流程由平台发起；请改为普通开始事件，需要等待时在其后加等待事件。"
_INNER_START: Final = "子流程只能有一个普通开始事件；需要等待时在其后加等待事件。"

# (element type, event kind) → what happens and what to use instead
_EVENTS: Final[Mapping[tuple[str, str], str]] = {
    **{(t, "link"): _LINK for t in ("intermediateCatchEvent", "intermediateThrowEvent", "endEvent", "boundaryEvent")},
    **{(t, "compensate"): _COMPENSATE for t in ("intermediateThrowEvent", "endEvent", "boundaryEvent")},
    **{(t, "multiple"): _MULTIPLE for t in ("intermediateCatchEvent", "intermediateThrowEvent", "endEvent")},
    ("boundaryEvent", "multiple"): _MULTIPLE,
    **{(t, "conditional"): _CONDITIONAL for t in ("intermediateCatchEvent", "boundaryEvent")},
    ("endEvent", "signal"): "信号结束事件不会发出任何信号；请在结束前用消息抛出事件或服务任务。",
    ("endEvent", "timer"): "结束事件不能定时；请在结束前加定时等待事件。",
    ("endEvent", "cancel"): "只有事务子流程里可以取消；请改为带结果的普通结束事件。",
    ("intermediateThrowEvent", "error"): "中途抛出的错误会被忽略；请改为子流程内的错误结束事件，由边界事件捕获。",
    ("intermediateThrowEvent", "terminate"): "中途终止会被忽略；请改为终止结束事件。",
    ("intermediateThrowEvent", "timer"): "抛出事件不能定时；请改为定时等待事件。",
    ("intermediateThrowEvent", "cancel"): "中途取消会被忽略；请改为取消结束事件。",
    ("intermediateThrowEvent", "conditional"): "抛出事件不能带条件；请改用排他网关。",
    ("intermediateCatchEvent", "error"): _ERROR_START,
    ("intermediateCatchEvent", "escalation"): _ERROR_START,
    ("intermediateCatchEvent", "none"): "没有说明等待什么；请设为定时或消息。",
    ("intermediateCatchEvent", "cancel"): "等待事件不能等待取消；请改为事务子流程上的边界事件。",
    ("intermediateCatchEvent", "terminate"): "等待事件不能终止流程；请改为终止结束事件。",
    ("boundaryEvent", "none"): "没有说明等待什么，引擎无法载入；请设为定时、消息或错误。",
    ("boundaryEvent", "terminate"): "边界事件不能终止流程；请接到终止结束事件。",
}


@rule
def types_are_supported(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        advice = _TYPES.get(element.type)
        if advice:
            yield _unsupported(element, advice)


@rule
def other_parts_are_supported(subject: Subject) -> Iterator[Problem]:
    for thing in subject.catalogue.leftovers:
        advice = _LEFTOVERS.get(thing.type)
        if advice:
            message = f"{TYPES.get(thing.type, thing.type)}（第 {thing.line} 行）：{advice}"
            yield Problem("error", "unsupported_element", thing.id or "", message)


@rule
def events_are_supported(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        if element.event is None:
            continue
        advice = _EVENTS.get((element.type, element.event.kind))
        if advice and not (element.event.kind == "cancel" and _in_transaction(subject, element)):
            yield _unsupported(element, advice)


@rule
def starts_are_plain(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("startEvent"):
        parent = subject.catalogue.elements.get(element.parent)
        if parent is not None and _is_event_subprocess(parent):
            continue
        if element.event and element.event.kind != "none":
            yield _unsupported(element, _TOP_START if parent is None else _INNER_START)


@rule
def subprocesses_are_plain(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("subProcess", "transaction"):
        if _is_event_subprocess(element):
            advice = "事件子流程会改变其他办件的流程，不能使用；请改为把主体放进子流程，并在其边界上加消息或定时事件。"
            yield _unsupported(element, advice)


@rule
def nothing_compensates(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        if element.attributes.get("isForCompensation", "").strip().lower() in ("true", "1"):
            yield _unsupported(element, _COMPENSATE)


@rule
def signals_are_sent_by_nobody(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("intermediateCatchEvent", "boundaryEvent"):
        if element.event and element.event.kind == "signal":
            message = f"{label(element)}：平台只投递消息，不广播信号；请改用消息事件。"
            yield Problem("warning", "signal_not_sent", element.id, message)


@rule
def what_events_refer_to_exists(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        event = element.event
        if event is not None and event.kind in ("signal", "error", "escalation") and not event.is_resolved:
            message = f"{label(element)}引用的“{event.reference}”不存在，引擎无法载入；请新建或选择一个已有的。"
            yield Problem("error", "reference_unknown", element.id, message)


@rule
def called_processes_exist(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("callActivity"):
        called = element.attributes.get("calledElement", "").strip()
        if called not in subject.catalogue.processes:
            what = f"调用的流程 “{called}” 不在本文件中" if called else "没有说明调用哪个流程"
            message = f"{label(element)}{what}；请把被调用的流程放进同一文件，或改为子流程。"
            yield Problem("error", "called_process_unknown", element.id, message)


@rule
def loops_are_bounded(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        loop = element.loop
        if loop is None or loop.kind != "standard" or element.type not in ACTIVITIES:
            continue
        if not loop.condition and not (loop.cardinality or "").strip().isdecimal():
            message = f"{label(element)}的循环没有条件也没有最多次数；请补上其中之一，或用网关画出退回的连线。"
            yield Problem("error", "loop_unbounded", element.id, message)


def _in_transaction(subject: Subject, element: Element) -> bool:
    holder = subject.catalogue.elements.get(element.attached_to or element.parent)
    return holder is not None and holder.type == "transaction"


def _is_event_subprocess(element: Element) -> bool:
    return element.attributes.get("triggeredByEvent", "").strip().lower() in ("true", "1")


def _unsupported(element: Element, advice: str) -> Problem:
    return Problem("error", "unsupported_element", element.id, f"{label(element)}：{advice}")
