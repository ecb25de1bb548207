"""The Chinese words for what stands in a diagram; checks, outline and picture all take theirs from here."""

from collections.abc import Mapping
from typing import Final

from workflows.bpmn import Catalogue, Element

TYPES: Final[Mapping[str, str]] = {
    "task": "普通任务",
    "userTask": "人工任务",
    "manualTask": "线下任务",
    "serviceTask": "服务任务",
    "scriptTask": "脚本任务",
    "businessRuleTask": "规则任务",
    "sendTask": "发送任务",
    "receiveTask": "接收任务",
    "subProcess": "子流程",
    "adHocSubProcess": "自由子流程",
    "transaction": "事务子流程",
    "callActivity": "调用活动",
    "exclusiveGateway": "排他网关",
    "parallelGateway": "并行网关",
    "inclusiveGateway": "包容网关",
    "eventBasedGateway": "事件网关",
    "complexGateway": "复杂网关",
    "startEvent": "开始事件",
    "endEvent": "结束事件",
    "intermediateCatchEvent": "等待事件",
    "intermediateThrowEvent": "抛出事件",
    "boundaryEvent": "边界事件",
    "event": "事件",
    "implicitThrowEvent": "隐式抛出事件",
    "choreographyTask": "编排任务",
    "subChoreography": "子编排",
    "callChoreography": "调用编排",
    "choreography": "编排图",
    "globalChoreographyTask": "全局编排任务",
    "conversation": "会话图",
    "globalConversation": "全局会话",
    "dataObject": "数据对象",
    "dataObjectReference": "数据对象引用",
    "dataStore": "数据存储",
    "dataStoreReference": "数据存储引用",
}

EVENTS: Final[Mapping[str, str]] = {
    "none": "普通",
    "timer": "定时",
    "message": "消息",
    "signal": "信号",
    "error": "错误",
    "escalation": "升级",
    "terminate": "终止",
    "compensate": "补偿",
    "link": "链接",
    "cancel": "取消",
    "conditional": "条件",
    "multiple": "多重",
}


def type_word(element: Element) -> str:
    """What an element is, e.g. 人工任务 or 定时边界事件."""
    word = TYPES.get(element.type, element.type)
    kind = element.event.kind if element.event else "none"
    return word if kind == "none" else f"{EVENTS.get(kind, kind)}{word}"


def label(element: Element) -> str:
    """What an element is and its name, else its id: 人工任务「县级初审」."""
    return f"{type_word(element)}「{element.name or element.id}」"


def name_of(catalogue: Catalogue, element_id: str) -> str:
    """The name of an element in corner brackets; its id if it has none or does not exist."""
    element = catalogue.elements.get(element_id)
    return f"「{(element.name if element else '') or element_id}」"
