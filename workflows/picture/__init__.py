"""Draws a diagram as SVG, with the way taken and what is open; usable inside a page under a strict security policy."""

from collections.abc import Iterator, Mapping, Set

from lxml import etree

from workflows.bpmn import BPMN, SUBPROCESSES, Catalogue, Element
from workflows.catalogue import read_catalogue
from workflows.picture.automatic import automatic_layout, connect
from workflows.picture.extras import draw_extras
from workflows.picture.geometry import Box, Geometry, read_geometry
from workflows.picture.lines import beside, draw_flow, draw_label
from workflows.picture.look import HEATS, LOOKS, Limit
from workflows.picture.shapes import draw_element, draw_strip
from workflows.picture.svg import clean, tag
from workflows.picture.text import block
from workflows.safe_xml import parse_xml

__all__ = ["Limit", "draw"]

_PADDING = 20.0


def draw(
    diagram: bytes | etree._Element,
    states: Mapping[str, str] | None = None,
    taken_flows: Set[str] = frozenset(),
    *,
    limits: Mapping[str, Limit] | None = None,
    name: str = "diagram",
    figures: Mapping[str, str] | None = None,
) -> str:
    """The diagram as one `<svg>` element.

    Args:
        diagram: a BPMN file or its root element. Without coordinates in it a simple layout is made.
        states: element id → "done", "open" or "incident", or "heat1" (little) to "heat5" (much).
        taken_flows: ids of the sequence flows that were taken.
        limits: element id → the time that the step has.
        name: prefix of the ids inside, for pages that show several pictures.
        figures: element or flow id → what is written beside it.

    Raises:
        UnsafeXmlError: bytes that cannot be read.
    """
    root = parse_xml(diagram) if isinstance(diagram, bytes) else diagram
    catalogue = read_catalogue(root)
    geometry = _laid_out(root, catalogue)
    known = {key: state for key, state in (states or {}).items() if _is_look(state) and key in catalogue.elements}
    around = geometry.around()
    width, height = around.width + 2 * _PADDING, around.height + 2 * _PADDING
    return tag(
        "svg",
        [
            *_words(catalogue, known, name),
            *_layers(root, catalogue, geometry, known, taken_flows, limits or {}),
            *_figures(geometry, figures or {}),
        ],
        xmlns="http://www.w3.org/2000/svg",
        class_="wm-diagram",
        viewBox=f"{around.x - _PADDING:.0f} {around.y - _PADDING:.0f} {width:.0f} {height:.0f}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def _is_look(state: str) -> bool:
    return state in LOOKS or state in HEATS


def _laid_out(root: etree._Element, catalogue: Catalogue) -> Geometry:
    geometry = read_geometry(root)
    if not geometry.boxes.keys() & catalogue.elements.keys():
        return automatic_layout(root, catalogue)
    _add_forgotten(catalogue, geometry)
    connect(catalogue, geometry)
    return geometry


def _add_forgotten(catalogue: Catalogue, geometry: Geometry) -> None:
    """A row below for elements that the file gives no place, unless they are inside something collapsed."""
    hidden = {e.id for e in catalogue.elements.values() if e.type in SUBPROCESSES and not _is_shown(geometry, e.id)}
    forgotten = [
        e for e in catalogue.elements.values() if e.id not in geometry.boxes and not hidden & _parents(catalogue, e)
    ]
    around = geometry.around()
    for place, element in enumerate(forgotten):
        geometry.boxes[element.id] = Box(around.x + place * 150.0, around.bottom + 60.0, 110.0, 80.0, expanded=False)


def _is_shown(geometry: Geometry, subprocess: str) -> bool:
    box = geometry.boxes.get(subprocess)
    return box is not None and box.expanded


def _parents(catalogue: Catalogue, element: Element) -> set[str]:
    return {around.id for around in catalogue.around(element.id)} - {element.id}


def _words(catalogue: Catalogue, states: Mapping[str, str], name: str) -> Iterator[str]:
    """Title and description for those who hear the picture; the text outline beside it says the rest."""
    process = next(iter(catalogue.processes.values()), None)
    yield tag("title", clean(f"流程图：{(process.name or process.id) if process else '空'}"), id=f"{name}-title")
    parts = []
    for state, look in LOOKS.items():
        found = [catalogue.elements[key] for key, value in states.items() if value == state]
        names = [e.name for e in found if e.name] if state != "done" else []
        if found:
            parts.append(f"{look.words}：{'、'.join(names) if names else f'{len(found)} 个步骤'}")
    yield tag("desc", clean("；".join(parts) or "各步骤的文字说明见流程提纲。"), id=f"{name}-desc")


def _layers(
    root: etree._Element,
    catalogue: Catalogue,
    geometry: Geometry,
    states: Mapping[str, str],
    taken: Set[str],
    limits: Mapping[str, Limit],
) -> Iterator[str]:
    """From back to front: pools and lanes, notes, subprocesses, lines, shapes, labels of lines."""
    yield from _strips(root, catalogue, geometry)
    yield from draw_extras(root, geometry)
    shown = [(e, geometry.boxes[e.id]) for e in catalogue.elements.values() if e.id in geometry.boxes]
    frames = [(e, box) for e, box in shown if e.type in SUBPROCESSES and box.expanded]
    for element, box in frames:
        yield draw_element(element, box, None, states.get(element.id))
    yield from _flows(catalogue, geometry, taken)
    for element, box in shown:
        if (element, box) not in frames:
            label, state = geometry.labels.get(element.id), states.get(element.id)
            yield draw_element(element, box, label, state, limits.get(element.id))
    for flow in catalogue.flows.values():
        if flow.id in geometry.lines:
            yield draw_label(flow, geometry.lines[flow.id], geometry.labels.get(flow.id))


def _strips(root: etree._Element, catalogue: Catalogue, geometry: Geometry) -> Iterator[str]:
    for pool in root.iter(f"{{{BPMN}}}participant"):
        box = geometry.boxes.get(pool.get("id", ""))
        if box is not None:
            yield draw_strip(pool.get("name", ""), box, is_pool=True)
    for lane in catalogue.lanes.values():
        box = geometry.boxes.get(lane.id)
        if box is not None:
            yield draw_strip(lane.name, box, is_pool=False)


def _flows(catalogue: Catalogue, geometry: Geometry, taken: Set[str]) -> Iterator[str]:
    """Lines not taken first, so that the way taken lies on top."""
    defaults = {e.default for e in catalogue.elements.values() if e.default and len(e.outgoing) > 1}
    for flow in sorted(catalogue.flows.values(), key=lambda f: f.id in taken):
        line = geometry.lines.get(flow.id)
        if line is not None:
            yield draw_flow(flow, line, is_default=flow.id in defaults, taken=flow.id in taken)


def _figures(geometry: Geometry, figures: Mapping[str, str]) -> Iterator[str]:
    """What is written above shapes and beside lines."""
    for key, words in figures.items():
        if key in geometry.boxes:
            box = geometry.boxes[key]
            yield tag("g", block([words], box.centre[0], box.y - 9, 12, halo=True, bold=True), class_="wm-figure")
        elif key in geometry.lines:
            x, y = beside(geometry.lines[key], 1)
            yield tag("g", block([words], x, y + 22, 11, halo=True), class_="wm-figure")
