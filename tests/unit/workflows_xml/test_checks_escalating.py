"""An escalation that nothing around it catches is named; one that is caught, or caught with every other, is not."""

import pytest

from tests.unit.workflows_xml.drawing import end, flows, found, node, process, start, task

TOP = '<escalation id="late" escalationCode="late"/><escalation id="other" escalationCode="other"/>'
THROW = '<escalationEventDefinition escalationRef="late"/>'


def diagram(catching: str | None) -> bytes:
    inner = start("in") + node("endEvent", "out", THROW) + flows("in > out")
    caught = "" if catching is None else f"<escalationEventDefinition{catching}/>"
    border = node("boundaryEvent", "border", caught, attachedToRef="inside") if caught else ""
    ways = flows("begin > first > inside > finish", *(("border > first",) if caught else ()))
    return process(start(), task("first", "fill"), node("subProcess", "inside", inner), border, end(), ways, top=TOP)


@pytest.mark.parametrize(
    ("catching", "is_named"),
    [(None, True), (' escalationRef="other"', True), (' escalationRef="late"', False), ("", False)],
)
def test_an_escalation_is_caught_around_it(catching: str | None, is_named: bool) -> None:
    assert (("escalation_to_nobody", "out") in found(diagram(catching))) is is_named
