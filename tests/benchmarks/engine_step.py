"""How long one step of the engine takes: restore, complete, run to the next wait, store.

Measured on the declaration process while it goes round in returns for correction, at the first and after many.
"""

import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workflows import Context, Definition, Step, complete, list_open, load_definition, start

DECLARATION = Path(__file__).parents[2] / "workflows" / "diagrams" / "declaration.bpmn"
CONTEXT = Context(datetime(2026, 3, 2, 4, tzinfo=UTC), services={"take_place": lambda **_case: "reserved"})
FACTS = {
    "unit_id": 1,
    "batch_id": 1,
    "honour": "city",
    "level": "city",
    "city_direct": False,
    "county_region": "430602",
    "city_region": "430600",
    "province_region": "430000",
    "deciding_region": "430600",
    "departments": [11, 12, 13],
}
TO_THE_ROUND = [("fill_declaration", {})]
ROUND = [
    ("attach_sealed_form", {"attach_sealed_form_outcome": "submit"}),
    ("review_county", {"review_county_outcome": "return"}),
    ("correct_declaration", {}),
]


@dataclass(frozen=True)
class EngineFigures:
    """Median milliseconds of a step and characters of the state, at the first return and after the last."""

    first_ms: float
    last_ms: float
    first_state: int
    last_state: int
    returns: int


def measure_engine_step(returns: int = 50, repeats: int = 30) -> EngineFigures:
    """Measure steps of the shipped declaration process."""
    definition = load_definition(DECLARATION.read_bytes())
    step = _decided(definition, start(definition, FACTS, CONTEXT), TO_THE_ROUND)
    first = _median_of_round(definition, step, repeats)
    first_state = len(step.state)
    for _ in range(returns):
        step = _decided(definition, step, ROUND)
    return EngineFigures(first, _median_of_round(definition, step, repeats), first_state, len(step.state), returns)


def _decided(definition: Definition, step: Step, decisions: list[tuple[str, dict[str, str]]]) -> Step:
    for element, data in decisions:
        step = complete(definition, step.state, _task(definition, step, element), data, CONTEXT)
    return step


def _task(definition: Definition, step: Step, element: str) -> str:
    return next(t.id for t in list_open(definition, step.state, CONTEXT) if t.element == element)


def _median_of_round(definition: Definition, step: Step, repeats: int) -> float:
    """Median over all steps of one round, each made `repeats` times from the same state."""
    times = []
    for element, data in ROUND:
        task = _task(definition, step, element)
        for _ in range(repeats):
            began = time.perf_counter()
            made = complete(definition, step.state, task, data, CONTEXT)
            times.append(1000 * (time.perf_counter() - began))
        step = made
    return round(statistics.median(times), 3)
