"""What one step does and tells: tasks opened and closed, the way taken, data, ends."""

import pytest

from tests.processes.drawing import chain, choice, diagram, end, flow, fork, script, service, start, sub, task
from tests.processes.playing import Played, context
from workflows import DataNotAllowedError, Passed, TaskNotOpenError, complete

REVIEW = diagram(
    start(),
    task("fill"),
    task("review"),
    choice("verdict", default="verdict-fill"),
    end("passed", 'status="completed" value="awarded" name="已命名"'),
    chain("start", "fill", "review", "verdict", "fill"),
    flow("verdict", "passed", "outcome == 'pass'"),
)


def test_a_start_opens_the_first_task_with_its_data() -> None:
    played = Played(REVIEW, {"unit": 7})
    (opened,) = played.step.opened
    assert (opened.element, opened.name, opened.data) == ("fill", "fill", {"unit": 7})
    assert played.step.way == [Passed("start", "startEvent"), Passed("start-fill", "sequenceFlow")]


def test_a_completed_task_is_closed_and_its_data_decide_the_way() -> None:
    played = Played(REVIEW)
    played.do("fill")
    step = played.do("review", {"outcome": "pass"})
    assert [(c.element, c.how) for c in step.closed] == [("review", "completed")]
    assert step.way == [
        Passed("review", "userTask"),
        Passed("review-verdict", "sequenceFlow"),
        Passed("verdict", "exclusiveGateway"),
        Passed("verdict-passed", "sequenceFlow"),
        Passed("passed", "endEvent"),
    ]
    assert step.end is not None
    assert (step.end.element, step.end.status, step.end.value, step.end.name) == (
        "passed",
        "completed",
        "awarded",
        "已命名",
    )
    assert step.data == {"outcome": "pass"}


def test_a_return_opens_the_first_task_again_under_a_new_id() -> None:
    played = Played(REVIEW)
    first = played.task("fill").id
    played.do("fill")
    played.do("review", {"outcome": "return"})
    assert played.elements == ["fill"]
    assert played.task("fill").id != first


def test_a_task_cannot_be_completed_twice() -> None:
    played = Played(REVIEW)
    done = played.task("fill").id
    played.do("fill")
    with pytest.raises(TaskNotOpenError):
        complete(played.definition, played.step.state, done, {}, played.world)


@pytest.mark.parametrize("task_id", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_task_is_not_open(task_id: str) -> None:
    played = Played(REVIEW)
    with pytest.raises(TaskNotOpenError):
        complete(played.definition, played.step.state, task_id, {}, played.world)


def test_refused_data_touch_nothing() -> None:
    played = Played(REVIEW)
    with pytest.raises(DataNotAllowedError):
        played.do("fill", {"day": context().now})
    assert played.elements == ["fill"]


def test_a_step_does_not_change_what_it_was_given() -> None:
    played = Played(REVIEW)
    before, given = played.step.state, {"answers": ["a"]}
    step = played.do("fill", given)
    given["answers"].append("b")
    step.data["answers"].append("c")
    assert played.task("review").data == {"answers": ["a"]}
    assert before != step.state


def test_branches_keep_what_each_of_them_changed() -> None:
    drawn = diagram(
        start(),
        script("begin", "a = 0\nb = 0"),
        fork("split"),
        task("left"),
        task("right"),
        fork("join"),
        task("last"),
        end(),
        chain("start", "begin", "split", "left", "join", "last", "end"),
        chain("split", "right", "join"),
    )
    played = Played(drawn)
    played.do("left", {"a": 1})
    assert "join" not in played.passed
    played.do("right", {"b": 2})
    assert played.task("last").data == {"a": 1, "b": 2}


def test_the_flows_into_a_join_are_told_when_they_are_taken() -> None:
    drawn = diagram(
        start(),
        fork("split"),
        task("left"),
        task("right"),
        fork("join"),
        end(),
        chain("start", "split", "left", "join", "end"),
        chain("split", "right", "join"),
    )
    played = Played(drawn)
    assert Passed("left-join", "sequenceFlow") in played.do("left").way
    assert played.passed == ["left"]
    played.do("right")
    assert played.passed == ["right", "join", "end"]


def test_the_way_leads_into_and_out_of_a_subprocess() -> None:
    drawn = diagram(
        start(),
        sub("body", start("begin"), task("work"), end("done"), chain("begin", "work", "done")),
        end(),
        chain("start", "body", "end"),
    )
    played = Played(drawn)
    assert [p.element for p in played.step.way] == ["start", "start-body", "begin", "begin-work"]
    played.do("work", {"x": 1})
    assert [p.element for p in played.step.way] == ["work", "work-done", "done", "body", "body-end", "end"]
    assert played.step.data == {"x": 1}


def test_a_service_gets_its_arguments_and_leaves_its_result() -> None:
    asked = []

    def draw(**arguments: object) -> dict[str, bool]:
        asked.append(arguments)
        return {"drawn": True}

    drawn = diagram(
        start(),
        service("draw", 'name="draw" unit="unit_id" weight="2 * score" result="spot_check"'),
        task("visit"),
        end(),
        chain("start", "draw", "visit", "end"),
    )
    played = Played(drawn, {"unit_id": 7, "score": 4}, context(draw=draw))
    assert asked == [{"unit": 7, "weight": 8}]
    assert played.task("visit").data["spot_check"] == {"drawn": True}


def test_a_service_cannot_change_the_data_of_the_case() -> None:
    def spoil(names: list[str]) -> None:
        names.append("spoilt")

    drawn = diagram(
        start(),
        service("spoil", 'name="spoil" names="names"'),
        task("look"),
        end(),
        chain("start", "spoil", "look", "end"),
    )
    assert Played(drawn, {"names": ["a"]}, context(spoil=spoil)).task("look").data == {"names": ["a"]}


def test_open_ends_of_branches_end_the_process_together() -> None:
    drawn = diagram(
        start(),
        fork("split"),
        task("left"),
        task("right"),
        end("left_end"),
        end("right_end", 'status="completed" value="second"'),
        chain("start", "split", "left", "left_end"),
        chain("split", "right", "right_end"),
    )
    played = Played(drawn, {"a": 0, "b": 0})
    assert played.do("left", {"a": 1}).end is None
    step = played.do("right", {"b": 2})
    assert step.end is not None
    assert step.end.value == "second"
    assert step.data == {"a": 1, "b": 2}


def test_a_whole_number_does_not_become_a_truth_value_on_the_way() -> None:
    played = Played(REVIEW, {"x": 1, "y": [1, 0.0]})
    played.do("fill", {"x": True, "y": [1.0, 0]})
    found = played.task("review").data
    assert repr(found) == repr({"x": True, "y": [1.0, 0]})
