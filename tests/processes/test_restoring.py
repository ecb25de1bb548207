"""A stored state is all there is: it can be taken up by another process, by threads, and does not grow."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.processes.drawing import chain, choice, diagram, end, flow, fork, script, signing, start, sub, task
from tests.processes.playing import Played
from workflows import Definition, StateError, list_open, load_definition

ROOT = Path(__file__).parents[2]

ROUNDS = diagram(
    start(),
    sub(
        "body",
        start("s"),
        task("fill"),
        fork("split"),
        task("left"),
        task("right"),
        fork("join"),
        task("sign", signing()),
        task("review"),
        choice("verdict", default="verdict-fill"),
        end("e"),
        chain("s", "fill", "split", "left", "join", "sign", "review", "verdict", "fill"),
        chain("split", "right", "join"),
        flow("verdict", "e", "outcome == 'pass'"),
    ),
    script("count", "total = a + b"),
    end(),
    chain("start", "body", "count", "end"),
)
SIGNERS = {"signers": [1, 2], "a": 0, "b": 0}


def play_round(played: Played, number: int, outcome: str) -> None:
    first, second = ("left", "right") if number % 2 else ("right", "left")
    played.do("fill", {"round": number})
    played.do(first, {"a" if first == "left" else "b": number})
    played.do(second, {"a" if second == "left" else "b": number})
    for signer in (2, 1):
        played.do("sign", {"vote": number * signer}, signer=signer)
    played.do("review", {"outcome": outcome})


def test_four_hundred_returns_leave_the_state_as_large_as_one() -> None:
    played = Played(ROUNDS, SIGNERS)
    sizes = []
    for number in range(400):
        play_round(played, 100 + number, "return")
        state = json.loads(played.step.state)
        sizes.append((len(played.step.state), sum(len(level["tasks"]) for level in [state["main"], *state["inner"]])))
    assert {tasks for _, tasks in sizes} == {sizes[0][1]}
    assert max(length for length, _ in sizes) - min(length for length, _ in sizes) < 100
    play_round(played, 1000, "pass")
    assert played.step.data["total"] == 2000
    assert played.step.data["votes"] == [2000, 1000]


_ELSEWHERE = """
import json, sys
from tests.processes.playing import Played
given = json.load(sys.stdin)
step = Played.resumed(given["bpmn"].encode(), given["state"]).do(given["element"], given["data"])
print(json.dumps({"state": step.state, "data": step.data, "ended": step.end is not None}))
"""


def test_every_task_is_completed_in_a_process_of_its_own() -> None:
    state = Played(ROUNDS, SIGNERS | {"signers": [5]}).step.state
    for element, data in [
        ("fill", {"round": 1}),
        ("right", {"b": 2}),
        ("left", {"a": 1}),
        ("sign", {"vote": 3}),
        ("review", {"outcome": "pass"}),
    ]:
        answer = elsewhere(state, element, data)
        state = answer["state"]
    assert answer["ended"]
    assert (answer["data"]["total"], answer["data"]["votes"]) == (3, [3])


def elsewhere(state: str, element: str, data: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        input=json.dumps({"bpmn": ROUNDS.decode(), "state": state, "element": element, "data": data}),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def play_alone(definition: Definition, number: int) -> tuple[list[str], dict[str, Any]]:
    """One instance on a shared definition: the way it went and its data."""
    played = Played(definition, SIGNERS)
    way = []
    for turn, outcome in enumerate(["return", "return", "pass"]):
        play_round(played, number + turn, outcome)
        way += played.passed
    return way, played.step.data


def test_threads_share_a_definition() -> None:
    definition = load_definition(ROUNDS)
    expected = [play_alone(definition, number) for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: play_alone(definition, number), range(20))) == expected


def test_instances_leave_no_trace_on_the_definition() -> None:
    definition = load_definition(ROUNDS)
    before = shape(definition)
    play_alone(definition, 1)
    assert shape(definition) == before


def shape(definition: Definition) -> list[tuple[str, list[str], list[str], int]]:
    levels = [definition.spec, *definition.inner.values()]
    return [
        (spec.name, list(spec._inputs), list(spec._outputs), spec.completed_event.n_subscribers())
        for level in levels
        for spec in level.task_specs.values()
    ]


def test_a_step_in_which_nothing_happens_leaves_the_state_as_it_is() -> None:
    played = Played(ROUNDS, SIGNERS)
    for element in ("fill", "left", "right"):
        state = played.do(element).state
        assert played.wait(days=1).state == state


def in_first_format(text: str) -> str:
    """A state as it was stored at first: everything is said of every task, whatever is usual too."""
    state = json.loads(text)
    levels = [state["main"], *state["inner"]]
    data: dict[str, dict[str, Any]] = {}
    for level in levels:
        for key, usual in {"success": True, "completed": False, "data": {}}.items():
            level.setdefault(key, usual)
        for place, each in enumerate(level["tasks"]):
            each.setdefault("parent", place - 1 if place else None)
            each.setdefault("state", 64)
            each.setdefault("since", 0)
            above = data[level["parent"]] if each.pop("held", False) else {}
            if each["parent"] is not None and each["state"] >= 8:
                above = data[level["tasks"][each["parent"]]["id"]]
            known = {key: value for key, value in above.items() if key not in each.get("unset", ())}
            data[each["id"]] = known | each.get("set", {})
            if each["parent"] is None:
                each["set"] = data[each["id"]]
    return json.dumps(state | {"format": 1})


def test_states_in_the_first_format_go_on() -> None:
    new, old = Played(ROUNDS, SIGNERS), Played(ROUNDS, SIGNERS)
    for number, outcome in enumerate(["return", "pass"]):
        for element, data in [("fill", {"round": number}), ("left", {"a": 1}), ("right", {"b": 2})]:
            new.do(element, data)
            old.do(element, data)
            old.step = replace(old.step, state=in_first_format(old.step.state))
            assert "held" in new.step.state
        for signer in (1, 2):
            new.do("sign", {"vote": signer}, signer=signer)
            old.do("sign", {"vote": signer}, signer=signer)
        new.do("review", {"outcome": outcome})
        old.do("review", {"outcome": outcome})
    assert new.step.end
    assert (old.step.end, old.step.data, old.passed) == (new.step.end, new.step.data, new.passed)


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"format": 99}'])
def test_what_is_no_state_is_refused(text: str) -> None:
    played = Played(ROUNDS, SIGNERS)
    with pytest.raises(StateError):
        list_open(played.definition, text, played.world)


def test_a_damaged_state_is_refused() -> None:
    played = Played(ROUNDS, SIGNERS)
    state = json.loads(played.step.state)
    state["main"]["tasks"][1]["spec"] = "gone"
    with pytest.raises(StateError):
        list_open(played.definition, json.dumps(state), played.world)


def test_a_state_belongs_to_its_version() -> None:
    played = Played(ROUNDS, SIGNERS)
    other = load_definition(ROUNDS.replace(b'"review"', b'"inspect"').replace(b"review-", b"inspect-"))
    with pytest.raises(StateError):
        list_open(other, played.step.state, played.world)
