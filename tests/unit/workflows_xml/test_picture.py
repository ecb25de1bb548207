"""The picture: everything of the diagram on it, states by more than colour, nothing that a strict policy forbids."""

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.unit.workflows_xml.drawing import end, flows, node, process, start, task
from workflows.catalogue import read_catalogue
from workflows.picture import Limit, draw
from workflows.picture.text import fitted, width, wrapped

SHIPPED = (Path(__file__).parents[3] / "workflows" / "diagrams" / "declaration.bpmn").read_bytes()
SVG = "{http://www.w3.org/2000/svg}"


def drawn(data: bytes, *arguments: object) -> etree._Element:
    return etree.fromstring(draw(data, *arguments))  # type: ignore[arg-type]


def groups(svg: etree._Element) -> dict[str, etree._Element]:
    return {g.get("data-element", ""): g for g in svg.iter(f"{SVG}g") if g.get("data-element")}


def words(node_: etree._Element) -> str:
    return "".join("".join(text.itertext()) for text in node_.iter(f"{SVG}text"))


def test_every_element_and_flow_is_drawn_with_its_name() -> None:
    catalogue = read_catalogue(etree.fromstring(SHIPPED))
    svg = drawn(SHIPPED)
    found = groups(svg)
    assert set(found) == set(catalogue.elements) | set(catalogue.flows)
    for element in catalogue.elements.values():
        assert element.name.replace(" ", "") in words(found[element.id]).replace(" ", "")
    texts = words(svg)
    assert all(flow.name in texts for flow in catalogue.flows.values())
    assert all(lane.name in texts for lane in catalogue.lanes.values())


def test_states_differ_by_more_than_colour() -> None:
    data = process(start(), task("a"), task("b"), task("c"), end(), flows("begin > a > b > c > finish"))
    found = groups(drawn(data, {"a": "done", "b": "open", "c": "incident"}, {"begin_to_a"}))
    border = {key: float(found[key].find(f"{SVG}rect").get("stroke-width", "0")) for key in "abc"}
    plain = float(groups(drawn(data))["a"].find(f"{SVG}rect").get("stroke-width", "0"))
    assert border["b"] > 2 * plain
    assert border["c"] > 2 * plain
    badges = {key: [p.get("d") for g in found[key].iter(f"{SVG}g") for p in g.iter(f"{SVG}path")][-1] for key in "abc"}
    assert len(set(badges.values())) == 3
    assert [found[key].find(f"{SVG}title").text for key in "abc"] == [
        "人工任务：已完成", "人工任务：正在办理", "人工任务：发生故障",
    ]  # fmt: skip


def test_the_time_of_a_step_is_written_on_it_and_told_whole() -> None:
    data = process(start(), task("a"), task("b"), end(), flows("begin > a > b > finish"))
    svg = etree.fromstring(draw(data, limits={"a": Limit("5 个工作日", "期限：5 个工作日。到期当天提醒办理人。")}))
    found = groups(svg)
    assert "5 个工作日" in words(found["a"])
    assert found["a"].find(f"{SVG}title").text == "人工任务。期限：5 个工作日。到期当天提醒办理人。"
    assert len(list(found["a"].iter(f"{SVG}path"))) == len(list(found["b"].iter(f"{SVG}path"))) + 1


def test_the_way_taken_is_thicker_and_of_another_colour() -> None:
    data = process(start(), task("a"), end(), flows("begin > a > finish"))
    found = groups(drawn(data, {}, {"begin_to_a"}))
    taken, other = (found[key].find(f"{SVG}path") for key in ("begin_to_a", "a_to_finish"))
    assert float(taken.get("stroke-width", "0")) > 2 * float(other.get("stroke-width", "0"))
    assert taken.get("stroke") != other.get("stroke")


def test_it_is_spoken() -> None:
    svg = drawn(SHIPPED, {"review_county": "open", "fill_declaration": "done"})
    assert svg.get("role") == "img"
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "县级初审" in (desc.text or "")
    assert title.text == "流程图：申报推荐"


def test_two_pictures_on_a_page_have_different_ids() -> None:
    both = [set(re.findall(r'\bid="([^"]+)"', draw(SHIPPED, name=name))) for name in ("now", "before")]
    assert both[0]
    assert not both[0] & both[1]


