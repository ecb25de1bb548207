"""What is drawn beside the process itself: notes and groups, messages between pools."""

from collections.abc import Iterator

from lxml import etree

from workflows.details import child_text, local_name, words
from workflows.picture.geometry import Box, Geometry, Point
from workflows.picture.look import LANE, LINE
from workflows.picture.svg import path, tag
from workflows.picture.text import block, fitted


def draw_extras(root: etree._Element, geometry: Geometry) -> Iterator[str]:
    """Everything of this kind that the file gives a place."""
    for node in root.iter():
        kind, key = local_name(node), str(node.get("id", ""))
        if kind in ("association", "messageFlow") and key in geometry.lines:
            yield _dashed(geometry.lines[key], words(node.get("name")), is_message=kind == "messageFlow")
        elif kind == "textAnnotation" and key in geometry.boxes:
            yield _note(geometry.boxes[key], words(child_text(node, "text")))
        elif kind == "group" and key in geometry.boxes:
            yield _group(geometry.boxes[key])


def _dashed(line: tuple[Point, ...], name: str, *, is_message: bool) -> str:
    start, end = line[0], line[-1]
    middle = line[len(line) // 2]
    dash = "6 4" if is_message else "2 4"
    parts = [tag("path", d=path(line), fill="none", stroke=LINE, stroke_width=1.3, stroke_dasharray=dash)]
    if is_message:
        parts += [tag("circle", cx=x, cy=y, r=4, fill="#ffffff", stroke=LINE) for x, y in (start, end)]
    if name:
        parts.append(block([name], middle[0], middle[1] - 8, 12, halo=True))
    return tag("g", parts, class_="wm-association")


def _note(box: Box, text: str) -> str:
    corners = [(box.x + 14, box.y), (box.x, box.y), (box.x, box.bottom), (box.x + 14, box.bottom)]
    bracket = tag("path", d=path(corners), fill="none", stroke=LINE, stroke_width=1.3)
    lines, size = fitted(text, max(box.width - 12, 20), max(box.height, 14)) if text else ([], 12.0)
    return tag("g", [bracket, block(lines, box.x + 8, box.centre[1], size, anchor="start")], class_="wm-note")


def _group(box: Box) -> str:
    return tag(
        "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=10, fill="none",
        stroke=LANE, stroke_width=1.5, stroke_dasharray="8 4 2 4", class_="wm-group",
    )  # fmt: skip
