"""Messages: objections one at a time, withdrawal at any moment, nobody waiting."""

import pytest

from tests.processes.drawing import (
    boundary,
    catch,
    chain,
    choice,
    diagram,
    element,
    end,
    flow,
    fork,
    message,
    race,
    service,
    signal,
    signing,
    start,
    sub,
    task,
    timer,
)
from tests.processes.playing import Played, context
from workflows import NobodyWaitingError, Sent, Waiting, broadcast

NOTICE = diagram(
    start(),
    task("publish"),
    race("wait"),
    catch("over", timer("until")),
    catch("objected", message("objection")),
    task("settle"),
    choice("upheld", default="upheld-wait"),
    task("decide"),
    end(),
    end("stopped", 'status="cancelled" value="rejected"'),
    chain("start", "publish", "wait", "over", "decide", "end"),
    chain("wait", "objected", "settle", "upheld", "wait"),
    flow("upheld", "stopped", "outcome == 'upheld'"),
    messages=("objection",),
)
UNTIL = "2026-03-09T16:00:00+00:00"


def test_objections_are_settled_one_after_the_other() -> None:
    played = Played(NOTICE)
    played.do("publish", {"until": UNTIL})
    assert played.step.messages == [Waiting("objection", "objected")]
    for number in (1, 2, 3):
        played.say("objection", {"objection_id": number})
        assert played.passed == ["wait", "objected"]
        assert played.task("settle").data["objection_id"] == number
        with pytest.raises(NobodyWaitingError):
            played.say("objection", {"objection_id": 99})
        played.do("settle", {"outcome": "dismissed"})
    assert played.wait(days=6).opened == []
    played.wait(days=2)
    assert played.passed == ["wait", "over"]
    assert played.elements == ["decide"]


def test_an_objection_that_is_upheld_stops_the_case() -> None:
    played = Played(NOTICE)
    played.do("publish", {"until": UNTIL})
    played.say("objection")
    step = played.do("settle", {"outcome": "upheld"})
    assert step.end is not None
    assert step.end.value == "rejected"


def test_the_end_of_the_notice_waits_while_an_objection_is_open() -> None:
    played = Played(NOTICE)
    played.do("publish", {"until": UNTIL})
    played.say("objection")
    played.wait(days=30)
    assert played.elements == ["settle"]
    played.do("settle", {"outcome": "dismissed"})
    assert played.elements == ["decide"]


def test_a_message_that_nobody_waits_for_is_refused() -> None:
    played = Played(NOTICE)
    with pytest.raises(NobodyWaitingError):
        played.say("objection")
    with pytest.raises(NobodyWaitingError):
        played.say("unknown")


def test_only_one_of_several_catchers_takes_a_message() -> None:
    drawn = diagram(
        start(),
        fork("split"),
        catch("first", message("answer")),
        catch("second", message("answer")),
        task("a"),
        task("b"),
        end(),
        chain("start", "split", "first", "a", "end"),
        chain("split", "second", "b", "end"),
        messages=("answer",),
    )
    played = Played(drawn)
    assert len(played.step.messages) == 2
    played.say("answer")
    assert len(played.elements) == 1
    played.say("answer")
    assert played.elements == ["a", "b"]
    assert played.step.messages == []


def test_a_message_beside_an_open_task_is_heard_every_time() -> None:
    drawn = diagram(
        start(),
        task("work"),
        boundary("asked", "work", message("question"), interrupting=False),
        task("answer"),
        end(),
        chain("start", "work", "end"),
        chain("asked", "answer", "end"),
        messages=("question",),
    )
    played = Played(drawn)
    for number in (1, 2, 3):
        played.say("question", {"number": number})
        assert played.step.messages == [Waiting("question", "asked")]
    assert sorted(t.data["number"] for t in played.open if t.element == "answer") == [1, 2, 3]
    played.do("work")
    assert played.step.messages == []
    for _ in range(3):
        step = played.do("answer")
    assert step.end is not None


def test_a_signal_is_heard_by_all_and_by_those_behind_a_race() -> None:
    drawn = diagram(
        start(),
        fork("split"),
        catch("first", signal("holiday")),
        race("wait"),
        catch("second", signal("holiday")),
        catch("late", timer("after(9)")),
        task("a"),
        task("b"),
        end(),
        chain("start", "split", "first", "a", "end"),
        chain("split", "wait", "second", "b", "end"),
        chain("wait", "late", "end"),
        signals=("holiday",),
    )
    played = Played(drawn)
    assert played.step.signals == [Waiting("holiday", "first"), Waiting("holiday", "second")]
    step = broadcast(played.definition, played.step.state, "holiday", {"day": "1 May"}, played.world)
    assert [(t.element, t.data) for t in step.opened] == [("a", {"day": "1 May"}), ("b", {"day": "1 May"})]
    assert step.signals == []
    assert broadcast(played.definition, step.state, "holiday", {}, played.world).opened == []


