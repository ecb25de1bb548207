"""A diagram as text: every element once, in reading order along the flow, saying the same as the picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.ahead import Ahead, ahead, describe_ahead
from workflows.bpmn import GATEWAYS, Catalogue, Element
from workflows.graph import Graph, read_graph
from workflows.wording import type_word

__all__ = ["Ahead", "NextStep", "OutlineItem", "ahead", "describe", "describe_ahead", "outline", "reading_order"]


@dataclass(frozen=True, slots=True)
class NextStep:
    """One way on: along `flow` to `element`. `name` is that of the element (its kind if it has none)."""

    element: str
    name: str
    flow: str
    flow_name: str = ""
    condition: str | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One element in reading order; `number` counts like 3.2 (second element inside the third), `depth` from 0."""

    element: str
    type: str
    kind: str  # Chinese, e.g. 定时边界事件
    name: str
    lane: str | None
    number: str
    depth: int
    next: tuple[NextStep, ...] = ()
    attached_to: str | None = None
    attached_name: str = ""
    interrupting: bool = True
    several: str | None = None  # parallel or sequential, for multi-instance
    inside: tuple[str, ...] = ()  # numbers of the first steps inside a subprocess
    outcome: str = ""  # what the end of the whole process means
    documentation: str = ""
    notes: tuple[str, ...] = ()  # texts drawn beside the element
    targets: Mapping[str, str] = field(default_factory=dict)  # element → number, for the ways on

    def as_dict(self) -> dict[str, Any]:
        """The item for clients: element, type, name, lane, next."""
        ways = [{"element": n.element, "name": n.name, "condition": n.flow_name or n.condition} for n in self.next]
        return {"element": self.element, "type": self.type, "name": self.name, "lane": self.lane, "next": ways}


def outline(catalogue: Catalogue) -> list[OutlineItem]:
    """All elements of all processes in reading order; a merge comes after what leads to it, loops are not followed.

    What no start event reaches stands at the end of its level.
    """
    numbers = dict(_numbered(catalogue))
    return [_item(catalogue, key, numbers) for key in numbers]


def reading_order(catalogue: Catalogue, container: str) -> list[str]:
    """Ids of the elements directly in a process or subprocess, in reading order."""
    graph = read_graph(catalogue, container)
    found: list[str] = []
    seen: set[str] = set()
    for start in (*catalogue.starts(container), *graph.after):
        if start not in seen:
            found.extend(_along(catalogue, graph, start, seen))
    return found


def _along(catalogue: Catalogue, graph: Graph, start: str, seen: set[str]) -> list[str]:
    """Reverse postorder of a depth-first search: everything comes after all that leads to it, loops aside."""
    order: list[str] = []
    seen.add(start)
    stack = [(start, iter(_last_first(catalogue, graph, start)))]
    while stack:
        key, targets = stack[-1]
        target = next((t for t in targets if t not in seen), None)
        if target is None:
            order.append(key)
            stack.pop()
        else:
            seen.add(target)
            stack.append((target, iter(_last_first(catalogue, graph, target))))
    return order[::-1]


def _last_first(catalogue: Catalogue, graph: Graph, key: str) -> list[str]:
    """Ways on from an element, those to be read first last: the flows as drawn, boundary events at the very end."""
    ways = graph.after[key]
    return sorted(reversed(ways), key=lambda k: catalogue.elements[k].type == "boundaryEvent")


def _numbered(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Element ids in reading order through all levels, each with its number."""
    several = len(catalogue.processes) > 1
    for place, process in enumerate(catalogue.processes, 1):
        stack = [(f"{place}." if several else "", enumerate(reading_order(catalogue, process), 1))]
        while stack:
            prefix, items = stack[-1]
            position, key = next(items, (0, None))
            if key is None:
                stack.pop()
                continue
            yield key, f"{prefix}{position}"
            if key in catalogue.contents:
                stack.append((f"{prefix}{position}.", enumerate(reading_order(catalogue, key), 1)))


def _item(catalogue: Catalogue, key: str, numbers: Mapping[str, str]) -> OutlineItem:
    element = catalogue.elements[key]
    ways = tuple(_ways(catalogue, element))
    outcome = element.extension("outcome") or {}
    loop = element.loop if element.loop and element.loop.kind == "multi" else None
    holder = catalogue.elements.get(element.attached_to or "")
    return OutlineItem(
        element=key,
        type=element.type,
        kind=_kind(element),
        name=element.name,
        lane=element.lane,
        number=numbers[key],
        depth=numbers[key].count(".") - (len(catalogue.processes) > 1),
        next=ways,
        attached_to=holder.id if holder else None,
        attached_name=_name(holder) if holder else "",
        interrupting=element.event.interrupting if element.event else True,
        several=None if loop is None else ("sequential" if loop.sequential else "parallel"),
        inside=tuple(numbers[start] for start in catalogue.starts(key)),
        outcome=outcome.get("name", ""),
        documentation=element.documentation,
        notes=catalogue.notes.get(key, ()),
        targets={w.element: numbers[w.element] for w in ways},
    )


def _ways(catalogue: Catalogue, element: Element) -> Iterator[NextStep]:
    for flow_id in element.outgoing:
        flow = catalogue.flows[flow_id]
        target = catalogue.elements.get(flow.target)
        if target is not None:
            is_default = flow.id == element.default
            condition = None if is_default else flow.condition
            yield NextStep(target.id, _name(target), flow.id, flow.name, condition, is_default)


def _name(element: Element) -> str:
    return element.name or _kind(element)


def _kind(element: Element) -> str:
    merging = element.type in GATEWAYS and not element.name and len(element.incoming) > 1 >= len(element.outgoing)
    return f"{type_word(element)}（汇合）" if merging else type_word(element)


def describe(item: OutlineItem) -> str:
    """The item in one or two Chinese sentences, with everything that its picture shows."""
    head = f"{item.kind}「{item.name}」" if item.name else item.kind
    where = f"（{item.lane}）" if item.lane else ""
    notes = "".join(f"说明：{note.rstrip('。')}。" for note in item.notes)
    return f"{head}{where}{_manner(item)}。{_onward(item)}{notes}"


def _manner(item: OutlineItem) -> str:
    words = []
    if item.several:
        words.append("名单中每人一份，依次办理" if item.several == "sequential" else "名单中每人一份，同时办理")
    if item.attached_to:
        effect = "发生时中断它" if item.interrupting else "发生时不中断它"
        words.append(f"附着在「{item.attached_name}」上，{effect}")
    if item.inside:
        words.append(f"内部步骤从 {'、'.join(item.inside)} 开始")
    return "".join(f"，{word}" for word in words)


def _onward(item: OutlineItem) -> str:
    if not item.next:
        result = f"结果：{item.outcome}。" if item.outcome else ""
        return f"到此结束。{result}" if item.type == "endEvent" else ""
    if len(item.next) == 1 and not item.next[0].flow_name:
        return f"下一步：{_target(item, item.next[0])}。"
    joint = {"parallelGateway": "同时进行", "eventBasedGateway": "等待其中最先发生的一项"}.get(item.type, "下一步")
    return f"{joint}：{'；'.join(_way(item, way) for way in item.next)}。"


def _way(item: OutlineItem, way: NextStep) -> str:
    reason = way.flow_name or (f"满足 {way.condition}" if way.condition else "")
    if way.is_default:
        reason = f"{reason}（其他情况）" if reason else "其他情况"
    return f"{reason}，到 {_target(item, way)}" if reason else f"到 {_target(item, way)}"


def _target(item: OutlineItem, way: NextStep) -> str:
    return f"{item.targets[way.element]}「{way.name}」"
