"""A running instance goes on in another version exactly where it stands, or it is said why it cannot."""

from datetime import datetime, timedelta

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
    script,
    service,
    signing,
    start,
    sub,
    task,
    timer,
)
from tests.processes.playing import Played, context
from workflows import CannotMigrateError, MappingError, load_definition
from workflows.checks import Facts, FormFacts
from workflows.migration import examine, migrate
from workflows.routes import candidates, plan_route, removed
from workflows.shortfalls import Ahead

LINE = diagram(start(), task("fill"), task("review"), end(), chain("start", "fill", "review", "end"))


def line(*steps: str) -> bytes:
    return diagram(start(), *map(task, steps), end(), chain("start", *steps, "end"))


def move(played: Played, drawn: bytes, opened: datetime | None = None, **mapping: str) -> Played:
    """Let an instance go on in another version; what is open was opened then."""
    new = load_definition(drawn)
    as_of = None if opened is None else lambda _task, _stamp: context(opened)
    step = migrate(plan_route(played.definition, new, mapping), played.step.state, played.world, as_of)
    assert (step.opened, step.closed, step.way, step.incidents) == ([], [], [], [])
    played.definition, played.step = new, step
    return played


def codes(played: Played, drawn: bytes, **mapping: str) -> list[tuple[str, str, str]]:
    """Why it cannot, and that trying it says the same."""
    route = plan_route(played.definition, load_definition(drawn), mapping)
    found = examine(route, played.step.state, played.world)
    if any(one.kind != "note" for one in found):
        with pytest.raises(CannotMigrateError) as refused:
            migrate(route, played.step.state, played.world)
        assert refused.value.obstacles == found
    return [(one.kind, one.code, one.element) for one in found]


def test_a_step_added_later_is_come_to() -> None:
    played = move(Played(LINE), line("fill", "check", "review"))
    played.do("fill")
    assert played.elements == ["check"]


def test_an_open_task_keeps_its_id_and_its_data() -> None:
    played = Played(LINE, {"unit": 7})
    before = played.open
    assert move(played, line("fill", "check")).open == before


def test_a_finished_step_may_be_gone() -> None:
    played = Played(LINE, {"unit": 7})
    played.do("fill", {"score": 3})
    assert move(played, line("review", "confirm")).task("review").data == {"unit": 7, "score": 3}
    played.do("review")
    assert played.elements == ["confirm"]


def test_an_open_step_that_is_gone_must_be_mapped_to_its_like() -> None:
    played = Played(LINE)
    assert codes(played, line("apply", "review")) == [("mapping", "step_removed", "fill")]
    (task_before,) = played.open
    move(played, line("apply", "review"), fill="apply")
    assert [(t.id, t.element) for t in played.open] == [(task_before.id, "apply")]
    played.do("apply")
    assert played.elements == ["review"]


def test_where_nothing_is_like_it_no_mapping_helps() -> None:
    drawn = diagram(start(), sub("body", start("s"), task("other"), end("e"), chain("s", "other", "e")), end())
    drawn = drawn.replace(b"</bpmn:process>", f"{chain('start', 'body', 'end')}</bpmn:process>".encode())
    assert codes(Played(LINE), drawn) == [("impossible", "step_removed", "fill")]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"nowhere": "fill"}, "原版本没有“nowhere”"),
        ({"fill": "nowhere"}, "新版本没有“nowhere”"),
        ({"fill": "end"}, "类型不同"),
        ({"fill": "inner"}, "不在同一个子流程"),
        ({"fill": "sign"}, "会签方式"),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_refused_with_words(mapping: dict[str, str], words: str) -> None:
    new = diagram(
        start(),
        sub("body", start("s"), task("inner"), end("e"), chain("s", "inner", "e")),
        task("sign", signing()),
        end(),
        chain("start", "body", "sign", "end"),
    )
    with pytest.raises(MappingError, match=words):
        plan_route(load_definition(LINE), load_definition(new), mapping)


def test_suggestions_come_most_alike_first() -> None:
    old, new = load_definition(LINE), load_definition(line("review", "apply").replace(b'name="apply"', b'name="fill"'))
    assert [e.id for e in removed(old, new)] == ["fill"]
    assert [e.id for e in candidates(old, new, "fill", {})] == ["apply", "review"]