def test_a_thrown_message_is_handed_out() -> None:
    thrown = element("intermediateThrowEvent", "tell", message("told"))
    drawn = diagram(start(), thrown, task("look"), end(), chain("start", "tell", "look", "end"), messages=("told",))
    assert Played(drawn, {"unit": 7}).step.sent == [Sent("told", {"unit": 7})]


def body() -> str:
    """Everything that may be open when a unit withdraws: signers, a nested subprocess, timers, a race."""
    consult = element(
        "subProcess",
        "consult",
        signing("departments", "department", "opinions", "opinion")
        + start("c_start")
        + task("answer")
        + boundary("overdue", "answer", timer("after(10)"))
        + task("close")
        + end("c_end")
        + chain("c_start", "answer", "c_end")
        + chain("overdue", "close", "c_end"),
    )
    notice = sub(
        "notice",
        start("n_start"),
        race("wait"),
        catch("over", timer("after(7)")),
        catch("objected", message("objection")),
        end("n_end"),
        chain("n_start", "wait", "over", "n_end"),
        chain("wait", "objected", "n_end"),
    )
    return sub(
        "body",
        start("b_start"),
        task("fill"),
        fork("split"),
        consult,
        notice,
        task("visit", signing("inspectors", "inspector", "visits", "visit")),
        fork("join"),
        task("decide"),
        end("b_end"),
        chain("b_start", "fill", "split", "consult", "join", "decide", "b_end"),
        chain("split", "notice", "join"),
        chain("split", "visit", "join"),
    )


WITHDRAWABLE = diagram(
    start(),
    body(),
    boundary("withdrawn", "body", message("withdrawal")),
    service("release", 'name="release" unit="unit_id"'),
    end("decided"),
    end("given_up", 'status="withdrawn" value="withdrawn"'),
    chain("start", "body", "decided"),
    chain("withdrawn", "release", "given_up"),
    messages=("withdrawal", "objection"),
)
FACTS = {"unit_id": 7, "departments": [1, 2, 3], "inspectors": [8, 9]}


def in_the_middle(**services: object) -> Played:
    played = Played(WITHDRAWABLE, FACTS, context(**services))
    played.do("fill", {"secret": "x"})
    assert played.elements == ["answer", "answer", "answer", "visit", "visit"]
    assert len(played.step.timers) == 4
    return played


def test_withdrawal_ends_everything_that_is_open_inside() -> None:
    released: list[int] = []
    played = in_the_middle(release=lambda **arguments: released.append(arguments["unit"]))
    played.do("answer", {"opinion": "yes"}, department=2)
    played.wait(days=11)
    assert played.elements == ["close", "close", "visit", "visit"]
    step = played.say("withdrawal", {"reason": "材料有误"})
    assert sorted(c.how for c in step.closed) == ["cancelled"] * 4
    assert (step.timers, step.messages, released) == ([], [], [7])
    assert step.end is not None
    assert (step.end.status, step.end.element) == ("withdrawn", "given_up")
    assert step.data == FACTS | {"reason": "材料有误"}


def test_withdrawal_is_possible_before_the_first_decision_and_not_after_the_last() -> None:
    assert Played(WITHDRAWABLE, FACTS, context(release=lambda unit: None)).say("withdrawal").end is not None
    played = in_the_middle()
    for department in (1, 2, 3):
        played.do("answer", {"opinion": "yes"}, department=department)
    for inspector in (8, 9):
        played.do("visit", inspector=inspector)
    played.wait(days=8)
    played.do("decide")
    assert played.step.end is not None
    assert played.step.end.element == "decided"
    with pytest.raises(NobodyWaitingError):
        played.say("withdrawal")


def test_withdrawal_is_possible_while_something_inside_has_failed() -> None:
    inside = sub(
        "body", start("s"), service("draw", 'name="draw"'), task("fill"), end("e"), chain("s", "draw", "fill", "e")
    )
    drawn = diagram(
        start(),
        inside,
        boundary("withdrawn", "body", message("withdrawal")),
        end(),
        end("given_up"),
        chain("start", "body", "end"),
        chain("withdrawn", "given_up"),
        messages=("withdrawal",),
    )
    played = Played(drawn)
    assert played.step.incidents
    step = played.say("withdrawal")
    assert step.incidents == []
    assert step.end is not None


def test_a_failed_release_leaves_the_withdrawal_to_be_retried() -> None:
    played = in_the_middle()
    step = played.say("withdrawal")
    assert step.incidents[0].element == "release"
    assert played.elements == []
    played.world = context(release=lambda unit: None)
    played.again()
    assert played.step.end is not None
