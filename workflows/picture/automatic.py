"""A place for what the file gives none: columns from left to right along the flow, subprocesses around their inside."""

from collections.abc import Mapping
from typing import Final

from workflows.bpmn import GATEWAYS, SUBPROCESSES, Catalogue, Element
from workflows.graph import Graph, read_graph
from workflows.outline import reading_order
from workflows.picture.geometry import Box, Geometry, Point

GAP_X: Final = 90.0
GAP_Y: Final = 40.0
MARGIN: Final = 40.0
_MOST_TO_AVOID: Final = 300


def automatic_layout(catalogue: Catalogue) -> Geometry:
    """A layered drawing of all processes, one below the other."""
    sizes: dict[str, Point] = {}
    relative: dict[str, Point] = {}
    inner = [e.id for e in catalogue.elements.values() if e.type in SUBPROCESSES]
    for container in (*reversed(inner), *catalogue.processes):  # inside before outside
        sizes[container] = _place(catalogue, container, sizes, relative)
    return _absolute(catalogue, sizes, relative)


def _place(catalogue: Catalogue, container: str, sizes: dict[str, Point], relative: dict[str, Point]) -> Point:
    """Places of what is directly in a container, relative to its corner; the size that it needs."""
    columns: dict[int, list[str]] = {}
    for key, rank in _ranks(catalogue, container).items():
        columns.setdefault(rank, []).append(key)
        sizes.setdefault(key, _size(catalogue.elements[key]))
    heights = {rank: sum(sizes[k][1] + GAP_Y for k in keys) - GAP_Y for rank, keys in columns.items()}
    high = max(heights.values(), default=80.0)
    x = MARGIN
    for rank in sorted(columns):
        wide = max(sizes[k][0] for k in columns[rank])
        y = MARGIN + (high - heights[rank]) / 2
        for key in columns[rank]:
            relative[key] = (x + (wide - sizes[key][0]) / 2, y)
            y += sizes[key][1] + GAP_Y
        x += wide + GAP_X
    _attach(catalogue, container, sizes, relative)
    return max(x - GAP_X + MARGIN, 180.0), high + 2 * MARGIN


def _attach(catalogue: Catalogue, container: str, sizes: dict[str, Point], relative: dict[str, Point]) -> None:
    """Boundary events onto the lower edge of what they are attached to."""
    for holder in catalogue.contents.get(container, ()):
        events = [k for k in catalogue.attached.get(holder, ()) if catalogue.elements[k].parent == container]
        for place, key in enumerate(events):
            if holder in relative and key != holder:
                x, y = relative[holder]
                sizes[key] = (36.0, 36.0)
                relative[key] = (x + sizes[holder][0] - 50.0 - 44.0 * place, y + sizes[holder][1] - 18.0)


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


def _absolute(catalogue: Catalogue, sizes: dict[str, Point], relative: dict[str, Point]) -> Geometry:
    corners: dict[str, Point] = {}
    y = 0.0
    for process in catalogue.processes:
        corners[process] = (0.0, y)
        y += sizes[process][1]
    boxes: dict[str, Box] = {}
    for key, element in catalogue.elements.items():  # outside before inside
        left, top = corners.get(element.parent, (0.0, 0.0))
        dx, dy = relative.get(key, (0.0, 0.0))
        corners[key] = (left + dx, top + dy)
        boxes[key] = Box(*corners[key], *sizes.get(key, _size(element)))
    found = Geometry(boxes)
    connect(catalogue, found)
    return found


def connect(catalogue: Catalogue, geometry: Geometry) -> None:
    """Draw the flows that have no line yet, and give their names a place before the end."""
    levels = _levels(catalogue, geometry)
    for flow in catalogue.flows.values():
        source, target = geometry.boxes.get(flow.source), geometry.boxes.get(flow.target)
        if flow.id in geometry.lines or source is None or target is None:
            continue
        from_border = flow.source in catalogue.elements and catalogue.elements[flow.source].type == "boundaryEvent"
        around = levels.get(flow.parent, [])
        line = _route(source, target, below=from_border or target.x < source.right, around=around)
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


def _route(source: Box, target: Box, *, below: bool, around: list[Box]) -> tuple[Point, ...]:
    """From the right edge to the left one; back, and where something stands in between, along below."""
    if below:
        low = max(source.bottom, target.bottom) + 18
        (x, _), (to_x, _) = source.centre, target.centre
        return (x, source.bottom), (x, low), (to_x, low), (to_x, target.bottom)
    start, end = (source.right, source.centre[1]), (target.x, target.centre[1])
    turn = target.x - GAP_X + 8
    between = [b for b in around if b.x >= source.right and b.right <= turn]
    if any(b.y <= start[1] <= b.bottom for b in between):
        low = max(b.bottom for b in between) + 14
        leave = source.right + 14
        return start, (leave, start[1]), (leave, low), (turn, low), (turn, end[1]), end
    return (start, end) if abs(start[1] - end[1]) < 1 else (start, (turn, start[1]), (turn, end[1]), end)
