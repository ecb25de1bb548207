"""What differs between two versions of a diagram, in words: what changes how cases run comes first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from workflows.bpmn import Catalogue, Element, Extensions, Flow
from workflows.wording import EVENTS, label

_Part = TypeVar("_Part")
ADDED, REMOVED, CHANGED = "added", "removed", "changed"

_EXTENSIONS: Final[Mapping[str, str]] = {
    "form": "表单",
    "assignment": "办理人",
    "deadline": "期限",
    "reminders": "提醒和上报",
    "clock": "计时",
    "service": "服务",
    "bulk": "批量办理",
    "acknowledge": "凭邮件确认",
    "outcome": "办件结果",
    "decision": "决策表",
}
_EXECUTED: Final[Mapping[str, str]] = {
    "type": "类型",
    "parent": "所在子流程",
    "attached_to": "附着的活动",
    "default": "默认连线",
    "script": "脚本",
}
_LOOP: Final[Mapping[str, str]] = {
    "kind": "重复办理",
    "sequential": "办理次序",
    "collection": "名单",
    "item": "每份的成员",
    "output": "结果列表",
    "output_item": "单项结果",
    "condition": "结束条件",
    "cardinality": "次数",
}
_EVENT: Final[Mapping[str, str]] = {
    "kind": "事件类型",
    "message": "消息",
    "timer": "时间",
    "timer_kind": "计时方式",
    "interrupting": "发生时是否中断办理",
}
_WORDS: Final[Mapping[str, str]] = {
    "roles": "角色",
    "region": "地区",
    "organisation": "单位",
    "person": "人员",
    "persons": "至少人数",
    "exclude": "回避",
    "key": "标识",
    "working_days": "工作日",
    "calendar_days": "日历日",
    "date": "日期",
    "phase_end": "批次阶段截止日",
    "pauses": "暂停计时的环节",
    "before": "提前几个工作日",
    "escalate_after": "逾期几个工作日上报",
    "act": "到期时",
    "after": "逾期几个工作日之后",
    "result": "结果变量",
    "value": "结果代码",
    "status": "状态",
}
_VALUES: Final[Mapping[object, str]] = {
    **{kind: word for kind, word in EVENTS.items()},
    "multi": "多实例",
    "standard": "循环",
    "date": "时刻",
    "duration": "时长",
    "cycle": "周期",
    True: "是",
    False: "否",
}
_READ: Final[Mapping[str, str]] = {"name": "名称", "documentation": "说明", "lane": "泳道"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``runs``: whether a case takes another way, or comes to other people, or at other times."""

    kind: str
    element: str
    text: str
    runs: bool


def compare(old: Catalogue, new: Catalogue) -> list[Change]:
    """All differences between two diagrams of one process, those that matter for execution first."""
    found = [*_processes(old, new), *_lanes(old, new), *_elements(old, new), *_flows(old, new)]
    return sorted(found, key=lambda change: not change.runs)


