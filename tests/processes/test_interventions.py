"""An administrator moves tokens, sets data right and ends instances; what was open there is closed."""

import pytest

from tests.processes.drawing import (
    boundary,
    catch,
    chain,
    diagram,
    element,
    end,
    fork,
    message,
    race,
    service,
    signing,
    start,
    sub,
    task,
    timer,
)
from tests.processes.playing import Played
from workflows import CannotMoveError, DataNotAllowedError, TaskNotOpenError, cancel, goto, list_tokens, set_data, skip

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


def token(played: Played, element: str) -> str:
    tokens = list_tokens(played.definition, played.step.state, played.world)
    return next(one.id for one in tokens if one.element == element)


def let_pass(played: Played, element: str, data: dict[str, object] | None = None) -> Played:
    key = token(played, element)
    played.step = skip(played.definition, played.step.state, key, data or {}, played.world)
    return played


def places(played: Played) -> dict[tuple[str, bool], tuple[str, ...]]:
    """Element and whether it is a token alone → where it may go."""
    found = list_tokens(played.definition, played.step.state, played.world)
    return {(one.element, bool(one.id)): one.targets for one in found}


def test_what_may_go_where_is_said_before() -> None:
    assert places(at_the_fork()) == {
        ("body", True): ("body", "last"),
        ("left", True): ("left", "left_2"),
        ("right", True): ("right",),
        ("body", False): ("fill", "review", "sign"),
    }


@pytest.mark.parametrize(("target", "words"), [("right", "同一个并行分支"), ("review", "同一个并行分支")])
def test_a_token_stays_in_its_branch(target: str, words: str) -> None:
    played = at_the_fork()
    with pytest.raises(CannotMoveError, match=words):
        move(played, target, task_id=played.task("left").id)


def test_nothing_is_moved_into_a_block_from_outside() -> None:
    with pytest.raises(CannotMoveError, match="分叉之前"):
        move(Played(CASE, {"signers": [1]}), "left_2")
    with pytest.raises(CannotMoveError, match="分叉之前"):
        move(at_the_fork(), "left_2")


def test_what_branches_wrote_is_kept_when_all_leave_the_block() -> None:
    played = at_the_fork()
    played.do("left", {"by_left": 1})
    move(played, "sign")
    assert played.task("sign", signer=1).data["by_left"] == 1


def test_what_was_written_inside_a_subprocess_leaves_it_with_the_token() -> None:
    played = Played(CASE, {"signers": [1, 2]})
    played.do("fill", {"score": 90})
    move(played, "last")
    assert played.task("last").data["score"] == 90


def test_a_step_that_is_skipped_is_passed() -> None:
    played = let_pass(Played(CASE, {"signers": [1]}), "fill", {"score": 1})
    assert played.elements == ["review"]
    assert [(c.element, c.how) for c in played.step.closed] == [("fill", "cancelled")]
    assert played.task("review").data["score"] == 1
    assert let_pass(played, "review").step.timers == []
    assert let_pass(let_pass(let_pass(played, "left"), "right"), "left_2").elements == ["sign"]


def test_a_signing_is_skipped_as_a_whole_with_the_votes_that_are_there() -> None:
    played = move(at_the_fork(), "sign")
    played.do("sign", {"ok": True}, signer=1)
    with pytest.raises(CannotMoveError, match="减签"):
        skip(played.definition, played.step.state, played.task("sign").id, {}, played.world)
    with pytest.raises(CannotMoveError, match="减签"):
        move(played, "review", task_id=played.task("sign").id)
    let_pass(played, "sign")
    assert played.elements == ["last"]
    assert [vote["signer"] for vote in played.task("last").data["votes"]] == [1]


def test_a_subprocess_is_skipped_with_all_that_is_open_in_it() -> None:
    played = let_pass(at_the_fork(), "body")
    assert sorted(c.element for c in played.step.closed) == ["left", "right"]
    assert (played.elements, played.step.timers, played.step.messages) == (["last"], [], [])
    assert played.do("last").end is not None


def test_waits_and_failed_services_are_skipped_and_gateways_are_not() -> None:
    drawn = diagram(
        start(),
        catch("wait", timer("after(5)")),
        catch("told", message("news")),
        service("bell", 'name="nobody_registered"'),
        race("first"),
        catch("soon", timer("after(5)")),
        catch("late", timer("after(9)")),
        end(),
        chain("start", "wait", "told", "bell", "first", "soon", "end"),
        chain("first", "late", "end"),
        messages=("news",),
    )
    played = let_pass(Played(drawn), "wait")
    assert ([m.element for m in played.step.messages], played.step.timers) == (["told"], [])
    let_pass(played, "told")
    assert [i.element for i in played.step.incidents] == ["bell"]
    let_pass(played, "bell")
    assert [t.element for t in played.step.timers] == ["soon", "late"]
    with pytest.raises(CannotMoveError, match="几条出路"):
        let_pass(played, "first")


def test_a_step_with_events_at_its_border_moves_without_its_side_path() -> None:
    drawn = diagram(
        start(),
        task("fill"),
        boundary("called", "fill", message("call"), interrupting=False),
        task("answer"),
        task("review"),
        end(),
        chain("start", "fill", "review", "end"),
        chain("called", "answer", "end"),
        messages=("call",),
    )
    played = Played(drawn)
    played.say("call")
    move(played, "review", task_id=played.task("fill").id)
    assert (played.elements, played.step.messages) == (["answer", "review"], [])
    played.do("answer")
    assert played.do("review").end is not None


def test_a_step_is_entered_anew_where_it_is() -> None:
    played = Played(CASE, {"signers": [1]})
    before = played.task("fill")
    move(played, "fill", task_id=before.id)
    assert (played.elements, played.task("fill").id != before.id) == (["fill"], True)


def test_levels_that_there_are_several_of_are_not_moved_as_a_whole() -> None:
    inside = start("s") + fork("f") + task("ask") + task("tell") + end("e") + chain("s", "f", "ask", "e")
    inside += chain("f", "tell", "e")
    drawn = diagram(
        start(), element("subProcess", "consult", signing() + inside), end(), chain("start", "consult", "end")
    )
    played = Played(drawn, {"signers": ["a", "b"]})
    found = list_tokens(played.definition, played.step.state, played.world)
    assert [one.element for one in found if one.id] == ["consult", "ask", "tell", "ask", "tell"]
    assert [one.element for one in found if not one.id] == []
