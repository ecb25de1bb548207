"""The outline says what the picture shows, in reading order; what is ahead comes from the same flows."""

from pathlib import Path

from tests.unit.workflows_xml.drawing import end, flows, node, process, start, task
from workflows.bpmn import Catalogue
from workflows.catalogue import read_catalogue
from workflows.outline import ahead, describe, describe_ahead, outline
from workflows.safe_xml import parse_xml

SHIPPED = Path(__file__).parents[3] / "workflows" / "diagrams" / "declaration.bpmn"


def read(data: bytes) -> Catalogue:
    return read_catalogue(parse_xml(data))


def returning() -> Catalogue:
    """begin > fill > check > ask: back to fill (退回), or sub (with two steps) > finish; withdrawn at any time."""
    named = flows("ask > fill [decision == 'return']").replace("<sequenceFlow", '<sequenceFlow name="退回"')
    inner = start("s") + task("one") + task("two") + node("endEvent", "e") + flows("s > one > two > e")
    border = node("boundaryEvent", "withdrawn", "<messageEventDefinition/>", attachedToRef="fill", name="撤回")
    return read(
        process(
            end(), node("endEvent", "gone"), node("subProcess", "sub", inner, name="办理"), start(), border,
            task("check"), task("fill").replace('id="fill"', 'id="fill" name="填写"'),
            node("exclusiveGateway", "ask", default="ask_to_sub", name="结论"),
            flows("begin > fill > check > ask > sub > finish", "withdrawn > gone"), named,
        )
    )  # fmt: skip


def test_reading_order_follows_the_flow_and_not_the_file() -> None:
    order = [item.element for item in outline(returning())]
    assert order == ["begin", "fill", "withdrawn", "gone", "check", "ask", "sub", "s", "one", "two", "e", "finish"]


def test_numbers_and_depth_show_the_nesting() -> None:
    items = {item.element: item for item in outline(returning())}
    assert (items["sub"].number, items["sub"].depth) == ("7", 0)
    assert (items["one"].number, items["one"].depth) == ("7.2", 1)


def test_a_merge_comes_after_everything_that_leads_to_it() -> None:
    catalogue = read(
        process(
            start(), node("parallelGateway", "fork"), node("parallelGateway", "join"), end(),
            task("a"), task("b"), task("c"),
            flows("begin > fork > a > join > finish", "fork > b > c > join"),
        )
    )  # fmt: skip
    order = [item.element for item in outline(catalogue)]
    assert order == ["begin", "fork", "a", "b", "c", "join", "finish"]


def test_what_nothing_leads_to_stands_at_the_end() -> None:
    catalogue = read(process(task("lost"), start(), task("a"), end(), flows("begin > a > finish")))
    assert [item.element for item in outline(catalogue)] == ["begin", "a", "finish", "lost"]


def test_descriptions_say_what_the_picture_shows() -> None:
    words = {item.element: describe(item) for item in outline(returning())}
    assert words["fill"] == "人工任务「填写」。下一步：5「人工任务」。"
    assert words["ask"] == "排他网关「结论」。下一步：其他情况，到 7「办理」；退回，到 2「填写」。"
    assert words["withdrawn"].startswith("消息边界事件「撤回」，附着在「填写」上，发生时中断它。")
    assert words["sub"] == "子流程「办理」，内部步骤从 7.1 开始。下一步：8「结束事件」。"
    assert words["finish"] == "结束事件。到此结束。结果：办结。"


def test_notes_beside_an_element_are_told_with_it() -> None:
    note = '<textAnnotation id="n"><text>须在申报期内。</text></textAnnotation>'
    line = '<association id="l" sourceRef="{}" targetRef="{}"/>'
    for ends in (("a", "n"), ("n", "a")):
        catalogue = read(process(start(), task("a"), end(), flows("begin > a > finish"), note, line.format(*ends)))
        assert describe(outline(catalogue)[1]).endswith("说明：须在申报期内。")


def test_items_for_clients() -> None:
    items = {item.element: item.as_dict() for item in outline(returning())}
    assert items["ask"] == {
        "element": "ask",
        "type": "exclusiveGateway",
        "name": "结论",
        "lane": None,
        "next": [
            {"element": "sub", "name": "办理", "condition": None},
            {"element": "fill", "name": "填写", "condition": "退回"},
        ],
    }


def test_what_can_come_next() -> None:
    found = ahead(returning(), ["check"])
    assert [(a.element, a.words, a.interrupts) for a in found] == [("fill", ("退回",), False), ("one", (), False)]
    assert [describe_ahead(a) for a in found] == ["退回：人工任务「填写」", "人工任务"]


def test_events_at_the_border_can_come_next_as_well() -> None:
    found = ahead(returning(), ["fill"])
    assert [(a.element, a.words, a.interrupts) for a in found] == [("check", (), False), ("gone", ("撤回",), True)]


def test_out_of_a_subprocess() -> None:
    assert [a.element for a in ahead(returning(), ["two"])] == ["finish"]


def test_unknown_elements_have_nothing_ahead() -> None:
    assert ahead(returning(), ["nowhere"]) == []


def test_the_shipped_diagram_reads_from_start_to_end() -> None:
    catalogue = read(SHIPPED.read_bytes())
    items = outline(catalogue)
    assert {item.element for item in items} == set(catalogue.elements)
    assert items[0].type == "startEvent"
    flows_told = {way.flow for item in items for way in item.next}
    assert flows_told == set(catalogue.flows)
    for item in items:
        text = describe(item)
        assert item.name in text
        assert all(way.name in text for way in item.next)
