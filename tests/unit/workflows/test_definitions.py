"""Loading a definition: its digest, its variables, and what is refused in words."""

from xml.sax.saxutils import escape

import pytest

from tests.processes.drawing import (
    boundary,
    chain,
    choice,
    diagram,
    element,
    end,
    flow,
    script,
    service,
    signing,
    task,
    timer,
)
from tests.processes.drawing import start as begin
from tests.processes.playing import Played, context
from workflows import DefinitionError, complete, load_definition, start

SMALL = diagram(begin(), task("fill"), end(), chain("start", "fill", "end"))
OTHER = SMALL.replace(b'id="p"', b'id="q"')
TWO = SMALL.replace(b"</bpmn:definitions>", b"") + OTHER[OTHER.index(b"<bpmn:process") :].replace(b'"start', b'"begin')


def test_a_definition_knows_its_process() -> None:
    definition = load_definition(SMALL)
    assert (definition.process, definition.name) == ("p", "测试")
    assert set(definition.catalogue.elements) == {"start", "fill", "end"}


def test_the_digest_depends_on_every_file_and_on_nothing_else() -> None:
    digests = {
        load_definition(SMALL).digest,
        load_definition(SMALL + b" ").digest,
        load_definition(SMALL, tables=[table()]).digest,
        load_definition(SMALL, tables=[table() + b" "]).digest,
    }
    assert len(digests) == 4
    assert load_definition(SMALL).digest in digests


def test_of_two_processes_one_must_be_named() -> None:
    with pytest.raises(DefinitionError):
        load_definition(TWO)
    assert load_definition(TWO, "q").process == "q"


TWO_WAYS_WITHOUT_CONDITION = diagram(
    begin(), choice("g"), end(), task("t"), chain("start", "g", "end"), chain("g", "t", "end")
)
CYCLE_TIMER = diagram(
    begin(),
    task("a"),
    boundary("b", "a", timer("R3/P1D", "timeCycle")),
    end(),
    chain("start", "a", "end"),
    chain("b", "end"),
)
UNREADABLE = {
    "empty": (b"", "XML"),
    "another language": (b"<html/>", "0 个可执行流程"),
    "not executable": (SMALL.replace(b'isExecutable="true"', b'isExecutable="false"'), "0 个可执行流程"),
    "no start": (diagram(task("fill"), end(), chain("fill", "end")), "引擎不能执行"),
    "unknown gateway": (diagram(begin(), element("complexGateway", "g"), chain("start", "g")), "引擎不能执行“g”"),
    "no condition": (TWO_WAYS_WITHOUT_CONDITION, "引擎不能执行"),
    "a circle of tasks": (diagram(begin(), task("a"), task("b"), chain("start", "a", "b", "a")), "引擎不能读取"),
    "a timer that repeats": (CYCLE_TIMER, "timeDate"),
}


@pytest.mark.parametrize(("bpmn", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_the_engine_cannot_take_is_refused_in_words(bpmn: bytes, words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_definition(bpmn)
    (problem,) = caught.value.problems
    assert problem.severity == "error"
    assert words in problem.message


def test_a_process_that_is_not_there() -> None:
    with pytest.raises(DefinitionError) as caught:
        load_definition(SMALL, "r")
    assert caught.value.problems[0].code == "process_missing"


def test_variables_are_all_names_that_the_diagram_reads() -> None:
    assignment = (
        "<bpmn:extensionElements>"
        '<wm:assignment roles="county_reviewer" region="county_region" exclude="unit acted:fill"/>'
        '<wm:deadline working_days="10"/><wm:deadline date="publish_by"/>'
        '<wm:deadline phase_end="review" working_days="limit" on_return="restart"/>'
        '<wm:overdue act="hand_over" after="5" roles="city_reviewer" region="city_region"/>'
        '<wm:cc roles="city_leader" organisation="informed"/></bpmn:extensionElements>'
    )
    drawn = diagram(
        begin(),
        task("fill", assignment),
        service("draw", 'name="draw_lots" unit="unit_id" result="drawn"'),
        script("count", "total = a + b"),
        task("sign", signing("inspectors", condition="completed >= needed")),
        boundary("late", "sign", timer("end_of_working_day(days)")),
        choice("g", default="g-end"),
        end(),
        chain("start", "fill", "draw", "count", "sign", "g", "end"),
        flow("g", "fill", "outcome == 'again'"),
        chain("late", "end"),
    )
    assert load_definition(drawn).variables == {
        "county_region",
        "publish_by",
        "limit",
        "city_region",
        "informed",
        "unit_id",
        "a",
        "b",
        "inspectors",
        "vote",
        "completed",
        "needed",
        "days",
        "outcome",
    }


def rule(condition: str, level: str) -> str:
    return (
        f"<rule id='{level}'><inputEntry id='{level}_in'><text>{escape(condition)}</text></inputEntry>"
        f"<outputEntry id='{level}_out'><text>'{level}'</text></outputEntry></rule>"
    )


def table(last: str = "") -> bytes:
    """A decision table: a score gives a grade; `last` is the condition of the last row."""
    return (
        "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' id='d' name='d' namespace='n'>"
        "<decision id='grade' name='grade'><decisionTable id='t' hitPolicy='FIRST'>"
        "<input id='i'><inputExpression id='e'><text>score</text></inputExpression></input>"
        "<output id='o' name='level'/>"
        f"{rule('>= 90', 'A')}{rule('60 <= ? < 90', 'B')}{rule(last, 'C')}"
        "</decisionTable></decision></definitions>"
    ).encode()


DECISION = '<bpmn:extensionElements><wm:decision ref="grade"/></bpmn:extensionElements>'
GRADED = diagram(
    begin(),
    task("score_it"),
    element(
        "businessRuleTask", "grade_it", '<bpmn:extensionElements><wm:decision ref="grade"/></bpmn:extensionElements>'
    ),
    task("look"),
    end(),
    chain("start", "score_it", "grade_it", "look", "end"),
)


@pytest.mark.parametrize(("score", "level"), [(95, "A"), (90, "A"), (60, "B"), (59, "C")])
def test_a_decision_table_decides(score: int, level: str) -> None:
    definition = load_definition(GRADED, tables=[table()])
    step = start(definition, {}, context())
    step = complete(definition, step.state, step.opened[0].id, {"score": score}, context())
    assert step.opened[0].data == {"score": score, "level": level}


def test_a_decision_table_is_as_inert_as_the_rest() -> None:
    definition = load_definition(GRADED, tables=[table("__import__('os').getcwd() == ?")])
    played = Played(definition)
    assert played.do("score_it", {"score": 1}).incidents[0].element == "grade_it"
