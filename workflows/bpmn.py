"""The words of BPMN as plain frozen data keyed by id; the engine's own model hides flow ids, lanes and extensions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS: Final = "urn:wenming:bpmn:1"

Attributes = Mapping[str, str]
Extensions = Mapping[str, tuple[Attributes, ...]]

TASKS: Final = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
    }
)
SUBPROCESSES: Final = frozenset({"subProcess", "adHocSubProcess", "transaction"})
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS: Final = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "event",
        "implicitThrowEvent",
    }
)
CHOREOGRAPHY: Final = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
ACTIVITIES: Final = TASKS | SUBPROCESSES | {"callActivity"}
FLOW_NODES: Final = ACTIVITIES | GATEWAYS | EVENTS | CHOREOGRAPHY


@dataclass(frozen=True, slots=True)
class Event:
    """What an event waits for or throws. `kind`: none, timer, message, signal, error … or multiple."""

    kind: str
    message: str | None = None
    timer: str | None = None
    timer_kind: str | None = None  # date, duration, cycle
    interrupting: bool = True
    reference: str | None = None  # id of the message, signal, error … referred to
    is_resolved: bool = True  # whether that exists


@dataclass(frozen=True, slots=True)
class Loop:
    """Repetition of an activity: `kind` is multi (multi-instance) or standard."""

    kind: str
    sequential: bool = False
    collection: str | None = None
    item: str | None = None
    output: str | None = None
    output_item: str | None = None
    condition: str | None = None
    cardinality: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node: task, gateway, event, subprocess, call activity."""

    id: str
    type: str
    name: str
    process: str
    parent: str  # id of the enclosing subprocess, else of the process
    lane: str | None = None  # name of the innermost lane
    lane_id: str | None = None
    documentation: str = ""
    extensions: Extensions = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    attached_to: str | None = None
    event: Event | None = None
    loop: Loop | None = None
    default: str | None = None
    script: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    line: int | None = None

    def extension(self, name: str) -> Attributes | None:
        """The attributes of the first extension element of ours with that local name."""
        found = self.extensions.get(name)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; its ends are what the file says, whether these elements exist or not."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    process: str = ""
    parent: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane with the ids that it lists itself; `extensions` may carry an assignment for all its tasks."""

    id: str
    name: str
    process: str
    parent: str | None = None  # enclosing lane
    members: tuple[str, ...] = ()
    extensions: Extensions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Process:
    """One process; absent `isExecutable` counts as true, as the engine takes it."""

    id: str
    name: str
    executable: bool = True
    extensions: Extensions = field(default_factory=dict)
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something in the file that is no flow node and no flow: data objects, stores, annotations, choreographies …"""

    type: str
    id: str | None
    parent: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything read from one file (or from one process of it), in document order."""

    root: str = ""
    processes: Mapping[str, Process] = field(default_factory=dict)
    elements: Mapping[str, Element] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)  # process id → name of its participant
    contents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # process or subprocess id → element ids
    attached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # activity id → boundary event ids
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # element id → texts of notes drawn beside it
    leftovers: tuple[Leftover, ...] = ()
    repeated: tuple[tuple[str, int | None], ...] = ()  # ids that occur again, with the line
    unnamed: tuple[tuple[str, int | None], ...] = ()  # types of nodes and flows without an id, with the line
    foreign: Mapping[str, int] = field(default_factory=dict)  # foreign extension namespace → occurrences

    def targets(self, element_id: str) -> tuple[str, ...]:
        """Ids of the elements that the flows out of an element lead to, as far as they exist."""
        element = self.elements.get(element_id)
        ends = (self.flows[f].target for f in element.outgoing) if element else ()
        return tuple(end for end in ends if end in self.elements)

    def starts(self, container: str) -> tuple[str, ...]:
        """Ids of the start events directly in a process or subprocess."""
        return tuple(i for i in self.contents.get(container, ()) if self.elements[i].type == "startEvent")

    def assignment(self, element_id: str) -> Attributes | None:
        """Who does a user task: its own assignment, else that of its lane or of a lane or activity around it."""
        for element in self.around(element_id):
            found = element.extension("assignment") or self._lane_assignment(element.lane_id)
            if found is not None:
                return found
        return None

    def around(self, element_id: str) -> Iterator[Element]:
        """The element itself and the subprocesses around it, from inside outwards."""
        seen: set[str] = set()
        element = self.elements.get(element_id)
        while element is not None and element.id not in seen:
            seen.add(element.id)
            yield element
            element = self.elements.get(element.parent)

    def _lane_assignment(self, lane_id: str | None) -> Attributes | None:
        lane = self.lanes.get(lane_id or "")
        while lane is not None:
            if lane.extensions.get("assignment"):
                return lane.extensions["assignment"][0]
            lane = self.lanes.get(lane.parent or "")
        return None