TIMED = diagram(
    start(),
    task("fill"),
    boundary("late", "fill", timer("after(10)")),
    boundary("called", "fill", message("call"), interrupting=False),
    task("chase"),
    task("answer"),
    end(),
    chain("start", "fill", "end"),
    chain("late", "chase", "end"),
    chain("called", "answer", "end"),
    messages=("call",),
)


def test_timers_run_on_from_where_they_are() -> None:
    played = Played(TIMED)
    played.wait(days=4)
    due = played.step.timers
    assert move(played, TIMED.replace(b"after(10)", b"after(99)")).step.timers == due
    played.wait(days=6)
    assert played.elements == ["chase"]


def test_a_renamed_timer_and_message_go_on() -> None:
    played = Played(TIMED)
    drawn = TIMED.replace(b'"late"', b'"overdue"').replace(b'"called"', b'"rung"')
    move(played, drawn, late="overdue", called="rung")
    assert [t.element for t in played.step.timers] == ["overdue"]
    played.say("call")
    assert played.elements == ["answer", "fill"]
    played.wait(days=11)
    assert played.elements == ["answer", "chase"]


BARE = diagram(start(), task("fill"), end(), chain("start", "fill", "end"))


def test_events_come_to_the_border_of_an_open_step_as_if_it_had_been_opened_with_them() -> None:
    played = Played(BARE)
    opened = played.world.now
    played.wait(days=4)
    note = "border_added"
    assert codes(played, TIMED) == 2 * [("note", note, "fill")]
    move(played, TIMED, opened=opened)
    assert [(t.element, t.due) for t in played.step.timers] == [("late", opened + timedelta(days=10))]
    played.say("call")
    assert played.elements == ["answer", "fill"]
    played.do("answer")
    played.wait(days=5)
    assert played.elements == ["fill"]
    played.wait(days=2)
    assert played.elements == ["chase"]


def test_a_timer_that_would_be_past_is_said_and_fires_at_the_next_moment() -> None:
    played = Played(BARE)
    opened = played.world.now
    played.wait(days=30)
    route = plan_route(played.definition, load_definition(TIMED), {})
    found = examine(route, played.step.state, played.world, lambda _task, _stamp: context(opened))
    assert [(one.kind, one.code) for one in found] == [("note", "border_past"), ("note", "border_added")]
    assert "2026-03-12 已过" in found[0].message
    move(played, TIMED, opened=opened)
    assert played.elements == ["fill"]
    played.wait(seconds=1)
    assert played.elements == ["chase"]


def test_events_go_from_the_border_of_an_open_step() -> None:
    played = Played(TIMED)
    assert codes(played, BARE) == [("note", "border_removed", "late"), ("note", "border_removed", "called")]
    move(played, BARE)
    assert (played.step.timers, played.step.messages) == ([], [])
    played.wait(days=99)
    played.do("fill")
    assert played.step.end is not None


def test_what_an_event_at_the_border_began_must_be_over_before_it_goes() -> None:
    less = diagram(
        start(),
        task("fill"),
        boundary("late", "fill", timer("after(10)")),
        task("chase"),
        task("answer"),
        end(),
        chain("start", "fill", "answer", "end"),
        chain("late", "chase", "end"),
    )
    played = Played(TIMED)
    played.say("call")
    assert ("impossible", "border_going_on", "called") in codes(played, less)
    played.do("answer")
    move(played, less)
    assert [t.element for t in played.step.timers] == ["late"]
    played.do("fill")
    assert played.elements == ["answer"]


def test_an_event_that_has_not_come_yet_may_change_whether_it_interrupts() -> None:
    gentle = TIMED.replace(
        b'attachedToRef="fill" cancelActivity="true"', b'attachedToRef="fill" cancelActivity="false"'
    )
    played = move(Played(TIMED), gentle)
    played.wait(days=11)
    assert played.elements == ["chase", "fill"]
    assert ("impossible", "border_changed", "late") in codes(played, TIMED)


def test_events_come_to_the_border_of_a_signing_and_of_a_subprocess() -> None:
    timed = boundary("late", "sign", timer("after(10)"))
    alone = diagram(start(), task("sign", signing()), end(), chain("start", "sign", "end"))
    played = Played(alone, {"signers": ["a", "b"]})
    played.do("sign", {"ok": True}, signer="a")
    move(played, alone.replace(b"</bpmn:process>", f"{timed}{chain('late', 'end')}</bpmn:process>".encode()))
    played.wait(days=11)
    assert played.step.end is not None
    open_ended = diagram(
        start(), sub("body", start("s"), task("fill"), end("e"), chain("s", "fill", "e")), task("last"), end(),
        chain("start", "body", "last", "end"),
    )  # fmt: skip
    played = move(Played(open_ended), body("fill"))
    assert played.say("withdrawal").end is not None
    played = move(move(Played(open_ended), body("fill")), open_ended)
    assert played.step.messages == []
    played.do("fill")
    assert played.elements == ["last"]


