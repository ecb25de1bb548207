"""Tokens go back on the main way and within their branch, and straight back again as if they had never left."""

import os
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.processes.drawing import boundary, chain, choice, diagram, end, flow, fork, signing, start, sub, task, timer
from tests.processes.playing import Played
from tests.processes.random_diagrams import Drawn, all_nodes, chosen_way, draw, first_data, task_data
from workflows import CannotMoveError, OpenTask, complete
from workflows.returning import ReturnPlace, come_back, place_for, places_behind, send_back

BLOCK = diagram(
    start(),
    task("fill"),
    boundary("overdue", "fill", timer("after(10)")),
    task("review"),
    choice("into"),
    fork("split"),
    task("left"),
    task("left_2"),
    task("right"),
    fork("join"),
    task("sign", signing()),
    sub("visit", start("s"), task("look"), task("report"), end("e"), chain("s", "look", "report", "e")),
    task("decide"),
    choice("ok", default="ok-end"),
    end(),
    chain("start", "fill", "review", "into", "split", "left", "left_2", "join", "sign", "visit", "decide", "ok", "end"),
    chain("split", "right", "join"),
    chain("overdue", "review"),
    flow("ok", "into", "again == 1"),
)


LOOP = diagram(
    start(),
    task("fill"),
    task("seal"),
    choice("sealed", default="sealed-review"),
    task("review"),
    end(),
    chain("start", "fill", "seal", "sealed", "review", "end"),
    flow("sealed", "fill", "wrong == 1"),
)


class Walk(Played):
    """A case that remembers what it passed."""

    def __init__(self, drawn: bytes, data: dict[str, object]) -> None:
        super().__init__(drawn, data)
        self.been: set[str] = set()
        self.note()

    def note(self) -> None:
        self.been |= {passed.element for passed in self.step.way}

    def finish(self, element: str, **data: object) -> None:
        self.do(element, data)
        self.note()

    def back(self, element: str, target: str) -> tuple[ReturnPlace, dict[str, object]]:
        place = place_for(self.definition, element, target, self.been)
        self.step, parked = send_back(self.definition, self.step.state, self.task(element).id, place, self.world)
        self.note()
        return place, parked

    def straight(self, element: str, parked: dict[str, object], **data: object) -> None:
        found = self.task(element)
        self.step = come_back(self.definition, self.step.state, found.id, parked, data, self.world)
        self.note()


def at_the_fork() -> Walk:
    walk = Walk(BLOCK, {"signers": [1, 2], "again": 0})
    walk.finish("fill")
    walk.finish("review")
    return walk


def test_what_lies_behind_a_way_back_is_not_done_again() -> None:
    walk = Walk(LOOP, {"wrong": 1})
    for element, data in [("fill", {}), ("seal", {"wrong": 1}), ("fill", {}), ("seal", {"wrong": 0})]:
        walk.finish(element, **data)
    places = places_behind(walk.definition, "review", walk.been)
    assert [(place.element, place.again) for place in places] == [
        ("seal", ("seal", "review")),
        ("fill", ("fill", "seal", "review")),
    ]


def test_only_what_was_passed_on_the_way_is_offered() -> None:
    walk = at_the_fork()
    walk.finish("left")
    places = places_behind(walk.definition, "left_2", walk.been)
    assert [(p.element, p.forks) for p in places] == [("left", ()), ("review", ("split",)), ("fill", ("split",))]
    assert [p.comes_back for p in places] == [True, True, True]
    assert places[1].again == ("review", "left", "left_2")


def test_within_a_branch_the_others_go_on() -> None:
    walk = at_the_fork()
    walk.finish("left")
    walk.back("left_2", "left")
    assert walk.elements == ["left", "right"]
    walk.finish("right")
    walk.finish("left")
    walk.finish("left_2")
    assert walk.elements == ["sign", "sign"]


def test_out_of_a_branch_the_whole_block_goes_back() -> None:
    walk = at_the_fork()
    walk.finish("left")
    walk.back("left_2", "review")
    assert walk.elements == ["review"]
    for element in ("review", "right", "left", "left_2"):
        walk.finish(element)
    assert walk.elements == ["sign", "sign"]


