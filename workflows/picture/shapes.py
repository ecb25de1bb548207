"""Elements, lanes and pools as SVG."""

from collections.abc import Iterator

from workflows.bpmn import GATEWAYS, SUBPROCESSES, Element
from workflows.picture.geometry import Box
from workflows.picture.look import HEATS, LANE, LOOKS, Limit, Look, look_of
from workflows.picture.svg import clean, tag
from workflows.picture.symbols import badge, event_sign, gateway_sign, limit_sign, repeat_sign, task_sign
from workflows.picture.text import block, fitted, in_rows, upright, wrapped
from workflows.wording import type_word

_STRIP = 30.0
_THROWN = ("endEvent", "intermediateThrowEvent")


def draw_element(element: Element, box: Box, label: Box | None, state: str | None, limit: Limit | None = None) -> str:
    """One element with its signs, its name, its time limit and the mark of its state."""
    look = look_of(state)
    if element.type in GATEWAYS:
        parts = [_diamond(box, look), gateway_sign(element.type, *box.centre, look.line), _label(element, box, label)]
    elif element.type.endswith("Event") or element.type == "event":
        parts = [*_circle(element, box, look), _label(element, box, label)]
    elif element.type in SUBPROCESSES and box.expanded:
        parts = _expanded(element, box, look)
    else:
        parts = _task(element, box, look, limit)
    spoken = f"{type_word(element)}「{element.name}」" if element.name else type_word(element)
    said = f"{spoken}：{look.words}" if look.words else spoken
    title = tag("title", clean(f"{said}。{limit.words}" if limit else said))
    mark = _badge(element, box, state) if state is not None and state in LOOKS else ""
    classes = f"wm-element wm-{element.type}" + (f" wm-{state}" if state in LOOKS or state in HEATS else "")
    return tag("g", [title, *parts, mark], class_=clean(classes), data_element=element.id)


def draw_strip(name: str, box: Box, *, is_pool: bool) -> str:
    """A pool or lane: its border, and its name in a strip at the left (at the top if it runs downwards)."""
    frame = tag(
        "rect", x=box.x, y=box.y, width=box.width, height=box.height, fill="none", stroke=LANE, stroke_width=1.2
    )
    if box.horizontal:
        strip = tag("rect", x=box.x, y=box.y, width=_STRIP, height=box.height, fill="#eef2f6", stroke=LANE)
        title = upright(name, box.x + _STRIP / 2, box.centre[1], box.height - 10)
    else:
        strip = tag("rect", x=box.x, y=box.y, width=box.width, height=_STRIP, fill="#eef2f6", stroke=LANE)
        lines, size = fitted(name, box.width - 10, _STRIP)
        title = block(lines, box.centre[0], box.y + _STRIP / 2, size, bold=True)
    return tag("g", [frame, strip, title if name else ""], class_="wm-pool" if is_pool else "wm-lane")


def _task(element: Element, box: Box, look: Look, limit: Limit | None) -> list[str]:
    marks = _marks(element, box)
    room = box.height - (22 if marks or limit else 8)
    lines, size = fitted(element.name, box.width - 14, room - 14) if element.name else ([], 12.0)
    shifted = box.centre[1] + (4 if not (marks or limit) else -4)
    return [
        _rectangle(box, look, fill=look.fill, width=look.width + (2.5 if element.type == "callActivity" else 0)),
        task_sign(element.type, box.x + 15, box.y + 14, look.line),
        block(lines, box.centre[0], shifted, size) if lines else "",
        *(repeat_sign(m, x, box.bottom - 11, look.line) for m, x in marks),
        *(_limit(limit, box, look, alone=not marks) if limit else ()),
    ]


def _limit(limit: Limit, box: Box, look: Look, *, alone: bool) -> Iterator[str]:
    """A clock at the lower left, and the length beside it where nothing else stands there."""
    yield limit_sign(box.x + 12, box.bottom - 11, look.line)
    if alone and limit.short:
        yield block([limit.short], box.x + 21, box.bottom - 11, 10, anchor="start")


def _expanded(element: Element, box: Box, look: Look) -> list[str]:
    """Only an outline: what lies behind (lanes) stays visible."""
    dash = "6 4" if element.attributes.get("triggeredByEvent") == "true" else None
    lines, size = fitted(element.name, max(box.width - 30, 20), 34) if element.name else ([], 12.0)
    height = len(lines) * size * 1.25
    return [
        _rectangle(box, look, fill="none", width=look.width, dash=dash),
        block(lines, box.x + 14, box.y + 8 + height / 2, size, anchor="start", halo=True, bold=True) if lines else "",
        *(repeat_sign(m, x, box.bottom - 12, look.line) for m, x in _marks(element, box)),
    ]


def _rectangle(box: Box, look: Look, *, fill: str, width: float, dash: str | None = None) -> str:
    return tag(
        "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=10, fill=fill,
        stroke=look.line, stroke_width=width, stroke_dasharray=dash,
    )  # fmt: skip


def _marks(element: Element, box: Box) -> list[tuple[str, float]]:
    """Markers at the lower edge with their x: repetition, and a plus where the inside is not shown."""
    kinds = []
    if element.loop is not None:
        several = "sequential" if element.loop.sequential else "parallel"
        kinds.append(several if element.loop.kind == "multi" else "loop")
    if element.type in SUBPROCESSES and not box.expanded:
        kinds.append("collapsed")
    left = box.centre[0] - (len(kinds) - 1) * 11
    return [(kind, left + i * 22) for i, kind in enumerate(kinds)]


def _diamond(box: Box, look: Look) -> str:
    x, y = box.centre
    corners = f"{x:.1f},{box.y:.1f} {box.right:.1f},{y:.1f} {x:.1f},{box.bottom:.1f} {box.x:.1f},{y:.1f}"
    return tag("polygon", points=corners, fill=look.fill, stroke=look.line, stroke_width=look.width)


def _circle(element: Element, box: Box, look: Look) -> list[str]:
    """One ring for starts, two for events between, a heavy one for ends; dashed where it does not interrupt."""
    x, y = box.centre
    radius = min(box.width, box.height) / 2
    dash = "4 3" if element.event is not None and not element.event.interrupting else None
    heavy = 2.0 if element.type == "endEvent" else 0.0
    rings = [(radius, look.fill, look.width + heavy)]
    if element.type not in ("startEvent", "endEvent"):
        rings.append((max(radius - 4, 1), "none", 1.3))
    circles = [
        tag("circle", cx=x, cy=y, r=r, fill=fill, stroke=look.line, stroke_width=width, stroke_dasharray=dash)
        for r, fill, width in rings
    ]
    kind = element.event.kind if element.event else "none"
    return [*circles, event_sign(kind, x, y, look.line, thrown=element.type in _THROWN)]


def _label(element: Element, box: Box, label: Box | None) -> str:
    """The name beside a small shape: where the file says, else below."""
    if not element.name:
        return ""
    if label is None:
        lines = wrapped(element.name, 12, 100)
    else:
        lines = in_rows(element.name, 12, label.width + 4, max(1, round(label.height / 14)))
    height = len(lines) * 15
    x, y = label.centre if label is not None else (box.centre[0], box.bottom + 6 + height / 2)
    return block(lines, x, y, 12, halo=True)


def _badge(element: Element, box: Box, state: str) -> str:
    """The mark of a state: on the upper right corner; small and at the lower left where names stand around a shape."""
    line = look_of(state).line
    if element.type.endswith(("Event", "Gateway")):
        return badge(state, box.x + 6, box.bottom - 6, line, 0.75)
    return badge(state, box.right - 3, box.y + 3, line, 1.0)