def test_a_timer_that_cannot_be_armed_in_this_case_is_refused_with_words() -> None:
    drawn = TIMED.replace(b"after(10)", b"after(extra)")
    assert ("impossible", "timer_not_armed", "fill") in codes(Played(BARE), drawn)


def blocks(left: tuple[str, ...] = ("l1", "l2"), right: tuple[str, ...] = ("r1",), more: tuple[str, ...] = ()) -> bytes:
    """A fork of two or three branches."""
    steps = [*left, *right, *more]
    third = chain("split", *more, "join") if more else ""
    return diagram(
        start(),
        task("before"),
        fork("split"),
        *map(task, steps),
        fork("join"),
        task("after"),
        end(),
        chain("start", "before", "split", *left, "join", "after", "end"),
        chain("split", *right, "join"),
        third,
    )


def in_the_block(*done: str) -> Played:
    played = Played(blocks())
    for each in ("before", *done):
        played.do(each, {f"by_{each}": 1})
    return played


def test_steps_added_in_open_branches_are_come_to() -> None:
    played = move(in_the_block(), blocks(left=("l0", "l1", "l2", "l3"), right=("r1", "r2")))
    assert played.elements == ["l1", "r1"]
    for each in ("l1", "r1", "l2", "r2", "l3"):
        played.do(each)
    assert played.elements == ["after"]


def test_what_the_branches_wrote_is_kept_when_steps_before_are_gone() -> None:
    played = move(in_the_block("l1"), blocks(left=("l2",)))
    played.do("r1", {"by_r1": 1})
    played.do("l2")
    assert played.task("after").data == {"by_before": 1, "by_l1": 1, "by_r1": 1}


def test_a_running_block_keeps_its_branches() -> None:
    wider = blocks(more=("x1",))
    found = codes(in_the_block(), wider)
    assert {code for _, code, _ in found} == {"parallel_changed"}
    assert codes(Played(blocks()), wider) == []
    over = in_the_block("l1", "l2", "r1")
    assert codes(over, wider) == []


def test_a_branch_that_waits_at_the_join_is_not_sent_past_a_new_step() -> None:
    played = in_the_block("l1", "l2")
    assert codes(played, blocks(left=("l1", "l2", "l3"))) == [("impossible", "join_changed", "join")]
    assert codes(played, blocks(left=("l2",), right=("r1", "r2"))) == []
    assert codes(played, blocks(left=("l2", "l1"))) == [("impossible", "join_changed", "join")]


def test_a_block_taken_away_or_drawn_around_a_token_is_refused() -> None:
    straight = line("before", "l1", "l2", "r1", "after")
    assert {code for _, code, _ in codes(in_the_block(), straight)} == {"block_removed", "parallel_changed"}
    played = Played(straight)
    played.do("before")
    assert codes(played, blocks()) == [("impossible", "parallel_changed", "l1")]


def test_branches_that_change_places_are_no_hindrance_and_swapped_steps_are() -> None:
    played = in_the_block()
    assert codes(played, blocks(left=("r1",), right=("l1", "l2"))) == []
    assert ("impossible", "parallel_changed", "r1") in codes(played, blocks(left=("l1", "r1"), right=("l2",)))


def test_two_open_steps_do_not_become_one() -> None:
    found = codes(in_the_block(), blocks(left=("x", "l2"), right=("y",)), l1="x", r1="x")
    assert ("mapping", "two_at_one", "r1") in found


SIGNED = diagram(start(), task("sign", signing()), task("after"), end(), chain("start", "sign", "after", "end"))


