"""Colours and line widths by state, as presentation attributes: a page's style sheet can override them by class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

State = Literal["done", "open", "incident"]

TAKEN: Final = "#17603a"
LINE: Final = "#6b7785"
LANE: Final = "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Look:
    """How the outline and inside of a shape are drawn."""

    line: str
    fill: str
    width: float
    words: str  # Chinese, for those who hear the picture


PLAIN: Final = Look("#3e4c59", "#ffffff", 1.6, "")
LOOKS: Final[Mapping[str, Look]] = {
    "done": Look(TAKEN, "#e2f3e9", 2.0, "已完成"),
    "open": Look("#0b5cad", "#e7f1fc", 4.5, "正在办理"),
    "incident": Look("#b42318", "#fdecea", 4.5, "发生故障"),
}
HEATS: Final[Mapping[str, Look]] = {
    "heat1": Look("#8a6d3b", "#fff8e6", 1.6, ""),
    "heat2": Look("#8a5a1f", "#ffe9b8", 1.8, ""),
    "heat3": Look("#8a4510", "#ffd08a", 2.2, ""),
    "heat4": Look("#7d2e0b", "#ffb066", 2.6, ""),
    "heat5": Look("#6d1708", "#ff8a5c", 3.2, ""),
}
"""From little to much; the figure beside the shape says how much."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The time that a step has: a few words inside its shape, and all of it for whoever points at it or listens."""

    short: str
    words: str


def look_of(state: str | None) -> Look:
    """The look for a state; anything unknown looks plain."""
    return LOOKS.get(state or "") or HEATS.get(state or "", PLAIN)
