"""A place for what the file gives none: columns from left to right along the flow, a band of rows for each lane.

Subprocesses stand around their inside, pools one below the other, notes above what they are about.
"""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from workflows.bpmn import GATEWAYS, SUBPROCESSES, Catalogue, Element
from workflows.graph import Graph, read_graph
from workflows.outline import reading_order
from workflows.picture.bands import HEADER, Band, Bands, bands_of, frames
from workflows.picture.beside import NOTE, Beside, connect_beside, place_beside, read_beside
from workflows.picture.geometry import Box, Geometry, Point

GAP_X: Final = 90.0
GAP_Y: Final = 40.0
MARGIN: Final = 40.0
_EMPTY: Final = 80.0
"""The height of a lane that nothing stands in."""
_LOOSE: Final = 100.0
"""The height of the row of what stands beside the flow: data, notes about nothing."""
_MOST_TO_AVOID: Final = 300


def automatic_layout(root: etree._Element, catalogue: Catalogue) -> Geometry:
    """A layered drawing of all processes of a file, with everything that stands around and beside their steps."""
    return _Layout(catalogue, read_beside(root, catalogue)).drawn(root)


class _Layout:
    """Sizes, and places relative to the corner of what is around, as they become known from inside outwards."""

    def __init__(self, catalogue: Catalogue, beside: Beside) -> None:
        self._catalogue = catalogue
        self._beside = beside
        self._sizes: dict[str, Point] = {}
        self._places: dict[str, Point] = {}
        self._bands: dict[str, Bands] = {}

    def drawn(self, root: etree._Element) -> Geometry:
        """Everything with its place on the whole drawing."""
        inner = [e.id for e in self._catalogue.elements.values() if e.type in SUBPROCESSES]
        for container in (*reversed(inner), *self._catalogue.processes):  # inside before outside
            self._bands[container] = bands_of(self._catalogue, container)
            self._sizes[container] = self._place(container)
        found, corners = Geometry(), self._corners()
        found.boxes.update(frames(root, self._catalogue, self._bands, self._sizes, corners))
        for key, element in self._catalogue.elements.items():  # outside before inside
            left, top = corners.get(element.parent, (0.0, 0.0))
            dx, dy = self._places.get(key, (0.0, 0.0))
            corners[key] = (left + dx, top + dy)
            found.boxes[key] = Box(*corners[key], *self._sizes.get(key, _size(element)))
        place_beside(self._beside, found, self._rows(corners))
        connect(self._catalogue, found)
        connect_beside(root, found)
        return found

    def _place(self, container: str) -> Point:
        """Places of what is directly in a container; the size that it needs."""
        bands, widths = self._bands[container], dict[int, float]()
        for key, rank in _ranks(self._catalogue, container).items():
            self._sizes.setdefault(key, _size(self._catalogue.elements[key]))
            bands.band_of(key).columns.setdefault(rank, []).append(key)
            widths[rank] = max(widths.get(rank, 0.0), self._sizes[key][0])
        lefts, x = {}, MARGIN + bands.header
        for rank in sorted(widths):
            lefts[rank] = x
            x += widths[rank] + GAP_X
        y = 0.0
        for band in bands.all:
            band.y, band.height = y, self._stack(band, lefts, widths, y)
            y += band.height
        if self._beside.loose.get(container):
            bands.all[-1].height += _LOOSE
            y += _LOOSE
        self._attach(container)
        return max(x - GAP_X + MARGIN, 180.0 + bands.header), y

    def _stack(self, band: Band, lefts: Mapping[int, float], widths: Mapping[int, float], top: float) -> float:
        """Places of what is in one band, each column in its middle; the height that the band needs."""
        heights = {rank: sum(map(self._room, keys)) - GAP_Y for rank, keys in band.columns.items()}
        if not heights:
            return _EMPTY
        high = max(heights.values())
        for rank, keys in band.columns.items():
            y = top + MARGIN + (high - heights[rank]) / 2
            for key in keys:
                width, height = self._sizes[key]
                notes = self._room(key) - GAP_Y - height
                self._places[key] = (lefts[rank] + (widths[rank] - width) / 2, y + notes)
                y += self._room(key)
        return high + 2 * MARGIN

    def _room(self, key: str) -> float:
        """The height that an element takes in its column: its notes above it, a gap below it."""
        return self._sizes[key][1] + NOTE * len(self._beside.notes.get(key, ())) + GAP_Y

    def _attach(self, container: str) -> None:
        """Boundary events onto the lower edge of what they are attached to."""
        for holder in self._catalogue.contents.get(container, ()):
            attached = self._catalogue.attached.get(holder, ())
            events = [k for k in attached if self._catalogue.elements[k].parent == container]
            for place, key in enumerate(events):
                if holder in self._places and key != holder:
                    (x, y), (width, height) = self._places[holder], self._sizes[holder]
                    self._sizes[key] = (36.0, 36.0)
                    self._places[key] = (x + width - 50.0 - 44.0 * place, y + height - 18.0)

    def _corners(self) -> dict[str, Point]:
        """Pools of one width, one below the other with room for messages between them."""
        corners, y = {}, 0.0
        widest = max((self._sizes[process][0] for process in self._catalogue.processes), default=0.0)
        for process in self._catalogue.processes:
            self._sizes[process] = (widest, self._sizes[process][1])
            corners[process] = (0.0, y)
            y += self._sizes[process][1] + (HEADER * 2 if self._catalogue.pools else 0.0)
        return corners

    def _rows(self, corners: Mapping[str, Point]) -> dict[str, Point]:
        """Where the row of loose things of each container begins."""
        rows = {}
        for container, (x, y) in corners.items():
            if container in self._bands:
                rows[container] = (x + self._bands[container].header + MARGIN, y + self._sizes[container][1] - _LOOSE)
        return rows


