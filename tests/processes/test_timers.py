"""Timers live by the clock of the step; the machine's clock plays no part."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.processes.drawing import boundary, catch, chain, diagram, element, end, race, signing, start, task, timer
from tests.processes.playing import NOON, Played, context
from workflows import Context, NobodyWaitingError, advance, complete, move_timer

ESCALATE = diagram(
    start(),
    task("answer"),
    boundary("overdue", "answer", timer("after(10)")),
    task("close"),
    end(),
    chain("start", "answer", "end"),
    chain("overdue", "close", "end"),
)


def test_a_timer_is_told_with_its_instant() -> None:
    (timer_,) = Played(ESCALATE).step.timers
    assert (timer_.element, timer_.due) == ("overdue", NOON + timedelta(days=10))


def test_a_timer_fires_at_its_instant_and_not_before() -> None:
    played = Played(ESCALATE)
    played.wait(days=9, hours=23, minutes=59)
    assert played.elements == ["answer"]
    step = played.wait(minutes=1)
    assert [(c.element, c.how) for c in step.closed] == [("answer", "cancelled")]
    assert played.passed == ["overdue"]
    assert played.elements == ["close"]
    assert step.timers == []


@pytest.mark.parametrize("year", [1999, 2199])
def test_the_clock_of_the_machine_does_not_matter(year: int) -> None:
    played = Played(ESCALATE, world=context(datetime(year, 1, 1, tzinfo=UTC)))
    assert played.wait(days=9).closed == []
    assert played.wait(days=1).closed != []


def test_an_answer_on_time_stops_the_timer() -> None:
    step = Played(ESCALATE).do("answer")
    assert step.timers == []
    assert step.end is not None


def test_an_answer_that_comes_before_the_sweep_still_counts() -> None:
    played = Played(ESCALATE)
    late = context(NOON + timedelta(days=11))
    step = complete(played.definition, played.step.state, played.task("answer").id, {}, late)
    assert step.end is not None


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Context(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_deadline_can_be_moved() -> None:
    played = Played(ESCALATE)
    (timer_,) = played.step.timers
    later = NOON + timedelta(days=20)
    step = move_timer(played.definition, played.step.state, timer_.task_id, "overdue", later, played.world)
    assert [t.due for t in step.timers] == [later]
    assert advance(played.definition, step.state, context(NOON + timedelta(days=19))).closed == []
    past = move_timer(played.definition, step.state, timer_.task_id, "overdue", NOON, played.world)
    assert [t.element for t in past.opened] == ["close"]


def test_a_timer_over_a_multi_instance_ends_all_of_it() -> None:
    inside = start("s") + task("ask") + task("check") + end("e") + chain("s", "ask", "check", "e")
    drawn = diagram(
        start(),
        element("subProcess", "consult", signing() + inside),
        boundary("overdue", "consult", timer("after(10)")),
        task("close"),
        end(),
        chain("start", "consult", "end"),
        chain("overdue", "close", "end"),
    )
    played = Played(drawn, {"signers": ["a", "b", "c"]})
    played.do("ask", {"vote": 1}, signer="b")
    step = played.wait(days=10)
    assert sorted(c.element for c in step.closed) == ["ask", "ask", "check"]
    assert played.elements == ["close"]
    assert played.do("close").end is not None


def test_only_a_running_timer_can_be_moved() -> None:
    played = Played(ESCALATE)
    with pytest.raises(NobodyWaitingError):
        move_timer(played.definition, played.step.state, played.task("answer").id, "overdue", NOON, played.world)


def test_several_timers_race_each_with_its_own_instant() -> None:
    drawn = diagram(
        start(),
        race("wait"),
        catch("late", timer("after(9)")),
        catch("soon", timer("after(3)")),
        task("a"),
        task("b"),
        end(),
        chain("start", "wait", "late", "a", "end"),
        chain("wait", "soon", "b", "end"),
    )
    played = Played(drawn)
    assert [t.element for t in played.step.timers] == ["soon", "late"]
    played.wait(days=4)
    assert played.elements == ["b"]


def test_a_reminder_beside_the_task_leaves_it_open() -> None:
    drawn = diagram(
        start(),
        task("answer"),
        boundary("remind", "answer", timer("after(3)"), interrupting=False),
        task("nudge"),
        end(),
        chain("start", "answer", "end"),
        chain("remind", "nudge", "end"),
    )
    played = Played(drawn)
    played.wait(days=4)
    assert played.elements == ["answer", "nudge"]
    played.do("answer")
    assert played.do("nudge").end is not None


def test_due_timers_in_a_row_fire_in_one_step() -> None:
    drawn = diagram(
        start(), catch("one", timer("until")), catch("two", timer("until")), task("look"), end(),
        chain("start", "one", "two", "look", "end"),
    )  # fmt: skip
    played = Played(drawn, {"until": "2026-03-03T00:00:00+08:00"})
    played.wait(days=2)
    assert played.elements == ["look"]


def test_a_duration_counts_from_the_clock_of_the_step() -> None:
    drawn = diagram(start(), catch("one", timer("'P5D'", "timeDuration")), end(), chain("start", "one", "end"))
    assert Played(drawn).step.timers[0].due == NOON + timedelta(days=5)