def test_straight_back_the_others_are_where_they_were() -> None:
    walk = at_the_fork()
    walk.finish("left", left=1)
    before = [t.id for t in walk.open]
    _place, parked = walk.back("left_2", "fill")
    assert walk.elements == ["fill"]
    assert [t.element for t in walk.step.timers] == ["overdue"]
    walk.straight("fill", parked, again=0, fixed="yes")
    assert walk.elements == ["left_2", "right"]
    assert walk.task("left_2").id in before
    assert (walk.task("right").data["fixed"], walk.task("left_2").data["left"]) == ("yes", 1)
    for element in ("left_2", "right"):
        walk.finish(element)
    assert walk.elements == ["sign", "sign"]


def test_votes_survive_a_return_that_comes_straight_back() -> None:
    walk = at_the_fork()
    for element in ("left", "left_2", "right"):
        walk.finish(element)
    walk.finish("sign", ok=True)
    _place, parked = walk.back("sign", "review")
    walk.straight("review", parked)
    assert walk.elements == ["sign"]
    walk.finish("sign", ok=False)
    assert [vote["ok"] for vote in walk.step.data["votes"]] == [True, False]


def test_into_a_finished_block_means_the_step_before_its_fork() -> None:
    walk = at_the_fork()
    for element in ("left", "left_2", "right"):
        walk.finish(element)
    place = place_for(walk.definition, "sign", "left_2", walk.been)
    assert (place.element, place.asked) == ("review", "left_2")


def test_into_signers_and_subprocesses_means_the_whole_of_them() -> None:
    walk = at_the_fork()
    for element in ("left", "left_2", "right", "sign", "sign", "look", "report"):
        walk.finish(element)
    place = place_for(walk.definition, "decide", "look", walk.been)
    assert (place.element, place.comes_back) == ("visit", False)
    walk.back("decide", "report")
    assert walk.elements == ["look"]
    walk.back("look", "sign")
    assert walk.elements == ["sign", "sign"]


@pytest.mark.parametrize("target", ["decide", "nowhere", "split", "join"])
def test_what_lies_ahead_or_is_no_step_is_refused(target: str) -> None:
    with pytest.raises(CannotMoveError):
        place_for(BLOCK_DEFINITION.definition, "review", target, {"start", "fill", "split"})


BLOCK_DEFINITION = at_the_fork()


@settings(max_examples=int(os.environ.get("RANDOM_WALKS", "150")), deadline=None)
@given(st.integers(0, 10**9))
@example(16325)  # a fork inside one of which a single way was taken, and which was cut off the tree
def test_random_walks_with_returns_come_to_an_end(seed: int) -> None:
    random = Random(seed)
    drawn = draw(random)
    walk = Walk(drawn.bpmn, first_data(drawn.graph, random))
    for _ in range(random.randint(3, 25)):
        if not walk.open:
            break
        _play(walk, drawn, random)
    _to_the_end(walk, drawn)
    assert walk.step.end is not None


def _play(walk: Walk, drawn: Drawn, random: Random) -> None:
    found = random.choice(walk.open)
    places = places_behind(walk.definition, found.element, walk.been)
    if not places or random.random() < 0.6:
        _complete(walk, found, task_data(drawn.graph, found.element, 1, random))
        return
    place, before = random.choice(places), sorted(t.id for t in walk.open)
    step, parked = send_back(walk.definition, walk.step.state, found.id, place, walk.world)
    assert step.failed_entering is None
    walk.step = step
    walk.note()
    assert found.id not in {t.id for t in walk.open}
    there = [t for t in walk.open if t.element == place.element]
    if place.comes_back and len(there) == 1 and random.random() < 0.6:
        walk.step = come_back(walk.definition, walk.step.state, there[0].id, parked, {}, walk.world)
        assert sorted(t.id for t in walk.open) == before


def _complete(walk: Walk, found: OpenTask, data: dict[str, object]) -> None:
    walk.step = complete(walk.definition, walk.step.state, found.id, data, walk.world)
    walk.note()


def _to_the_end(walk: Walk, drawn: Drawn) -> None:
    """Leave every loop at once."""
    nodes = {node.key: node for node in all_nodes(drawn.graph)}
    calm = Random(1)
    for _ in range(2000):
        if walk.step.end is not None or not walk.open:
            return
        found = walk.open[0]
        decides = nodes[found.element].decides
        way = {} if not decides else {f"c_{decides}": 0 if nodes[decides].returns else chosen_way(nodes[decides], calm)}
        _complete(walk, found, {f"v_{found.element}": 1} | way)