def test_votes_of_a_running_signing_are_kept() -> None:
    played = Played(SIGNED, {"signers": ["a", "b", "c"]})
    played.do("sign", {"ok": True}, signer="a")
    drawn = diagram(
        start(),
        task("sign", signing()),
        task("new"),
        task("after"),
        end(),
        chain("start", "sign", "new", "after", "end"),
    )
    move(played, drawn)
    played.do("sign", {"ok": False}, signer="b")
    played.do("sign", {"ok": True}, signer="c")
    assert played.elements == ["new"]
    assert [vote["signer"] for vote in played.task("new").data["votes"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "changed",
    [signing(sequential=True), signing(collection="others"), signing(output="opinions"), ""],
)
def test_a_signing_that_would_lose_votes_is_refused(changed: str) -> None:
    played = Played(SIGNED, {"signers": ["a", "b"]})
    drawn = diagram(start(), task("sign", changed), task("after"), end(), chain("start", "sign", "after", "end"))
    assert [(kind, element) for kind, _, element in codes(played, drawn)] == [("impossible", "sign")]
    played.do("sign", signer="a")
    played.do("sign", signer="b")
    assert codes(played, drawn) == []


def body(*steps: str, name: str = "body") -> bytes:
    inner = [start("s"), *map(task, steps), end("e"), chain("s", *steps, "e")]
    return diagram(
        start(),
        sub(name, *inner),
        boundary("withdrawn", name, message("withdrawal")),
        task("last"),
        end(),
        chain("start", name, "last", "end"),
        chain("withdrawn", "end"),
        messages=("withdrawal",),
    )


def test_inside_an_open_subprocess() -> None:
    played = move(Played(body("fill", "review")), body("fill", "check", "review"))
    played.do("fill")
    assert played.elements == ["check"]
    assert played.say("withdrawal").end is not None


def test_a_renamed_subprocess_is_mapped_with_what_is_in_it() -> None:
    played = Played(body("fill", "review"))
    assert codes(played, body("fill", "review", name="case")) == [("mapping", "subprocess_removed", "body")]
    move(played, body("fill", "review", name="case"), body="case", withdrawn="withdrawn")
    played.do("fill")
    played.do("review")
    assert played.elements == ["last"]


def test_a_step_goes_on_one_level_higher_where_its_subprocess_is_gone() -> None:
    played = Played(body("fill", "review"), {"unit": 7})
    played.do("fill", {"score": 3})
    before = played.open
    move(played, line("fill", "review", "confirm"))
    assert played.open == before
    assert (played.step.messages, played.step.timers) == ([], [])
    played.do("review", {"seen": True})
    assert played.task("confirm").data == {"unit": 7, "score": 3, "seen": True}
    played.do("confirm")
    assert played.step.end is not None


def test_out_of_two_subprocesses_at_once() -> None:
    def nested(*levels: str) -> bytes:
        parts = [start("s0"), task("fill"), end("e0"), chain("s0", "fill", "e0")]
        for number, name in enumerate(levels, start=1):
            parts = [start(f"s{number}"), sub(name, *parts), end(f"e{number}"), chain(f"s{number}", name, f"e{number}")]
        return diagram(*parts)

    played = move(Played(nested("inner", "outer")), line("fill", "confirm"))
    played.do("fill")
    assert played.elements == ["confirm"]


def test_what_is_not_alone_in_its_subprocess_or_moves_into_one_is_refused_with_the_reason() -> None:
    inside = [start("s"), fork("split"), task("a"), task("b"), fork("join"), end("e")]
    ways = chain("s", "split", "a", "join", "e") + chain("split", "b", "join")
    both = diagram(start(), sub("body", *inside, ways), end(), chain("start", "body", "end"))
    found = codes(Played(both), line("a", "b"))
    assert [(code, element) for _, code, element in found] == [("subprocess_removed", "body")]
    several = diagram(
        start(), element("subProcess", "body", start("s") + task("a") + end("e") + chain("s", "a", "e") + signing()),
        end(), chain("start", "body", "end"),
    )  # fmt: skip
    played = Played(several, {"signers": ["x", "y"]})
    assert ("impossible", "subprocess_removed", "body") in codes(played, line("a"))
    played = Played(line("fill", "review"))
    assert codes(played, body("fill", "review")) == [("impossible", "place_changed", "fill")]


RACE = diagram(
    start(),
    race("first"),
    catch("soon", timer("after(5)")),
    catch("told", message("news")),
    task("a"),
    task("b"),
    end(),
    chain("start", "first", "soon", "a", "end"),
    chain("first", "told", "b", "end"),
    messages=("news",),
)


def test_an_event_gateway_keeps_its_events() -> None:
    played = Played(RACE)
    more = catch("also", timer("after(9)")) + chain("first", "also", "b") + "</bpmn:process>"
    wider = RACE.replace(b"</bpmn:process>", more.encode())
    assert codes(played, wider) == [("impossible", "wait_changed", "first")]
    move(played, RACE.replace(b'"soon"', b'"due"').replace(b"soon-", b"due-"), soon="due")
    assert [t.element for t in played.step.timers] == ["due"]
    played.wait(days=6)
    assert played.elements == ["a"]


def test_a_wait_that_becomes_another_kind_of_wait_is_refused() -> None:
    waits = diagram(start(), catch("wait", timer("after(5)")), end(), chain("start", "wait", "end"))
    told = diagram(start(), catch("wait", message("m")), end(), chain("start", "wait", "end"), messages=("m",))
    assert codes(Played(waits), told) == [("impossible", "wait_changed", "wait")]


def test_what_failed_is_retried_by_the_new_version() -> None:
    broken = diagram(
        start(), script("count", "x = missing + 1"), task("see"), end(), chain("start", "count", "see", "end")
    )
    played = Played(broken)
    assert played.step.incidents
    move(played, broken.replace(b"missing + 1", b"40 + 2"))
    assert played.again().incidents == []
    assert played.task("see").data["x"] == 42
    gone = diagram(start(), task("see"), end(), chain("start", "see", "end"))
    assert [code for _, code, _ in codes(Played(broken), gone)] == ["failed_removed"]


def test_conditions_are_those_of_the_new_version() -> None:
    def chosen(condition: str) -> bytes:
        return diagram(
            start(),
            task("fill"),
            choice("which", default="which-end"),
            task("more"),
            end(),
            chain("start", "fill", "which", "end"),
            flow("which", "more", condition),
            chain("more", "end"),
        )

    played = move(Played(chosen("score > 90")), chosen("score > 60"))
    played.do("fill", {"score": 70})
    assert played.elements == ["more"]


def test_an_unheard_of_process_is_refused() -> None:
    with pytest.raises(MappingError, match="两个不同的流程"):
        plan_route(load_definition(LINE), load_definition(LINE.replace(b'process id="p"', b'process id="q"')), {})


def test_there_and_back_is_where_it_was() -> None:
    played = in_the_block("l1")
    before = played.open
    move(played, blocks(left=("l1", "l2", "l3")))
    move(played, blocks())
    assert played.open == before
    for each in ("l2", "r1"):
        played.do(each)
    assert played.elements == ["after"]


def test_services_do_not_run_by_migrating() -> None:
    def ringing(**_arguments: object) -> None:
        raise AssertionError

    played = Played(LINE)
    played.world = type(played.world)(played.world.now, {"ring": ringing})
    new = diagram(
        start(), service("bell", 'name="ring"'), task("fill"), task("review"), end(),
        chain("start", "bell", "fill", "review", "end"),
    )  # fmt: skip
    assert move(played, new).elements == ["fill"]


def rated(*steps: str, given_by: str) -> bytes:
    """Steps before a gateway that reads the score, which the form of `given_by` sets."""
    forms = {step: f'<bpmn:extensionElements><wm:form key="{step}"/></bpmn:extensionElements>' for step in steps}
    return diagram(
        start(),
        *(task(step, forms[step]) for step in steps),
        choice("which", default="which-end"),
        task("more"),
        end(),
        chain("start", *steps, "which", "end"),
        flow("which", "more", "score > 60" if given_by else "True"),
        chain("more", "end"),
    )


@pytest.mark.parametrize(
    ("done", "given_by", "knows", "expected"),
    [
        ((), "fill", {}, []),
        (("fill",), "fill", {}, ["data_missing"]),
        (("fill",), "fill", {"score": 1}, []),
        (("fill",), "review", {}, []),
    ],
)
def test_data_that_nobody_will_be_asked_for_any_more(
    done: tuple[str, ...], given_by: str, knows: dict[str, int], expected: list[str]
) -> None:
    """Only the new version has the question for the score in a form; who passed that form does not know it."""
    played = Played(rated("fill", "review", given_by=""))
    for each in done:
        played.do(each, knows)
    new = load_definition(rated("fill", "review", given_by=given_by))
    silent = {key: FormFacts() for key in ("fill", "review", "more")}
    facts = Facts(forms=silent), Facts(forms=silent | {given_by: FormFacts({"score": "number"})})
    ahead = Ahead(played.definition, facts[0]), Ahead(new, facts[1])
    found = examine(plan_route(played.definition, new, {}, ahead), played.step.state, played.world)
    assert [one.code for one in found] == expected
    if expected:
        assert "score" in found[0].message
