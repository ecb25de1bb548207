"""Places and lines of what stands beside the flow: notes above what they are about, data in a row below, messages."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from workflows.bpmn import Catalogue
from workflows.details import grouped, local_name
from workflows.picture.geometry import Box, Geometry, Point

NOTE: Final = 50.0
"""The height that a note takes, with a gap below it."""
_SIZES: Final = {
    "textAnnotation": (150.0, 36.0),
    "dataObjectReference": (36.0, 50.0),
    "dataStoreReference": (50.0, 50.0),
}
_APART: Final = 160.0


@dataclass(frozen=True)
class Beside:
    """What stands beside the elements of a file."""

    notes: Mapping[str, tuple[str, ...]]
    """Ids of the notes about each element."""
    loose: Mapping[str, tuple[str, ...]]
    """Ids of data and of the other notes by the process or subprocess that holds them."""
    sizes: Mapping[str, Point]


def read_beside(root: etree._Element, catalogue: Catalogue) -> Beside:
    """Everything of this kind in a file."""
    sizes: dict[str, Point] = {}
    holders: dict[str, str] = {}
    for node in root.iter():
        kind, parent = local_name(node), node.getparent()
        if kind in _SIZES and node.get("id") and parent is not None:
            sizes[node.get("id", "")] = _SIZES[kind]
            holders[node.get("id", "")] = parent.get("id", "")
    about = _about(root, catalogue, sizes)
    loose = grouped((holder, key) for key, holder in holders.items() if key not in about)
    return Beside(grouped((element, note) for note, element in about.items()), loose, sizes)


def _about(root: etree._Element, catalogue: Catalogue, notes: Collection[str]) -> dict[str, str]:
    """The element that each note is about."""
    found: dict[str, str] = {}
    for node in root.iter():
        if local_name(node) == "association":
            ends = node.get("sourceRef", ""), node.get("targetRef", "")
            for one, other in (ends, ends[::-1]):
                if one in notes and other in catalogue.elements:
                    found.setdefault(one, other)
    return found


def place_beside(beside: Beside, geometry: Geometry, rows: Mapping[str, Point]) -> None:
    """Give everything its box; ``rows`` say where the row of loose things of a container begins."""
    for element, notes in beside.notes.items():
        box = geometry.boxes[element]
        for place, note in enumerate(notes, 1):
            geometry.boxes[note] = Box(box.x, box.y - NOTE * place, *beside.sizes[note])
    for holder, keys in beside.loose.items():
        x, y = rows.get(holder, (0.0, geometry.around().bottom + NOTE))
        for place, key in enumerate(keys):
            geometry.boxes[key] = Box(x + place * _APART, y, *beside.sizes[key])


def connect_beside(root: etree._Element, geometry: Geometry) -> None:
    """Draw the lines to notes and data, and the messages between pools, as far as both ends have a place."""
    for key, source, target in _lines(root):
        start, end = _spot(geometry, source), _spot(geometry, target)
        if key and start and end and key not in geometry.lines:
            geometry.lines[key] = _joined(start, end)


def _lines(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    for node in root.iter():
        kind, key = local_name(node), node.get("id", "")
        if kind in ("association", "messageFlow"):
            yield key, node.get("sourceRef", ""), node.get("targetRef", "")
        elif kind in ("dataInputAssociation", "dataOutputAssociation"):
            ends = {local_name(child): (child.text or "").strip() for child in node}
            parent = node.getparent()
            task = parent.get("id", "") if parent is not None else ""
            if kind == "dataInputAssociation":
                yield key, ends.get("sourceRef", ""), task
            else:
                yield key, task, ends.get("targetRef", "")


def _spot(geometry: Geometry, key: str) -> Box | None:
    """What a line ends at: a box, or the middle of another line."""
    line = geometry.lines.get(key)
    return geometry.boxes.get(key) or (Box(*line[len(line) // 2], 0.0, 0.0) if line else None)


def _joined(start: Box, end: Box) -> tuple[Point, ...]:
    """From the edge that looks to the other end, straight or with one step halfway."""
    is_down = end.centre[1] > start.centre[1]
    out = (start.centre[0], start.bottom if is_down else start.y)
    into = (end.centre[0], end.y if is_down else end.bottom)
    if abs(out[0] - into[0]) < 1:
        return out, into
    middle = (out[1] + into[1]) / 2
    return out, (out[0], middle), (into[0], middle), into
