"""An administrator moves tokens, sets data right and ends instances; what was open there is closed."""

import pytest

from tests.processes.drawing import (
    boundary,
    chain,
    diagram,
    element,
    end,
    fork,
    message,
    signing,
    start,
    sub,
    task,
    timer,
)
from tests.processes.playing import Played
from workflows import CannotMoveError, DataNotAllowedError, TaskNotOpenError, cancel, goto, set_data

CASE = diagram(
    start(),
    sub(
        "body",
        start("s"),
        task("fill"),
        task("review"),
        boundary("overdue", "review", timer("after(10)")),
        fork("split"),
        task("left"),
        task("left_2"),
        task("right"),
        fork("join"),
        task("sign", signing()),
        end("e"),
        chain("s", "fill", "review", "split", "left", "left_2", "join", "sign", "e"),
        chain("split", "right", "join"),
        chain("overdue", "e"),
    ),
    boundary("withdrawn", "body", message("withdrawal")),
    task("last"),
    end(),
    end("given_up"),
    chain("start", "body", "last", "end"),
    chain("withdrawn", "given_up"),
    messages=("withdrawal",),
)


def at_the_fork() -> Played:
    played = Played(CASE, {"signers": [1, 2]})
    played.do("fill")
    played.do("review")
    return played


def move(played: Played, target: str, data: dict[str, object] | None = None, task_id: str | None = None) -> Played:
    played.step = goto(played.definition, played.step.state, target, data or {}, played.world, task_id)
    return played


def test_back_to_a_step_before_the_fork_arms_its_timer_anew() -> None:
    played = move(at_the_fork(), "review", {"why": "wrong"})
    assert [(c.element, c.how) for c in played.step.closed] == [("left", "cancelled"), ("right", "cancelled")]
    assert played.elements == ["review"]
    assert [t.element for t in played.step.timers] == ["overdue"]
    played.do("review")
    assert played.elements == ["left", "right"]
    assert played.task("left").data["why"] == "wrong"


def test_forward_over_the_join_into_a_multi_instance() -> None:
    played = move(at_the_fork(), "sign")
    assert played.elements == ["sign", "sign"]
    played.do("sign", signer=1)
    played.do("sign", signer=2)
    assert played.elements == ["last"]


def test_within_a_branch_only_its_token_moves() -> None:
    played = at_the_fork()
    played.do("left")
    move(played, "left", task_id=played.task("left_2").id)
    assert played.elements == ["left", "right"]
    for each in ("left", "right", "left_2"):
        played.do(each)
    assert played.elements == ["sign", "sign"]


def test_out_of_the_subprocess_closes_all_of_it() -> None:
    played = move(at_the_fork(), "last")
    assert played.elements == ["last"]
    assert (played.step.timers, played.step.messages) == ([], [])
    assert played.do("last").end is not None


def test_back_into_the_subprocess_from_behind_it() -> None:
    played = move(at_the_fork(), "last")
    move(played, "body")
    assert played.elements == ["fill"]
    assert [m.name for m in played.step.messages] == ["withdrawal"]
    assert played.say("withdrawal").end is not None


@pytest.mark.parametrize("target", ["split", "nowhere", "s", "overdue", "e"])
def test_tokens_move_to_activities_only(target: str) -> None:
    with pytest.raises(CannotMoveError):
        move(at_the_fork(), target)


def test_a_token_stays_on_its_level() -> None:
    played = at_the_fork()
    with pytest.raises(CannotMoveError):
        move(played, "last", task_id=played.task("left").id)
    with pytest.raises(TaskNotOpenError):
        move(played, "left_2", task_id="gone")


def test_moving_to_a_step_that_cannot_be_entered_changes_nothing() -> None:
    played = at_the_fork()
    before = played.step.state
    move(played, "sign", {"signers": []})
    assert played.step.failed_entering is not None
    assert played.step.state == before


def test_an_instance_that_is_cancelled_has_nothing_open() -> None:
    played = at_the_fork()
    step = cancel(played.definition, played.step.state, played.world)
    assert sorted(c.element for c in step.closed) == ["left", "right"]
    assert (step.timers, step.messages, step.end) == ([], [], None)
    played.step = step
    assert played.open == []


def test_data_set_right_are_seen_everywhere_from_then_on() -> None:
    played = at_the_fork()
    played.step = set_data(played.definition, played.step.state, {"signers": [3]}, played.world)
    assert played.task("left").data["signers"] == [3]
    for each in ("left", "right", "left_2"):
        played.do(each)
    assert [t.data["signer"] for t in played.open] == [3]
    with pytest.raises(DataNotAllowedError):
        set_data(played.definition, played.step.state, {"x": object()}, played.world)


def test_one_instance_of_a_multi_instance_subprocess_moves_alone() -> None:
    inside = start("s") + task("ask") + task("check") + end("e") + chain("s", "ask", "check", "e")
    drawn = diagram(
        start(), element("subProcess", "consult", signing() + inside), end(), chain("start", "consult", "end")
    )
    played = Played(drawn, {"signers": ["a", "b"]})
    played.do("ask", {"vote": 1}, signer="a")
    with pytest.raises(CannotMoveError):
        move(played, "ask")
    move(played, "ask", task_id=played.task("check").id)
    assert sorted(t.data["signer"] for t in played.open if t.element == "ask") == ["a", "b"]
