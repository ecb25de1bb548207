"""Where everything stands: read from the diagram interchange part of the file, with nothing trusted."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

BPMNDI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
DI: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
MAX_COORDINATE: Final = 200_000.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `expanded` says of a subprocess that its inside is shown, `horizontal` of a lane how it runs."""

    x: float
    y: float
    width: float
    height: float
    expanded: bool = True
    horizontal: bool = True

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Geometry:
    """Boxes of elements, lanes and pools, lines of flows, boxes of their labels, all by id."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)

    def around(self) -> Box:
        """The box around everything."""
        spots = [p for b in (*self.boxes.values(), *self.labels.values()) for p in ((b.x, b.y), (b.right, b.bottom))]
        spots += [p for line in self.lines.values() for p in line]
        return box_around(spots)


def box_around(spots: Iterable[Point]) -> Box:
    """The smallest box that holds the points."""
    found = list(spots) or [(0.0, 0.0), (100.0, 40.0)]
    left, top = min(x for x, _ in found), min(y for _, y in found)
    return Box(left, top, max(x for x, _ in found) - left, max(y for _, y in found) - top)


def read_geometry(root: etree._Element) -> Geometry:
    """The first diagram of the file; what has no usable coordinates is left out."""
    found = Geometry()
    plane = next(root.iter(f"{BPMNDI}BPMNPlane"), None)
    for node in plane if plane is not None else ():
        key = str(node.get("bpmnElement", "")).strip()
        if node.tag == f"{BPMNDI}BPMNShape":
            box = _box(node)
            if box is not None:
                found.boxes[key] = box
        elif node.tag == f"{BPMNDI}BPMNEdge":
            line = tuple(_points(node))
            if len(line) > 1:
                found.lines[key] = line
        label = next(node.iterchildren(f"{BPMNDI}BPMNLabel"), None)
        label_box = _box(label) if label is not None else None
        if label_box is not None:
            found.labels[key] = label_box
    return found


def _box(node: etree._Element) -> Box | None:
    bounds = next(node.iterchildren(f"{DC}Bounds"), None)
    if bounds is None:
        return None
    numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    if None in numbers or min(n for n in numbers[2:] if n is not None) < 0:
        return None
    x, y, width, height = (n or 0.0 for n in numbers)
    expanded = node.get("isExpanded", "true") != "false"
    return Box(x, y, width, height, expanded, node.get("isHorizontal", "true") != "false")


def _points(node: etree._Element) -> Iterator[Point]:
    for spot in node.iterchildren(f"{DI}waypoint"):
        x, y = _number(spot.get("x")), _number(spot.get("y"))
        if x is not None and y is not None:
            yield x, y


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= MAX_COORDINATE else None
