"""The small signs of BPMN inside shapes: task types, gateway markers, what events wait for, repetition."""

from collections.abc import Mapping
from typing import Final

from workflows.picture.svg import tag

# drawn in a square from -10 to 10 around the origin; "fill" means filled with the line colour
_TASKS: Final[Mapping[str, str]] = {
    "userTask": "M-8 9V5C-8 1-5-1-2-1H2C5-1 8 1 8 5V9ZM0-9A4 4 0 1 0 .1-9ZM-4 9V5M4 9V5",
    "manualTask": "M-8-2H2L0-5C2-7 4-6 5-4L8 0V7H-6C-8 7-8 4-6 4C-9 4-9 1-7 1C-9 1-9-2-8-2Z",
    "serviceTask": "M0-3.5A3.5 3.5 0 1 0 .1-3.5ZM-2-9H2L2.6-6.4 5-5 7.4-6 9.4-2.6 7.4-.8V.8L9.4 2.6 7.4 6 5 5 2.6 6.4 "
    "2 9H-2L-2.6 6.4-5 5-7.4 6-9.4 2.6-7.4.8V-.8L-9.4-2.6-7.4-6-5-5-2.6-6.4Z",
    "scriptTask": "M-5-9H8C4-6 4-3 6 0S7 7 4 9H-8C-4 6-4 3-6 0S-8-6-5-9ZM-3-5H3M-4-1.5H3M-3 2H4M-3 5.5H4",
    "businessRuleTask": "M-9-7H9V7H-9ZM-9-3H9M-9 2H9M-3-3V7",
    "sendTask": "M-9-6H9V6H-9ZL0 1 9-6",
    "receiveTask": "M-9-6H9V6H-9ZL0 1 9-6",
}
_EVENTS: Final[Mapping[str, str]] = {
    "timer": "M0-9A9 9 0 1 0 .1-9ZM0-6V0L4 3M0-9V-7.4M0 7.4V9M-9 0H-7.4M7.4 0H9",
    "message": "M-8-5.5H8V5.5H-8ZL0 1 8-5.5",
    "signal": "M0-8L8 6H-8Z",
    "error": "M-8 7L-3-8 2 1 8-8 3 8-2-1Z",
    "escalation": "M0-9L7 8 0 1-7 8Z",
    "compensate": "M-1-6V6L-9 0ZM8-6V6L0 0Z",
    "conditional": "M-6-8H6V8H-6ZM-4-5H4M-4-1.5H4M-4 2H4M-4 5.5H4",
    "link": "M-8-3H2V-7L9 0 2 7V3H-8Z",
    "cancel": "M-7-4L-4-7 0-3 4-7 7-4 3 0 7 4 4 7 0 3-4 7-7 4-3 0Z",
    "multiple": "M0-8.5L8-2.6 5 7H-5L-8-2.6Z",
}
_GATEWAYS: Final[Mapping[str, str]] = {
    "exclusiveGateway": "M-7-8L7 8M7-8L-7 8",
    "parallelGateway": "M0-10V10M-10 0H10",
    "inclusiveGateway": "M0-9A9 9 0 1 0 .1-9Z",
    "eventBasedGateway": "M0-12A12 12 0 1 0 .1-12ZM0-9.5A9.5 9.5 0 1 0 .1-9.5ZM0-6L6-1.6 3.6 5H-3.6L-6-1.6Z",
    "complexGateway": "M0-10V10M-10 0H10M-7-7L7 7M7-7L-7 7",
}
_REPEATS: Final[Mapping[str, str]] = {
    "parallel": "M-5-6V6M0-6V6M5-6V6",
    "sequential": "M-6-5H6M-6 0H6M-6 5H6",
    "loop": "M-3 5A6 6 0 1 1 3 5M3 5H7M3 5V1",
    "collapsed": "M-7-7H7V7H-7ZM0-4V4M-4 0H4",
}


def task_sign(kind: str, x: float, y: float, colour: str) -> str:
    """The sign of a task type, centred on a point; nothing for plain tasks."""
    return _sign(_TASKS.get(kind), x, y, colour, 0.85, filled=kind == "sendTask", width=1.3)


def event_sign(kind: str, x: float, y: float, colour: str, *, thrown: bool) -> str:
    """What an event waits for (outlined) or throws (filled)."""
    if kind == "terminate":
        return tag("circle", cx=x, cy=y, r=10, fill=colour)
    return _sign(_EVENTS.get(kind), x, y, colour, 1.0, filled=thrown, width=1.3)


def gateway_sign(kind: str, x: float, y: float, colour: str) -> str:
    """The marker inside a gateway."""
    width = 1.3 if kind == "eventBasedGateway" else 3.0
    return _sign(_GATEWAYS.get(kind), x, y, colour, 1.0, filled=False, width=width)


def repeat_sign(kind: str, x: float, y: float, colour: str) -> str:
    """The marker of multi-instance, loop or a collapsed subprocess."""
    return _sign(_REPEATS.get(kind), x, y, colour, 1.0, filled=False, width=1.6)


def badge(state: str, x: float, y: float, colour: str, scale: float) -> str:
    """The mark of a state, so that colour is never alone: a tick for done, an arrow for open, an exclamation mark."""
    inside = {"done": "M-5 0L-1.5 4 5-4", "open": "M-2-3L4 0-2 3Z", "incident": "M0-6V1M0 4.5V5"}[state]
    line = tag("path", d=inside, fill="#ffffff" if state == "open" else "none", stroke="#ffffff", stroke_width=2)
    return tag(
        "g",
        [tag("circle", r=9, fill=colour, stroke="#ffffff", stroke_width=1.5), line],
        transform=f"{_at(x, y)} scale({scale})",
    )


def limit_sign(x: float, y: float, colour: str) -> str:
    """A small clock: the step has a time limit."""
    return _sign(_EVENTS["timer"], x, y, colour, 0.6, filled=False, width=1.6)


def _sign(data: str | None, x: float, y: float, colour: str, scale: float, *, filled: bool, width: float) -> str:
    if data is None:
        return ""
    shape = tag(
        "path", d=data, fill=colour if filled else "none", stroke="#ffffff" if filled else colour, stroke_width=width
    )
    return tag("g", shape, transform=f"{_at(x, y)} scale({scale})", stroke_linejoin="round", stroke_linecap="round")


def _at(x: float, y: float) -> str:
    return f"translate({x:.1f} {y:.1f})"
