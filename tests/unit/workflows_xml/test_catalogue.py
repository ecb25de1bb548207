"""What a BPMN file says, read from the XML."""

from tests.unit.workflows_xml.drawing import flows, node, ours, process, start, task
from workflows.bpmn import Catalogue
from workflows.catalogue import read_catalogue
from workflows.safe_xml import parse_xml

LANES = """<laneSet>
  <lane id="office" name="文明办"><flowNodeRef>a</flowNodeRef><flowNodeRef>sub</flowNodeRef>
    <childLaneSet><lane id="desk" name="窗口"><flowNodeRef>b</flowNodeRef></lane></childLaneSet></lane>
  <lane id="blank"><flowNodeRef>c</flowNodeRef></lane>
</laneSet>"""


def read(data: bytes, process_id: str | None = None) -> Catalogue:
    return read_catalogue(parse_xml(data), process_id)


def test_elements_flows_and_their_connections() -> None:
    catalogue = read(process(start("s"), task("a"), node("endEvent", "e"), flows("s > a > e [x == 1]")))
    assert list(catalogue.elements) == ["s", "a", "e"]
    assert catalogue.elements["a"].incoming == ("s_to_a",)
    assert catalogue.elements["a"].outgoing == ("a_to_e",)
    assert catalogue.flows["a_to_e"].condition == "x == 1"
    assert catalogue.targets("a") == ("e",)
    assert catalogue.contents["p"] == ("s", "a", "e")


def test_the_innermost_lane_counts_and_passes_into_subprocesses_and_onto_borders() -> None:
    inside = node("subProcess", "sub", task("inner") + node("subProcess", "deep", task("innermost")))
    border = node("boundaryEvent", "late", "<timerEventDefinition/>", attachedToRef="b")
    catalogue = read(process(LANES, task("a"), task("b"), task("c"), task("d"), inside, border))
    lanes = {key: element.lane for key, element in catalogue.elements.items()}
    assert lanes == {
        "a": "文明办", "b": "窗口", "c": None, "d": None, "sub": "文明办", "inner": "文明办",
        "deep": "文明办", "innermost": "文明办", "late": "窗口",
    }  # fmt: skip
    assert catalogue.elements["innermost"].parent == "deep"


def test_our_extensions_are_kept_and_foreign_ones_counted() -> None:
    foreign = '<x:thing xmlns:x="urn:other"/>'
    catalogue = read(process(node("serviceTask", "a", ours('<wm:service name="draw" unit="unit_id"/>', foreign))))
    assert catalogue.elements["a"].extension("service") == {"name": "draw", "unit": "unit_id"}
    assert dict(catalogue.foreign) == {"urn:other": 1}


def test_an_assignment_of_the_lane_holds_for_tasks_without_their_own() -> None:
    clerks = ours('<wm:assignment roles="clerk" organisation="unit_id"/>')
    lane = (
        f'<laneSet><lane id="l" name="L">{clerks}'
        "<flowNodeRef>bare</flowNodeRef><flowNodeRef>own</flowNodeRef></lane></laneSet>"
    )
    catalogue = read(process(lane, node("userTask", "bare"), task("own")))
    assert catalogue.assignment("bare") == {"roles": "clerk", "organisation": "unit_id"}
    assert catalogue.assignment("own") == {"roles": "reviewer", "region": "region"}


def test_events_messages_and_timers() -> None:
    message = '<messageEventDefinition messageRef="m"/>'
    timer = "<timerEventDefinition><timeDuration> 'P5D' </timeDuration></timerEventDefinition>"
    catalogue = read(
        process(
            node("boundaryEvent", "w", message, attachedToRef="a", cancelActivity="false"),
            node("intermediateCatchEvent", "t", timer),
            node("intermediateCatchEvent", "lost", '<messageEventDefinition messageRef="nowhere"/>'),
            node("intermediateCatchEvent", "named", "<messageEventDefinition/>", name="objection"),
            task("a"),
            top='<message id="m" name="withdrawal"/>',
        )
    )
    events = {key: element.event for key, element in catalogue.elements.items() if element.event}
    assert (events["w"].message, events["w"].interrupting) == ("withdrawal", False)
    assert (events["t"].timer, events["t"].timer_kind) == ("'P5D'", "duration")
    assert events["lost"].message is None
    assert events["named"].message == "objection"
    assert catalogue.attached["a"] == ("w",)


def test_multi_instance() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>people</loopDataInputRef>'
        '<loopDataOutputRef>votes</loopDataOutputRef><inputDataItem id="person"/><outputDataItem id="vote"/>'
        "<completionCondition>approvals > 1</completionCondition></multiInstanceLoopCharacteristics>"
    )
    signing = read(process(node("userTask", "a", loop))).elements["a"].loop
    assert signing is not None
    assert (signing.kind, signing.sequential, signing.collection, signing.item) == ("multi", True, "people", "person")
    assert (signing.output, signing.output_item, signing.condition) == ("votes", "vote", "approvals > 1")


def test_repeated_and_missing_ids_are_noted_and_the_first_one_stays() -> None:
    catalogue = read(process(task("a"), node("scriptTask", "a"), "<userTask/>", flows("a > a")))
    assert catalogue.elements["a"].type == "userTask"
    assert [key for key, _ in catalogue.repeated] == ["a"]
    assert [kind for kind, _ in catalogue.unnamed] == ["userTask"]


def test_lanes_with_the_same_id_do_not_enclose_themselves() -> None:
    inner = '<childLaneSet><lane id="l"><flowNodeRef>a</flowNodeRef></lane></childLaneSet>'
    lanes = f'<laneSet><lane id="l">{inner}</lane></laneSet>'
    assert read(process(lanes, node("userTask", "a"))).assignment("a") is None


def test_one_process_can_be_read_alone() -> None:
    both = process(task("a")).replace(b"</definitions>", b'<process id="q"><userTask id="b"/></process></definitions>')
    assert list(read(both).elements) == ["a", "b"]
    assert list(read(both, "q").elements) == ["b"]


def test_a_file_that_is_no_bpmn_gives_an_empty_catalogue() -> None:
    catalogue = read(b"<html><body/></html>")
    assert (catalogue.processes, catalogue.elements, catalogue.root) == ({}, {}, "html")
