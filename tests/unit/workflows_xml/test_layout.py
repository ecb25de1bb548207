"""A layout of our own for files without one: everything has its place, in what it belongs to, and nothing overlaps."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from workflows.bpmn import BPMN, Catalogue
from workflows.catalogue import read_catalogue
from workflows.comparison import compare
from workflows.picture.geometry import BPMNDI, Box, Geometry, read_geometry
from workflows.picture.interchange import lay_out

DIAGRAMS = sorted((Path(__file__).parents[3] / "workflows" / "diagrams").glob("*.bpmn"))
FOREIGN = f"""<?xml version="1.0"?>
<definitions xmlns="{BPMN}" targetNamespace="http://vendor.example">
  <collaboration id="talk">
    <participant id="office" name="县文明办" processRef="review"/>
    <participant id="unit" name="申报单位" processRef="declare"/>
    <participant id="public" name="社会公众"/>
    <messageFlow id="report" sourceRef="public" targetRef="check"/>
    <messageFlow id="receipt" sourceRef="send" targetRef="got"/>
  </collaboration>
  <process id="review">
    <laneSet id="lanes">
      <lane id="clerk" name="经办人"><flowNodeRef>begin</flowNodeRef><flowNodeRef>check</flowNodeRef></lane>
      <lane id="chiefs" name="领导"><childLaneSet id="inner">
        <lane id="deputy" name="分管领导"><flowNodeRef>approve</flowNodeRef></lane>
        <lane id="chief" name="主要领导"><flowNodeRef>publish</flowNodeRef><flowNodeRef>done</flowNodeRef></lane>
      </childLaneSet></lane>
    </laneSet>
    <startEvent id="begin"/><userTask id="check"/><userTask id="approve"/><intermediateCatchEvent id="got"/>
    <boundaryEvent id="late" attachedToRef="check"/><task id="remind"/><endEvent id="done"/>
    <subProcess id="publish"><startEvent id="in"/><subProcess id="deep"><task id="post"/></subProcess>
      <endEvent id="out"/><sequenceFlow id="p1" sourceRef="in" targetRef="deep"/>
      <sequenceFlow id="p2" sourceRef="deep" targetRef="out"/></subProcess>
    <dataObjectReference id="paper" name="申报表"/><dataStoreReference id="book" name="台账"/>
    <textAnnotation id="note"><text>三日内</text></textAnnotation>
    <textAnnotation id="alone"><text>说明</text></textAnnotation>
    <association id="about" sourceRef="note" targetRef="check"/>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="check"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="approve"/>
    <sequenceFlow id="f3" sourceRef="approve" targetRef="check"/>
    <sequenceFlow id="f4" sourceRef="approve" targetRef="got"/>
    <sequenceFlow id="f5" sourceRef="got" targetRef="publish"/>
    <sequenceFlow id="f6" sourceRef="publish" targetRef="done"/>
    <sequenceFlow id="f7" sourceRef="late" targetRef="remind"/>
  </process>
  <process id="declare"><startEvent id="go"/><sendTask id="send"/>
    <sequenceFlow id="u1" sourceRef="go" targetRef="send"/></process>
</definitions>""".encode()
FILES = [pytest.param(FOREIGN, id="foreign"), *(pytest.param(d.read_bytes(), id=d.stem) for d in DIAGRAMS)]


def laid_out(data: bytes) -> tuple[etree._Element, Catalogue, Geometry]:
    root = etree.fromstring(lay_out(data))
    return root, read_catalogue(root), read_geometry(root)


def within(inner: Box, outer: Box) -> bool:
    return outer.x <= inner.x and outer.y <= inner.y and inner.right <= outer.right and inner.bottom <= outer.bottom


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


@pytest.mark.parametrize("data", FILES)
def test_everything_has_its_place(data: bytes) -> None:
    root, catalogue, found = laid_out(data)
    kinds = ("participant", "textAnnotation", "dataObjectReference", "dataStoreReference")
    beside = {node.get("id") for kind in kinds for node in root.iter(f"{{{BPMN}}}{kind}")}
    assert found.boxes.keys() == catalogue.elements.keys() | catalogue.lanes.keys() | beside
    lines = {node.get("id") for kind in ("association", "messageFlow") for node in root.iter(f"{{{BPMN}}}{kind}")}
    assert found.lines.keys() == catalogue.flows.keys() | lines


@pytest.mark.parametrize("data", FILES)
def test_steps_stand_in_what_they_belong_to_and_never_on_each_other(data: bytes) -> None:
    root, catalogue, found = laid_out(data)
    pools = {pool.get("processRef"): pool.get("id", "") for pool in root.iter(f"{{{BPMN}}}participant")}
    for inside in catalogue.contents.values():
        here = [key for key in inside if catalogue.elements[key].type != "boundaryEvent"]
        for one, other in combinations(here, 2):
            assert apart(found.boxes[one], found.boxes[other]), (one, other)
    for key, element in catalogue.elements.items():
        if element.type == "boundaryEvent":
            continue
        outer = element.parent if element.parent in catalogue.elements else pools.get(element.process)
        if outer is not None:
            assert within(found.boxes[key], found.boxes[outer]), key
        if element.parent == element.process and element.lane_id:
            assert within(found.boxes[key], found.boxes[element.lane_id]), key


@pytest.mark.parametrize("data", FILES)
def test_lines_end_where_their_steps_are_and_nothing_else_has_changed(data: bytes) -> None:
    _root, catalogue, found = laid_out(data)
    for flow in catalogue.flows.values():
        for spot, end in zip(
            (found.lines[flow.id][0], found.lines[flow.id][-1]), (flow.source, flow.target), strict=True
        ):
            box = found.boxes[end]
            assert box.x - 1 <= spot[0] <= box.right + 1, flow.id
            assert box.y - 1 <= spot[1] <= box.bottom + 1, flow.id
    assert compare(read_catalogue(etree.fromstring(data)), catalogue) == []
    assert len(etree.fromstring(lay_out(lay_out(data))).findall(f"{BPMNDI}BPMNDiagram")) == 1


def test_lanes_stand_in_the_order_of_the_file_and_fill_their_pool() -> None:
    _root, _catalogue, found = laid_out(FOREIGN)
    rows = [found.boxes[key] for key in ("clerk", "deputy", "chief")]
    assert all(above.bottom == below.y for above, below in pairwise(rows))
    assert found.boxes["chiefs"].y == found.boxes["deputy"].y
    assert found.boxes["chiefs"].bottom == found.boxes["chief"].bottom
    assert all(within(found.boxes[key], found.boxes["office"]) for key in ("clerk", "chiefs", "deputy", "chief"))
    assert found.boxes["office"].bottom < found.boxes["unit"].y < found.boxes["public"].y
    assert found.boxes["note"].bottom < found.boxes["check"].y
