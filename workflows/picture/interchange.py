"""Writes a layout into the file, as other editors read it: the diagram interchange part of BPMN 2.0."""

from typing import Final

from lxml import etree

from workflows.bpmn import BPMN, SUBPROCESSES, Catalogue
from workflows.catalogue import read_catalogue
from workflows.picture.automatic import automatic_layout
from workflows.picture.geometry import BPMNDI, DC, DI, Box, Geometry, Point
from workflows.safe_xml import parse_xml

_NAMESPACES: Final = {"bpmndi": BPMNDI[1:-1], "dc": DC[1:-1], "di": DI[1:-1]}


def lay_out(data: bytes) -> bytes:
    """The same file with every shape and line placed anew.

    Raises:
        UnsafeXmlError: it cannot be read.
    """
    root = parse_xml(data)
    for old in root.findall(f"{BPMNDI}BPMNDiagram"):
        root.remove(old)
    catalogue = read_catalogue(root)
    _write(root, catalogue, automatic_layout(root, catalogue))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _write(root: etree._Element, catalogue: Catalogue, geometry: Geometry) -> None:
    collaboration = next(root.iter(f"{{{BPMN}}}collaboration"), None)
    shown = next(iter(catalogue.processes), "") if collaboration is None else collaboration.get("id", "")
    diagram = etree.SubElement(root, f"{BPMNDI}BPMNDiagram", {"id": f"{shown}_diagram"}, _NAMESPACES)
    plane = etree.SubElement(diagram, f"{BPMNDI}BPMNPlane", {"id": f"{shown}_plane", "bpmnElement": shown})
    strips = {pool.get("id", "") for pool in root.iter(f"{{{BPMN}}}participant")} | catalogue.lanes.keys()
    hidden = _hidden(catalogue, is_collaboration=collaboration is not None)
    for key, box in geometry.boxes.items():
        if key not in hidden:
            shape = etree.SubElement(plane, f"{BPMNDI}BPMNShape", {"id": f"{key}_shape", "bpmnElement": key})
            shape.attrib.update({"isHorizontal": "true"} if key in strips else _look(catalogue, key))
            _bounds(shape, box)
    for key, line in geometry.lines.items():
        if key not in hidden:
            _edge(plane, key, line, geometry.labels.get(key))


def _hidden(catalogue: Catalogue, *, is_collaboration: bool) -> set[str]:
    """What is on no picture: one shows the pools of a collaboration, else the first process of a file."""
    shown = set(catalogue.pools) if is_collaboration else set(list(catalogue.processes)[:1])
    hidden = {each.id for each in catalogue.elements.values() if each.process not in shown}
    hidden |= {each.id for each in catalogue.flows.values() if each.process not in shown}
    return hidden | {each.id for each in catalogue.lanes.values() if each.process not in shown}


def _look(catalogue: Catalogue, key: str) -> dict[str, str]:
    kind = catalogue.elements[key].type if key in catalogue.elements else ""
    if kind in SUBPROCESSES:
        return {"isExpanded": "true"}
    return {"isMarkerVisible": "true"} if kind == "exclusiveGateway" else {}


def _edge(plane: etree._Element, key: str, line: tuple[Point, ...], label: Box | None) -> None:
    edge = etree.SubElement(plane, f"{BPMNDI}BPMNEdge", {"id": f"{key}_edge", "bpmnElement": key})
    for x, y in line:
        etree.SubElement(edge, f"{DI}waypoint", {"x": f"{x:.0f}", "y": f"{y:.0f}"})
    if label is not None:
        _bounds(etree.SubElement(edge, f"{BPMNDI}BPMNLabel"), label)


def _bounds(holder: etree._Element, box: Box) -> None:
    numbers = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(holder, f"{DC}Bounds", {name: f"{value:.0f}" for name, value in numbers.items()})