def _ranks(catalogue: Catalogue, container: str) -> dict[str, int]:
    """The column of each element: one behind the last of those before it; ways back do not count."""
    graph = read_graph(catalogue, container)
    order = reading_order(catalogue, container)
    position = {key: place for place, key in enumerate(order)}
    ranks: dict[str, int] = {}
    for key in order:
        holder = catalogue.elements[key].attached_to
        if catalogue.elements[key].type == "boundaryEvent" and holder in ranks:
            ranks[key] = ranks[holder]
        else:
            ranks[key] = _rank(graph, position, ranks, key)
    attached = {k for k in order if catalogue.elements[k].type == "boundaryEvent" and _holder_is_here(catalogue, k)}
    return {key: rank for key, rank in ranks.items() if key not in attached}


def _rank(graph: Graph, position: Mapping[str, int], ranks: Mapping[str, int], key: str) -> int:
    before = [ranks[k] for k in graph.before[key] if k in ranks and position[k] < position[key]]
    return max(before, default=-1) + 1


def _holder_is_here(catalogue: Catalogue, key: str) -> bool:
    event = catalogue.elements[key]
    holder = catalogue.elements.get(event.attached_to or "")
    return holder is not None and holder.parent == event.parent and holder.type != "boundaryEvent"


def _size(element: Element) -> Point:
    if element.type in GATEWAYS:
        return 50.0, 50.0
    return (36.0, 36.0) if element.type.endswith("Event") else (110.0, 80.0)


def connect(catalogue: Catalogue, geometry: Geometry) -> None:
    """Draw the flows that have no line yet, and give their names a place before the end."""
    levels = _levels(catalogue, geometry)
    for flow in catalogue.flows.values():
        source, target = geometry.boxes.get(flow.source), geometry.boxes.get(flow.target)
        if flow.id in geometry.lines or source is None or target is None:
            continue
        from_border = flow.source in catalogue.elements and catalogue.elements[flow.source].type == "boundaryEvent"
        around = levels.get(flow.parent, [])
        line = _route(source, target, from_border=from_border, around=around)
        geometry.lines[flow.id] = line
        (x, y), before = line[-1], line[-2]
        if flow.name and before[1] == y and len(line) <= 4:
            geometry.labels.setdefault(flow.id, Box(x - GAP_X + 8, y - 32, GAP_X - 16, 28))


def _levels(catalogue: Catalogue, geometry: Geometry) -> dict[str, list[Box]]:
    """The boxes on each level, as far as they are few enough to look for ways around them."""
    found = {
        container: [geometry.boxes[k] for k in inside if k in geometry.boxes]
        for container, inside in catalogue.contents.items()
    }
    return {container: boxes for container, boxes in found.items() if len(boxes) <= _MOST_TO_AVOID}


def _route(source: Box, target: Box, *, from_border: bool, around: list[Box]) -> tuple[Point, ...]:
    """From the right edge to the left one; back, and where something stands in between, along below."""
    if target.x < source.right:
        low = max(source.bottom, target.bottom) + 18
        (x, _), (to_x, _) = source.centre, target.centre
        return (x, source.bottom), (x, low), (to_x, low), (to_x, target.bottom)
    start, end = (source.right, source.centre[1]), (target.x, target.centre[1])
    turn = target.x - GAP_X + 8
    if from_border:
        x = source.centre[0]
        low = max([source.bottom, *(b.bottom for b in around if b.right > source.x and b.x < turn)]) + 14
        return (x, source.bottom), (x, low), (turn, low), (turn, end[1]), end
    between = [b for b in around if b.x >= source.right and b.right <= turn]
    if any(b.y <= start[1] <= b.bottom for b in between):
        low = max(b.bottom for b in between) + 14
        leave = source.right + 14
        return start, (leave, start[1]), (leave, low), (turn, low), (turn, end[1]), end
    return (start, end) if abs(start[1] - end[1]) < 1 else (start, (turn, start[1]), (turn, end[1]), end)
