"""Differences of two diagrams, in words; what matters for execution comes first."""

from tests.unit.workflows_xml.drawing import end, flows, node, ours, process, start, task
from workflows.catalogue import read_catalogue
from workflows.comparison import Change, compare
from workflows.safe_xml import parse_xml


def changes(old: str, new: str) -> list[Change]:
    return compare(read_catalogue(parse_xml(process(old))), read_catalogue(parse_xml(process(new))))


OLD = start() + task("review") + end() + flows("begin > review > finish")


def test_a_diagram_does_not_differ_from_itself() -> None:
    assert changes(OLD, OLD) == []


def test_a_step_that_comes_in_between_is_named_with_its_flows() -> None:
    new = start() + task("review") + task("check", form="fill") + end() + flows("begin > review > check > finish")
    found = changes(OLD, new)
    assert [c.kind for c in found if c.element == "check"] == ["added"]
    assert all(change.runs for change in found)
    assert any("「review」 → 「check」" in change.text for change in found)


def test_a_name_only_reads_otherwise_and_comes_last() -> None:
    named = node("userTask", "review", ours('<wm:form key="other"/>'), name="初审")
    found = changes(OLD, start() + named + end() + flows("begin > review > finish"))
    assert found[-1].text == "人工任务「初审」的名称：无 → 初审"
    assert not found[-1].runs
    assert {"表单：标识 review → 标识 other" in change.text for change in found if change.runs} >= {True}


def test_what_is_gone_is_named_by_its_old_name() -> None:
    found = changes(OLD, start() + end() + flows("begin > finish"))
    assert "删除人工任务「review」" in [change.text for change in found]


def test_of_what_was_there_only_what_differs_is_said_in_words() -> None:
    def several(sequential: str, roles: str) -> str:
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}">'
            "<loopDataInputRef>signers</loopDataInputRef></multiInstanceLoopCharacteristics>"
        )
        inside = ours(f'<wm:assignment roles="{roles}" region="county_region"/>') + loop
        return start() + node("userTask", "review", inside, name="初审") + end() + flows("begin > review > finish")

    found = [change.text for change in changes(several("false", "inspector"), several("true", "county_reviewer"))]
    assert found == [
        "人工任务「初审」的办理次序：同时 → 依次",
        "人工任务「初审」的办理人：角色 inspector → 角色 county_reviewer",
    ]
