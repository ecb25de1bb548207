"""Reads a BPMN file into a `Catalogue`, the one description of a diagram that everything else here works on.

Reading never fails: whatever the file holds becomes some catalogue, and `workflows.checks` says what is wrong with it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from workflows.bpmn import (
    BPMN,
    FLOW_NODES,
    OURS,
    SUBPROCESSES,
    Catalogue,
    Element,
    Event,
    Flow,
    Lane,
    Leftover,
    Loop,
    Process,
)
from workflows.details import (
    References,
    child_text,
    grouped,
    line_of,
    local_name,
    namespace_of,
    read_event,
    read_extensions,
    read_loop,
    read_notes,
    read_references,
    words,
)

__all__ = ["Catalogue", "Element", "Event", "Flow", "Lane", "Leftover", "Loop", "Process", "read_catalogue"]

_CONTAINERS: Final = SUBPROCESSES | {"subChoreography"}
_SILENT: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "ioSpecification",
        "property",
        "auditing",
        "monitoring",
    }
    | {"dataInputAssociation", "dataOutputAssociation", "loopCharacteristics", "supports", "participantRef"}
    | {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "completionCondition", "script"}
    | {"textAnnotation", "association", "group", "category", "humanPerformer", "potentialOwner", "performer"}
)
_TOP_LEVEL: Final = frozenset(
    {"choreography", "globalChoreographyTask", "conversation", "globalConversation", "dataStore"}
)


def read_catalogue(root: etree._Element, process: str | None = None) -> Catalogue:
    """Everything in the file that `root` heads, or only the process of that id. Never raises."""
    reader = _Reader(read_references(root))
    for node in root.iter(f"{{{BPMN}}}process"):
        if process is None or node.get("id") == process:
            reader.read_process(node)
    for node in root:
        if local_name(node) in _TOP_LEVEL:
            reader.leftovers.append(Leftover(local_name(node), node.get("id"), "", line_of(node)))
    return reader.catalogue(root)


@dataclass
class _Reader:
    references: References
    processes: dict[str, Process] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    repeated: list[tuple[str, int | None]] = field(default_factory=list)
    unnamed: list[tuple[str, int | None]] = field(default_factory=list)
    foreign: Counter[str] = field(default_factory=Counter)

    def read_process(self, node: etree._Element) -> None:
        key = self._new_id(node)
        if key is None:
            return
        executable = node.get("isExecutable", "true").strip().lower() not in ("false", "0")
        self.processes[key] = Process(key, node.get("name", ""), executable, read_extensions(node), line_of(node))
        self._note_foreign(node)
        stack: list[tuple[str, Iterator[etree._Element]]] = [(key, iter(node))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
            elif inner := self._read_child(child, key, parent):
                stack.append((inner, iter(child)))

    def _read_child(self, node: etree._Element, process: str, parent: str) -> str | None:
        """Read one child; the id to go on with if it holds elements itself."""
        name = local_name(node)
        if name in FLOW_NODES:
            return self._read_element(node, process, parent)
        if name == "sequenceFlow":
            self._read_flow(node, process, parent)
        elif name == "laneSet":
            self._read_lanes(node, process)
        elif name and name not in _SILENT and not name.endswith("EventDefinition"):
            self.leftovers.append(Leftover(name, node.get("id"), parent, line_of(node)))
        return None

    def _read_element(self, node: etree._Element, process: str, parent: str) -> str | None:
        key = self._new_id(node)
        if key is None:
            return None
        self._note_foreign(node)
        kind = local_name(node)
        self.elements[key] = Element(
            id=key,
            type=kind,
            name=words(node.get("name")),
            process=process,
            parent=parent,
            documentation=(child_text(node, "documentation") or ""),
            extensions=read_extensions(node),
            attributes={str(k): str(v) for k, v in node.attrib.items() if not str(k).startswith("{")},
            attached_to=node.get("attachedToRef"),
            event=read_event(node, self.references)
            if kind.endswith("Event") or kind in ("sendTask", "receiveTask")
            else None,
            loop=read_loop(node),
            default=node.get("default"),
            script=child_text(node, "script"),
            line=line_of(node),
        )
        return key if kind in _CONTAINERS else None

    def _read_flow(self, node: etree._Element, process: str, parent: str) -> None:
        key = self._new_id(node)
        if key is not None:
            source, target = node.get("sourceRef", ""), node.get("targetRef", "")
            condition = child_text(node, "conditionExpression")
            self.flows[key] = Flow(
                key, source, target, words(node.get("name")), condition, process, parent, line_of(node)
            )

    def _read_lanes(self, lane_set: etree._Element, process: str) -> None:
        todo: list[tuple[etree._Element, str | None]] = [(lane_set, None)]
        while todo:
            holder, outer = todo.pop()
            for node in [n for n in holder if local_name(n) == "lane"]:
                key = node.get("id", "")
                while not key or key in self.lanes:  # a key of its own, or lanes could enclose themselves
                    key += f"@{len(self.lanes)}"
                members = tuple((n.text or "").strip() for n in node if local_name(n) == "flowNodeRef")
                self.lanes[key] = Lane(key, words(node.get("name")), process, outer, members, read_extensions(node))
                todo.extend((n, key) for n in node if local_name(n) == "childLaneSet")

    def _new_id(self, node: etree._Element) -> str | None:
        key = node.get("id", "").strip()
        if not key:
            self.unnamed.append((local_name(node), line_of(node)))
        elif key in self.processes or key in self.elements or key in self.flows:
            self.repeated.append((key, line_of(node)))
        else:
            return key
        return None

    def _note_foreign(self, node: etree._Element) -> None:
        inside = (n for holder in node if local_name(holder) == "extensionElements" for n in holder)
        found = {namespace_of(str(n.tag)) for n in inside} | {namespace_of(str(k)) for k in node.attrib}
        self.foreign.update(found - {"", OURS, BPMN, "http://www.w3.org/2001/XMLSchema-instance"})

    def catalogue(self, root: etree._Element) -> Catalogue:
        return Catalogue(
            root=str(root.tag),
            processes=self.processes,
            elements=_with_lanes(_connected(self.elements, self.flows), self.lanes),
            flows=self.flows,
            lanes=self.lanes,
            pools={p.get("processRef", ""): words(p.get("name")) for p in root.iter(f"{{{BPMN}}}participant")},
            contents=grouped((e.parent, e.id) for e in self.elements.values()),
            attached=grouped((e.attached_to, e.id) for e in self.elements.values() if e.attached_to),
            notes=read_notes(root),
            leftovers=tuple(self.leftovers),
            repeated=tuple(self.repeated),
            unnamed=tuple(self.unnamed),
            foreign=self.foreign,
        )


def _connected(elements: dict[str, Element], flows: dict[str, Flow]) -> dict[str, Element]:
    incoming = grouped((f.target, f.id) for f in flows.values())
    outgoing = grouped((f.source, f.id) for f in flows.values())
    return {k: replace(e, incoming=incoming.get(k, ()), outgoing=outgoing.get(k, ())) for k, e in elements.items()}


def _with_lanes(elements: dict[str, Element], lanes: dict[str, Lane]) -> dict[str, Element]:
    """Each element with its innermost lane, else that of what it is attached to or enclosed by.

    Elements come in document order, so what is around an element is placed before it.
    """
    depth: dict[str, int] = {}
    for lane in lanes.values():  # outer lanes stand before inner ones
        depth[lane.id] = depth.get(lane.parent or "", 0) + 1
    listed: dict[str, Lane] = {}
    for lane in lanes.values():
        for member in lane.members:
            if member not in listed or depth[listed[member].id] < depth[lane.id]:
                listed[member] = lane
    placed: dict[str, Element] = {}
    for key, element in elements.items():
        around = listed.get(element.attached_to or "")
        own = listed.get(key) or around or listed.get(element.parent)
        if own is not None:
            listed[key] = own
        placed[key] = element if own is None else replace(element, lane=own.name or None, lane_id=own.id)
    return placed