def _processes(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for key in new.processes.keys() & old.processes.keys():
        before, after = old.processes[key], new.processes[key]
        if before.name != after.name:
            yield Change(CHANGED, key, f"流程名称：{before.name} → {after.name}", runs=False)
        yield from _extensions(key, "整个流程", before.extensions, after.extensions)


def _lanes(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for key, lane in new.lanes.items():
        before = old.lanes.get(key)
        if before is None:
            yield Change(ADDED, key, f"增加泳道「{lane.name}」", runs=bool(lane.extensions))
        else:
            if before.name != lane.name:
                yield Change(CHANGED, key, f"泳道名称：{before.name} → {lane.name}", runs=False)
            yield from _extensions(key, f"泳道「{lane.name}」", before.extensions, lane.extensions)
    for key, gone in _missing(old.lanes, new.lanes):
        yield Change(REMOVED, key, f"删除泳道「{gone.name}」", runs=bool(gone.extensions))


def _elements(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for key, element in new.elements.items():
        before = old.elements.get(key)
        if before is None:
            yield Change(ADDED, key, f"增加{label(element)}", runs=True)
        else:
            yield from _element(before, element)
    for key, gone in _missing(old.elements, new.elements):
        yield Change(REMOVED, key, f"删除{label(gone)}", runs=True)


def _element(before: Element, after: Element) -> Iterator[Change]:
    what = label(after)
    for names, runs in ((_EXECUTED, True), (_READ, False)):
        for name, word in names.items():
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                yield Change(CHANGED, after.id, f"{what}的{word}：{_said(old)} → {_said(new)}", runs=runs)
    yield from _details(after.id, what, before.loop, after.loop, _LOOP)
    yield from _details(after.id, what, before.event, after.event, _EVENT)
    yield from _extensions(after.id, what, before.extensions, after.extensions)


def _flows(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for key, flow in new.flows.items():
        before = old.flows.get(key)
        if before is None:
            yield Change(ADDED, key, f"增加连线 {_flow(new, flow)}", runs=True)
            continue
        if (before.source, before.target) != (flow.source, flow.target):
            text = f"连线改道：{_flow(old, before)} 改为 {_flow(new, flow)}"
            yield Change(CHANGED, key, text, runs=True)
        if before.condition != flow.condition:
            text = f"连线 {_flow(new, flow)} 的条件：{_said(before.condition)} → {_said(flow.condition)}"
            yield Change(CHANGED, key, text, runs=True)
        if before.name != flow.name:
            text = f"连线 {_flow(new, flow)} 的名称：{_said(before.name)} → {_said(flow.name)}"
            yield Change(CHANGED, key, text, runs=False)
    for key, gone in _missing(old.flows, new.flows):
        yield Change(REMOVED, key, f"删除连线 {_flow(old, gone)}", runs=True)


def _details(key: str, what: str, before: object, after: object, words: Mapping[str, str]) -> Iterator[Change]:
    """Of a repetition or an event only what differs; where there was none before, all that is said."""
    for name, word in words.items():
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old != new:
            values = _ORDER if name == "sequential" else _VALUES
            shown = [values.get(one) or _said(one) for one in (old, new)]
            yield Change(CHANGED, key, f"{what}的{word}：{shown[0]} → {shown[1]}", runs=True)


_ORDER: Final[Mapping[object, str]] = {True: "依次", False: "同时"}


def _extensions(key: str, what: str, before: Extensions, after: Extensions) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ()), after.get(name, ())
        if old != new:
            word, shown = _EXTENSIONS.get(name, name), _differing(old, new)
            yield Change(CHANGED, key, f"{what}的{word}：{shown[0]} → {shown[1]}", runs=True)


_Found = tuple[Mapping[str, str], ...]


def _differing(old: _Found, new: _Found) -> tuple[str, str]:
    """Both in words; of one that is there on both sides only the attributes that differ."""
    if len(old) == len(new) == 1:
        names = [name for name in {**old[0], **new[0]} if old[0].get(name) != new[0].get(name)]
        old, new = ({n: old[0][n] for n in names if n in old[0]},), ({n: new[0][n] for n in names if n in new[0]},)
        return _attributes(old, "未设置"), _attributes(new, "未设置")
    return _attributes(old, "有"), _attributes(new, "有")


def _attributes(found: _Found, bare: str) -> str:
    said = ("，".join(f"{_WORDS.get(name, name)} {value}" for name, value in one.items()) or bare for one in found)
    return "；".join(said) or "无"


def _said(value: object) -> str:
    """A value on one line, short enough to read beside its other."""
    text = " ".join(str(value).split()) if value not in (None, "") else "无"
    return text if len(text) <= 160 else f"{text[:160]}…"


def _flow(catalogue: Catalogue, flow: Flow) -> str:
    ends = (catalogue.elements.get(end) for end in (flow.source, flow.target))
    return " → ".join(f"「{(end.name or end.id) if end else '？'}」" for end in ends)


def _missing(old: Mapping[str, _Part], new: Mapping[str, _Part]) -> Iterator[tuple[str, _Part]]:
    return ((key, gone) for key, gone in old.items() if key not in new)
