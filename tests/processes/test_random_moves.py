"""Wherever a token may be moved and whatever may be skipped, no instance gets stuck: it can be played to its end."""

import os
from random import Random

import pytest

from tests.processes.random_diagrams import Drawn, draw, first_data, task_data
from tests.processes.test_random_diagrams import CONTEXT
from workflows import Definition, Step, complete, goto, list_open, list_tokens, load_definition, skip, start

DIAGRAMS = int(os.environ.get("RANDOM_MOVES", "60"))
BATCHES = 4
MOST_STEPS = 60


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_move_leaves_an_instance_stuck(batch: int) -> None:
    for seed in range(batch, DIAGRAMS, BATCHES):
        play(draw(Random(seed)), Random(f"move {seed}"), f"seed {seed}")


def play(drawn: Drawn, random: Random, label: str) -> None:
    definition = load_definition(drawn.bpmn)
    step = start(definition, first_data(drawn.graph, random), CONTEXT)
    for count in range(MOST_STEPS):
        if step.end:
            return
        act = random.choice(["complete", "move", "skip"]) if count < 6 else "complete"
        before = step.state
        step = one_step(drawn, definition, step, act, random, count)
        where = f"{label}, step {count}, {act}"
        assert step.incidents == [], where
        if step.failed_entering:  # a name of a signer that is taken already: refused, nothing has happened
            assert step.state == before, where
        assert step.end or list_open(definition, step.state, CONTEXT), where


def one_step(drawn: Drawn, definition: Definition, step: Step, act: str, random: Random, count: int) -> Step:
    tokens = list_tokens(definition, step.state, CONTEXT)
    if act == "move":
        token = random.choice([one for one in tokens if one.targets])
        target = random.choice(token.targets)
        return goto(definition, step.state, target, {"votes": []}, CONTEXT, token.id or None)
    task = random.choice(list_open(definition, step.state, CONTEXT))
    written = task_data(drawn.graph, task.element, count, random)
    if act == "skip":
        token = random.choice([one for one in tokens if one.id and one.can_pass])
        facts = task_data(drawn.graph, token.element, count, random) if token.element == task.element else {}
        return skip(definition, step.state, token.id, facts, CONTEXT)
    return complete(definition, step.state, task.id, written, CONTEXT)
