"""From figures to what is drawn and listed: pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.definitions.library import Published
from workflows.bpmn import GATEWAYS
from workflows.wording import type_word

COUNT, TIME = "count", "time"
_LEVELS = 5
Ways = Mapping[str, Sequence[int]]
Steps = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One element in the table."""

    element: str
    name: str
    kind: str
    lane: str
    passes: int
    cases: int
    waiting: int
    mean: str
    half: str
    most: str
    oldest: str


def heat_of(values: Mapping[str, float]) -> dict[str, str]:
    """Element → ``heat1`` to ``heat5``, by the logarithm: few and many are told apart at both ends."""
    most = max(values.values(), default=0)
    if most <= 0:
        return {}
    return {
        key: f"heat{max(1, math.ceil(_LEVELS * math.log1p(value) / math.log1p(most)))}"
        for key, value in values.items()
        if value > 0
    }


def weights(
    published: Published, ways: Mapping[str, Sequence[int]], steps: Mapping[str, Any], by: str
) -> dict[str, float]:
    """What colours the elements: how often they were passed, or how long half of the decisions took at most."""
    if by == TIME:
        return {key: float(found["half"]) for key, found in steps.items() if found["half"] is not None}
    elements = published.definition.catalogue.elements
    return {key: float(passes) for key, (passes, _cases) in ways.items() if key in elements}


def figures(
    published: Published, ways: Mapping[str, Sequence[int]], steps: Mapping[str, Any], by: str
) -> dict[str, str]:
    """What stands beside the shapes, and beside the ways out of gateways."""
    catalogue = published.definition.catalogue
    if by == TIME:
        return {key: span(found["half"]) for key, found in steps.items() if found["half"] is not None}
    found = {key: f"{ways[key][0]:,}" for key, element in catalogue.elements.items() if key in ways and element.name}
    split = [flow for flow in catalogue.flows.values() if flow.id in ways and _is_choice(published, flow.source)]
    return found | {flow.id: f"{ways[flow.id][0]:,}" for flow in split}


def _is_choice(published: Published, source: str) -> bool:
    element = published.definition.catalogue.elements.get(source)
    return element is not None and element.type in GATEWAYS and len(element.outgoing) > 1


def rows_of(published: Published, ways: Ways, steps: Steps) -> list[Row]:
    """The elements with a name that cases came to, in the order of the diagram."""
    elements = published.definition.catalogue.elements.values()
    return [
        Row(
            element=e.id,
            name=e.name,
            kind=type_word(e),
            lane=e.lane or "",
            passes=(ways.get(e.id) or (0, 0))[0],
            cases=(ways.get(e.id) or (0, 0))[1],
            waiting=steps.get(e.id, {}).get("open", 0),
            **{name: span(steps.get(e.id, {}).get(name)) for name in ("mean", "half", "most", "oldest")},
        )
        for e in elements
        if e.name and (e.id in ways or e.id in steps)
    ]


def span(seconds: float | None) -> str:
    """A span of time in the unit in which people think of it; nothing for none."""
    if seconds is None:
        return ""
    for unit, length in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}".replace(".0 ", " ")
    return f"{max(0, round(seconds))} 秒"
