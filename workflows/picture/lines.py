"""Sequence flows as SVG: line, arrowhead, label; the way taken is both thicker and of another colour."""

import math
from itertools import pairwise

from workflows.bpmn import Flow
from workflows.picture.geometry import Box, Point
from workflows.picture.look import LINE, TAKEN
from workflows.picture.svg import clean, path, tag
from workflows.picture.text import block, in_rows, wrapped


def draw_flow(flow: Flow, line: tuple[Point, ...], *, is_default: bool, taken: bool) -> str:
    """The line of a flow with its arrowhead; a stroke across its beginning marks the default."""
    colour, width = (TAKEN, 4.0) if taken else (LINE, 1.6)
    tip, size = line[-1], 12.0 if taken else 9.0
    x, y = _towards(tip, line[-2], size * 0.8)
    parts = [
        tag("title", clean(f"{flow.name or '连线'}：已走过" if taken else f"{flow.name or '连线'}：未走过")),
        tag(
            "path",
            d=path([*line[:-1], (x, y)]),
            fill="none",
            stroke=colour,
            stroke_width=width,
            stroke_linejoin="round",
        ),
        _arrow(line[-2], tip, size, colour),
        _slash(line, colour, width) if is_default else "",
    ]
    return tag("g", parts, class_="wm-flow wm-taken" if taken else "wm-flow", data_element=flow.id)


def draw_label(flow: Flow, line: tuple[Point, ...], label: Box | None) -> str:
    """The name of a flow: where the file says, else above the middle of its longest piece."""
    if not flow.name:
        return ""
    if label is None:
        lines = wrapped(flow.name, 12, 110)
        x, y = beside(line, len(lines))
    else:
        lines = in_rows(flow.name, 12, label.width + 4, max(1, round(label.height / 14)))
        x, y = label.centre
    return tag("g", block(lines, x, y, 12, halo=True), class_="wm-flow-label")


def beside(line: tuple[Point, ...], rows: int) -> Point:
    """Above the middle of the longest piece of a line, with room for so many rows of text."""
    pieces = pairwise(line)
    (ax, ay), (bx, by) = max(pieces, key=lambda p: math.dist(*p))
    return (ax + bx) / 2, (ay + by) / 2 - 3 - rows * 7.5


def _towards(start: Point, end: Point, distance: float) -> Point:
    """The point at that distance from `start` on the way to `end`, at most half of it."""
    length = math.dist(start, end)
    share = min(distance / length, 0.5) if length else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _arrow(before: Point, tip: Point, size: float, colour: str) -> str:
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    sides = [(tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn)) for turn in (0.42, -0.42)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, *sides))
    return tag("polygon", points=points, fill=colour)


def _slash(line: tuple[Point, ...], colour: str, width: float) -> str:
    x, y = _towards(line[0], line[1], 12)
    angle = math.atan2(line[1][1] - line[0][1], line[1][0] - line[0][0]) + math.pi / 3
    dx, dy = 6 * math.cos(angle), 6 * math.sin(angle)
    return tag("path", d=path([(x - dx, y - dy), (x + dx, y + dy)]), stroke=colour, stroke_width=max(width / 2, 1.6))
