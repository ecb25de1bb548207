"""Deadlines that can be counted, and the clock of a process."""

import pytest

from tests.unit.workflows_xml.drawing import end, flows, found, node, ours, problems, process, start, whole
from workflows.checks import Facts, check_definition

TASK = '<wm:form key="review"/><wm:assignment roles="clerk" region="region"/>'


def deadline(attributes: str, timer: str = "") -> list[tuple[str, str]]:
    parts = [start(), node("userTask", "job", ours(TASK, f"<wm:deadline {attributes}/>")), end()]
    drawn = ["begin > job > finish"]
    if timer:
        definition = f"<timerEventDefinition><timeDate>{timer}</timeDate></timerEventDefinition>"
        parts += [node("boundaryEvent", "late", definition, attachedToRef="job"), end("missed")]
        drawn.append("late > missed")
    return found(process(*parts, flows(*drawn)))


@pytest.mark.parametrize(
    "attributes",
    [
        'working_days="5"',
        'calendar_days="1830"',
        'working_days="unit_id"',
        'working_days="5" on_return="restart"',
        'phase_end="review"',
        'phase_end="review" working_days="5"',
        'end_of_day="region"',
        'before="region" office_hours="true"',
        """date="'2026-12-31'" office_hours="false\"""",
        """date="'2026-12-31T17:00:00+08:00'\"""",
    ],
)
def test_what_can_be_counted(attributes: str) -> None:
    assert deadline(attributes) == []


@pytest.mark.parametrize(
    "attributes",
    [
        'working_days="0"',
        'working_days="1831"',
        'phase_end="review" before="region"',
        'phase_end="review" working_days="5" calendar_days="5"',
        'working_days="5" on_return="maybe"',
        'working_days="5" days="7"',
        'working_days="99999999999999999999"',
        'working_days="１０"',
        'working_days="P-5D"',
        'calendar_days="1.5"',
        'calendar_days="5" before="region"',
        'office_hours="true"',
        'working_days="5" office_hours="yes"',
        """date="'2026-12-31T17:00:00'\"""",
        """before="'soon'\"""",
        'end_of_day="20261231"',
        'date="region + region"',
    ],
)
def test_what_cannot_be_counted_is_refused(attributes: str) -> None:
    assert ("deadline_unclear", "job") in deadline(attributes)


def test_a_phase_that_no_batch_has_is_refused_with_those_there_are() -> None:
    task = node("userTask", "job", ours(TASK, '<wm:deadline phase_end="harvest"/>'))
    drawn = process(start(), task, end(), flows("begin > job > finish"))
    refused = [p for p in check_definition(drawn, Facts(phases={"review": "县级初审"})) if p.code == "deadline_unclear"]
    assert "review（县级初审）" in refused[0].message
    assert "deadline_unclear" not in {p.code for p in check_definition(drawn)}


def test_a_border_timer_says_the_same_as_the_deadline() -> None:
    assert deadline('working_days="5"', "end_of_working_day(5)") == []
    assert deadline('working_days="unit_id"', "end_of_working_day(unit_id)") == []
    assert deadline('working_days="5"', "end_of_working_day(7)") == [("deadline_differs", "job")]


def test_the_clock_of_a_process() -> None:
    good = ours('<wm:clock working_days="60" pauses="first second"/>')
    assert problems(whole(good)) == {}
    assert problems(whole(ours('<wm:clock pauses="first ask"/>')))["clock_pause_unknown"].element == "p"
    assert "clock_pause_unknown" in problems(whole(ours('<wm:clock pauses="elsewhere"/>')))
    assert "clock_unclear" in problems(whole(ours('<wm:clock working_days="two"/>')))
