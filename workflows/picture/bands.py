"""Lanes as bands of rows, one below the other, and the frames of lanes and pools around them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from workflows.bpmn import BPMN, Catalogue
from workflows.details import grouped
from workflows.picture.geometry import Box, Point

HEADER: Final = 30.0
"""The strip at the left of a pool or lane that bears its name."""
_CLOSED: Final = 60.0
"""The height of a pool whose process is not shown."""


@dataclass
class Band:
    """The rows of one lane that holds no lanes; of what is in no lane where ``lane`` is empty."""

    lane: str = ""
    columns: dict[int, list[str]] = field(default_factory=dict)
    """What stands in each column, from above."""
    y: float = 0.0
    height: float = 0.0


@dataclass
class Bands:
    """All bands of one process or subprocess, from above."""

    all: list[Band]
    header: float
    """The width of the strips at the left."""
    _by_element: Mapping[str, Band]

    def band_of(self, element: str) -> Band:
        """The band that an element stands in."""
        return self._by_element.get(element, self.all[-1])


def bands_of(catalogue: Catalogue, container: str) -> Bands:
    """The bands of a process by its lanes; a subprocess has one, as has a process without lanes."""
    parents = {lane.id: lane.parent for lane in catalogue.lanes.values() if lane.process == container}
    inner = _inner(parents)
    bands = {lane: Band(lane) for lane in inner}
    by_lane = {outer: bands[lane] for lane in reversed(inner) for outer in _upwards(parents, lane)}
    by_element, lanes = {}, [catalogue.elements[key].lane_id for key in catalogue.contents.get(container, ())]
    for key, lane_id in zip(catalogue.contents.get(container, ()), lanes, strict=True):
        if lane_id in by_lane:
            by_element[key] = by_lane[lane_id]
    found = list(bands.values())
    if not found or len(by_element) < len(lanes):
        found.append(Band())
    deep = max((len(list(_upwards(parents, lane))) for lane in inner), default=0)
    return Bands(found, HEADER * (deep + (container in catalogue.pools)), by_element)


def _inner(parents: Mapping[str, str | None]) -> list[str]:
    """The lanes that hold no lanes, from above."""
    inside = grouped((outer, lane) for lane, outer in parents.items())
    found, todo = [], list(reversed(inside.get(None, ())))
    while todo:
        lane = todo.pop()
        todo.extend(reversed(inside.get(lane, ())))
        found += [lane] * (lane not in inside)
    return found


def _upwards(parents: Mapping[str, str | None], lane: str | None) -> Iterator[str]:
    """A lane and those around it."""
    while lane is not None and lane in parents:
        yield lane
        lane = parents[lane]


def frames(
    root: etree._Element,
    catalogue: Catalogue,
    bands: Mapping[str, Bands],
    sizes: Mapping[str, Point],
    corners: Mapping[str, Point],
) -> Iterator[tuple[str, Box]]:
    """Pools and lanes with their boxes, outer before inner; pools that show no process at the end."""
    width = max((sizes[process][0] for process in corners), default=600.0)
    low = max((y + sizes[process][1] for process, (_, y) in corners.items()), default=0.0)
    seen: set[str] = set()
    for pool in root.iter(f"{{{BPMN}}}participant"):
        key, process = pool.get("id", ""), pool.get("processRef", "")
        if process in corners and process not in seen:
            yield key, Box(*corners[process], *sizes[process])
            seen.add(process)
        else:
            yield key, Box(0.0, low + HEADER, width, _CLOSED)
            low += HEADER + _CLOSED
    for process, corner in corners.items():
        pool_strip = HEADER if process in catalogue.pools else 0.0
        yield from _lanes(catalogue, process, bands[process], (corner[0] + pool_strip, corner[1]), sizes[process][0])


def _lanes(catalogue: Catalogue, process: str, bands: Bands, corner: Point, width: float) -> Iterator[tuple[str, Box]]:
    parents = {lane.id: lane.parent for lane in catalogue.lanes.values() if lane.process == process}
    spans: dict[str, tuple[float, float]] = {}
    for band in bands.all:
        for lane in _upwards(parents, band.lane):
            top, bottom = spans.get(lane, (band.y, band.y))
            spans[lane] = (min(top, band.y), max(bottom, band.y + band.height))
    right = width if corner[0] == 0 else width - HEADER
    for lane in parents:
        if lane in spans:
            indent = HEADER * (len(list(_upwards(parents, lane))) - 1)
            top, bottom = spans[lane]
            yield lane, Box(corner[0] + indent, corner[1] + top, right - indent, bottom - top)
