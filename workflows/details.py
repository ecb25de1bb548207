"""Reads the small parts of one BPMN element: names, texts, events, loops, our extensions. Nothing here raises."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from lxml import etree

from workflows.bpmn import BPMN, OURS, Attributes, Event, Extensions, Loop

_K = TypeVar("_K")
_V = TypeVar("_V")

MAX_NAME: Final = 200
_NO: Final = ("false", "0")
_YES: Final = ("true", "1")
_TIMERS: Final = ("timeDate", "timeDuration", "timeCycle")


@dataclass(frozen=True, slots=True)
class References:
    """What elements refer to by id and stands beside the processes."""

    messages: dict[str, str]
    events: dict[str, etree._Element]
    others: frozenset[str]  # ids of signals, errors, escalations

    def message(self, reference: str | None, otherwise: str | None) -> str | None:
        """Name of the message with that id (None if there is no such message); `otherwise` where no id is given."""
        return otherwise if reference is None else self.messages.get(reference)


def read_references(root: etree._Element) -> References:
    """Messages and event definitions that stand at the top of the file."""
    messages = {m.get("id", ""): m.get("name") or m.get("id") or "" for m in root.iter(f"{{{BPMN}}}message")}
    events = {e.get("id", ""): e for e in root if local_name(e).endswith("EventDefinition")}
    others = frozenset(n.get("id", "") for n in root if local_name(n) in ("signal", "error", "escalation"))
    return References(messages, events, others)


def local_name(node: etree._Element) -> str:
    """Local name of a BPMN element; empty for anything of another namespace."""
    tag = str(node.tag)
    return tag[len(BPMN) + 2 :] if tag.startswith(f"{{{BPMN}}}") else ""


def namespace_of(tag: str) -> str:
    """Namespace of a tag or attribute name in Clark notation, empty if it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def line_of(node: etree._Element) -> int | None:
    """Line of an element in its file."""
    return node.sourceline


def words(text: str | None) -> str:
    """A name on one line, cut where it is longer than any name."""
    line = " ".join((text or "").split())
    return line if len(line) <= MAX_NAME else f"{line[:MAX_NAME]}…"


def content(node: etree._Element) -> str | None:
    """All text inside an element, stripped; None if there is none."""
    return "".join(str(piece) for piece in node.itertext()).strip() or None


def child_text(node: etree._Element, name: str) -> str | None:
    """Content of the first BPMN child of that name."""
    found = next((n for n in node if local_name(n) == name), None)
    return None if found is None else content(found)


def is_true(text: str | None, default: bool) -> bool:
    """An xsd:boolean attribute."""
    value = (text or "").strip().lower()
    return value in _YES or (default and value not in _NO)


def read_event(node: etree._Element, references: References) -> Event:
    """What an event (or a send/receive task) waits for or throws."""
    definitions = [n for n in node if local_name(n).endswith("EventDefinition")]
    named = ((n.text or "").strip() for n in node if local_name(n) == "eventDefinitionRef")
    definitions += [references.events[r] for r in named if r in references.events]
    interrupting = is_true(node.get("cancelActivity", node.get("isInterrupting")), default=True)
    if not definitions:
        reference = node.get("messageRef")
        return Event("none", references.message(reference, None), interrupting=interrupting, reference=reference)
    first = definitions[0]
    kind = local_name(first).removesuffix("EventDefinition")
    reference = next((str(v) for k, v in first.attrib.items() if str(k).endswith("Ref")), None)
    timer = next((n for n in first if local_name(n) in _TIMERS), None)
    return Event(
        kind="multiple" if len(definitions) > 1 else kind,
        message=references.message(reference, node.get("name")) if kind == "message" else None,
        timer=None if timer is None else content(timer),
        timer_kind=None if timer is None else local_name(timer).removeprefix("time").lower(),
        interrupting=interrupting,
        reference=reference,
        is_resolved=reference is None or reference in references.messages or reference in references.others,
    )


def read_loop(node: etree._Element) -> Loop | None:
    """How an activity is repeated, if it is."""
    for child in node:
        if local_name(child) == "standardLoopCharacteristics":
            return Loop("standard", condition=child_text(child, "loopCondition"), cardinality=child.get("loopMaximum"))
        if local_name(child) == "multiInstanceLoopCharacteristics":
            return _multi_instance(child)
    return None


def _multi_instance(node: etree._Element) -> Loop:
    return Loop(
        kind="multi",
        sequential=is_true(node.get("isSequential"), default=False),
        collection=child_text(node, "loopDataInputRef"),
        item=_child_id(node, "inputDataItem"),
        output=child_text(node, "loopDataOutputRef"),
        output_item=_child_id(node, "outputDataItem"),
        condition=child_text(node, "completionCondition"),
        cardinality=child_text(node, "loopCardinality"),
    )


def _child_id(node: etree._Element, name: str) -> str | None:
    return next((n.get("id") or n.get("name") for n in node if local_name(n) == name), None)


def read_extensions(node: etree._Element) -> Extensions:
    """Our extension elements: local name → the attributes of each."""
    inside = (n for holder in node if local_name(holder) == "extensionElements" for n in holder)
    ours = (n for n in inside if namespace_of(str(n.tag)) == OURS)
    return grouped((str(n.tag).rpartition("}")[2], _attributes(n)) for n in ours)


def _attributes(node: etree._Element) -> Attributes:
    return {str(k).rpartition("}")[2]: str(v).strip() for k, v in node.attrib.items()}


def read_notes(root: etree._Element) -> dict[str, tuple[str, ...]]:
    """Texts of annotations by what an association connects them with."""
    texts = {n.get("id", ""): words(child_text(n, "text")) for n in root.iter(f"{{{BPMN}}}textAnnotation")}
    ends = [(n.get("sourceRef", ""), n.get("targetRef", "")) for n in root.iter(f"{{{BPMN}}}association")]
    pairs = [pair for one, two in ends for pair in ((one, two), (two, one))]
    return grouped((element, texts[note]) for element, note in pairs if texts.get(note) and element not in texts)


def grouped(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, tuple[_V, ...]]:
    """Values by key, in the order they come."""
    found: dict[_K, list[_V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