def test_nothing_that_a_strict_policy_forbids() -> None:
    svg = drawn(SHIPPED, {"review_county": "open"})
    for element in svg.iter():
        assert etree.QName(element).localname not in {"script", "style", "foreignObject", "image", "use", "a"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on") or "href" in name]


def test_hostile_names_stay_text() -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"
    data = process(node("userTask", "a", name=evil), node("startEvent", "s", name=evil), id="p", name=evil)
    text = draw(data, {"a": "open"})
    assert "<script" not in text
    assert 'onload="' not in text
    etree.fromstring(text)


def test_events_and_repetition_have_their_signs() -> None:
    timer = "<timerEventDefinition/>"
    loop = "<multiInstanceLoopCharacteristics/>"
    data = process(
        task("a", inner=loop), node("boundaryEvent", "soft", timer, attachedToRef="a", cancelActivity="false"),
        node("boundaryEvent", "hard", timer, attachedToRef="a"), node("exclusiveGateway", "x"),
        node("parallelGateway", "y"),
    )  # fmt: skip
    found = groups(drawn(data))
    dashed = {key: found[key].find(f"{SVG}circle").get("stroke-dasharray") for key in ("soft", "hard")}
    assert dashed["soft"]
    assert dashed["hard"] is None
    signs = {key: [p.get("d") for p in found[key].iter(f"{SVG}path")] for key in ("soft", "x", "y", "a")}
    assert all(signs.values())
    assert signs["x"] != signs["y"]
    assert len(signs["a"]) == 2  # the person and the three bars


def test_notes_and_messages_between_pools_are_drawn() -> None:
    plane = (
        "<bpmndi:BPMNDiagram><bpmndi:BPMNPlane>"
        '<bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="0" y="0" width="100" height="80"/></bpmndi:BPMNShape>'
        '<bpmndi:BPMNShape bpmnElement="n"><dc:Bounds x="150" y="0" width="100" height="40"/></bpmndi:BPMNShape>'
        '<bpmndi:BPMNShape bpmnElement="g"><dc:Bounds x="0" y="0" width="300" height="90"/></bpmndi:BPMNShape>'
        '<bpmndi:BPMNEdge bpmnElement="m"><di:waypoint x="0" y="0"/><di:waypoint x="50" y="200"/></bpmndi:BPMNEdge>'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
    )
    note = '<textAnnotation id="n"><text>须在申报期内</text></textAnnotation><group id="g"/>'
    data = process(task("a"), note, top='<collaboration><messageFlow id="m" name="通知"/></collaboration>')
    svg = drawn(data.replace(b"</definitions>", plane.encode()))
    assert {"wm-note", "wm-group", "wm-association"} <= {e.get("class", "") for e in svg.iter()}
    assert "须在申报期内" in words(svg)
    assert "通知" in words(svg)


def boxes(svg: etree._Element) -> dict[str, tuple[float, ...]]:
    found = {}
    for key, group in groups(svg).items():
        rect = group.find(f"{SVG}rect")
        if rect is not None:
            found[key] = tuple(float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
    return found


def test_without_coordinates_it_runs_from_left_to_right_and_nothing_overlaps() -> None:
    inner = start("s") + task("in") + node("endEvent", "e") + flows("s > in > e")
    data = process(
        start(), task("a"), task("b"), task("c"), node("parallelGateway", "fork"),
        node("subProcess", "sub", inner), end(),
        flows("begin > a > fork > b > sub > finish", "fork > c > sub"),
    )  # fmt: skip
    found = boxes(drawn(data))
    assert found["a"][0] < found["b"][0] == found["c"][0] < found["sub"][0]
    assert abs(found["b"][1] - found["c"][1]) >= found["b"][3]
    x, y, wide, high = found["sub"]
    assert x < found["in"][0] < found["in"][0] + found["in"][2] < x + wide
    assert y < found["in"][1] < found["in"][1] + found["in"][3] < y + high


def test_an_element_without_coordinates_in_a_drawn_diagram_is_still_shown() -> None:
    more = SHIPPED.replace(
        b'<bpmn:startEvent id="start_declaration"', b'<bpmn:task id="new"/><bpmn:startEvent id="start_declaration"'
    )
    assert "new" in groups(drawn(more))


def test_the_inside_of_a_subprocess_is_drawn_without_hiding_what_lies_behind() -> None:
    assert groups(drawn(SHIPPED))["decide_declaration"].find(f"{SVG}rect").get("fill") == "none"


@pytest.mark.parametrize(
    "text", ["县级文明办初审申报材料并提出意见", "Review of declaration", "（一）初审，复核、测评：全部", "a" * 80]
)
def test_text_is_wrapped_to_its_box(text: str) -> None:
    lines = wrapped(text, 12, 84)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, 12) <= 84 + 13 for line in lines)  # a closing mark may hang over
    assert not any(line[0] in "，。、：）" for line in lines)
    assert not any(line[-1] in "（「" for line in lines)


def test_text_that_does_not_fit_is_cut_with_an_ellipsis() -> None:
    lines, size = fitted("很长的名称" * 20, 90, 60)
    assert lines[-1].endswith("…")
    assert len(lines) * size * 1.25 <= 60
