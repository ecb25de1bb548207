"""An instance that moves between two versions after every step goes on as if it had never moved.

The versions differ in the ids of all gateways and subprocesses, so that every join, fork and level is mapped.
"""

import os
import re
from random import Random

import pytest

from tests.processes.drawing import boundary, end, flow, message, timer
from tests.processes.random_diagrams import Drawn, draw, first_data, task_data
from tests.processes.test_random_diagrams import CONTEXT, MOST_STEPS, compare, place
from tests.processes.token_game import TokenGame
from workflows import complete, list_open, load_definition, start
from workflows.migration import migrate
from workflows.routes import plan_route

DIAGRAMS = int(os.environ.get("RANDOM_MIGRATIONS", "60"))
BATCHES = 4
_KEY = re.compile(rb"\b((?:fork|some|choice|sub)\d+)\b")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_migrating_after_every_step_changes_nothing(batch: int) -> None:
    for seed in range(batch, DIAGRAMS, BATCHES):
        play(draw(Random(seed)), Random(f"play {seed}"), f"seed {seed}")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_events_at_every_border_come_and_go_after_every_step(batch: int) -> None:
    for seed in range(batch, DIAGRAMS // 3, BATCHES):
        drawn = draw(Random(seed))
        play(drawn, Random(f"play {seed}"), f"seed {seed}", bordered(drawn.bpmn))


def bordered(bpmn: bytes) -> bytes:
    """The same diagram with a message and a timer at the border of every step; neither ever comes."""

    def more(found: re.Match[str]) -> str:
        key = found[1]
        events = (
            boundary(f"m_{key}", key, message("never"), interrupting=False),
            boundary(f"t_{key}", key, _LATE, interrupting=False),
        )
        ways = "".join(end(f"e{kind}_{key}") + flow(f"{kind}_{key}", f"e{kind}_{key}") for kind in "mt")
        return found[0] + "".join(events) + ways

    text = _TASK.sub(more, bpmn.decode())
    return text.replace("<bpmn:process ", '<bpmn:message id="m_never" name="never"/><bpmn:process ', 1).encode()


_TASK = re.compile(r'<bpmn:userTask id="(\w+)".*?</bpmn:userTask>', re.DOTALL)
_LATE = timer("'P9999D'")


def play(drawn: Drawn, random: Random, label: str, other: bytes | None = None) -> None:
    here, there = load_definition(drawn.bpmn), load_definition(other or _KEY.sub(rb"\1_b", drawn.bpmn))
    keys = [] if other else [key.decode() for key in set(_KEY.findall(drawn.bpmn))]
    route = plan_route(here, there, {key: f"{key}_b" for key in keys})
    back = plan_route(there, here, {f"{key}_b": key for key in keys})
    data = first_data(drawn.graph, random)
    game, step = TokenGame(drawn.graph, data), start(here, data, CONTEXT)
    for count in range(MOST_STEPS):
        where = f"{label}, step {count}"
        found = sorted(list_open(here, step.state, CONTEXT), key=place)
        compare(game, step, found, where)
        if game.is_over():
            return
        moved = migrate(route, step.state, CONTEXT)
        assert (moved.opened, moved.closed, moved.way) == ([], [], []), where
        assert sorted(list_open(there, moved.state, CONTEXT), key=place) == found, where
        task = random.choice(found)
        written = task_data(drawn.graph, task.element, count, random)
        game.complete(task.element, written, task.data.get("signer"))
        step = complete(there, moved.state, task.id, written, CONTEXT)
        here, there, route, back = there, here, back, route
