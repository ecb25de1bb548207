"""The engine and an independent token game agree on every random diagram, stored and restored after every step."""

import os
from datetime import UTC, datetime
from random import Random

import pytest

from tests.processes.random_diagrams import Drawn, draw, first_data, task_data
from tests.processes.token_game import Data, TokenGame
from workflows import Context, OpenTask, Step, complete, list_open, load_definition, start

DIAGRAMS = int(os.environ.get("RANDOM_DIAGRAMS", "1000"))
BATCHES = 20
MOST_STEPS = 40
CONTEXT = Context(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_engine_agrees_with_the_token_game(batch: int) -> None:
    for seed in range(batch, DIAGRAMS, BATCHES):
        play(draw(Random(seed)), Random(f"play {seed}"), f"seed {seed}")


def play(drawn: Drawn, random: Random, label: str) -> None:
    """Play one diagram on both sides, to its end or for a number of steps, and compare after every step."""
    definition = load_definition(drawn.bpmn)
    data = first_data(drawn.graph, random)
    game, step = TokenGame(drawn.graph, data), start(definition, data, CONTEXT)
    told: set[str] = set()  # open, as the steps told
    for count in range(MOST_STEPS):
        told = (told - {closed.id for closed in step.closed}) | {opened.id for opened in step.opened}
        found = sorted(list_open(definition, step.state, CONTEXT), key=place)
        assert told == {task.id for task in found}
        compare(game, step, found, f"{label}, step {count}")
        if game.is_over():
            return
        task = random.choice(found)
        written = task_data(drawn.graph, task.element, count, random)
        game.complete(task.element, written, task.data.get("signer"))
        step = complete(definition, step.state, task.id, written, CONTEXT)


def place(task: OpenTask) -> tuple[str, int]:
    return task.element, task.data.get("signer", 0)


def compare(game: TokenGame, step: Step, found: list[OpenTask], label: str) -> None:
    assert step.incidents == [], label
    assert step.failed_entering is None, label
    expected = sorted(((key, plain(data)) for key, data in game.open()), key=repr)
    assert sorted(((task.element, sorted(task.data.items())) for task in found), key=repr) == expected, label
    assert (step.end is not None) == game.is_over(), label
    if game.is_over():
        assert sorted(step.data.items()) == plain(game.result()), label


def plain(data: Data) -> list[tuple[str, object]]:
    return sorted((key, written.value) for key, written in data.items())
