"""Where expressions stand in a diagram: one list that the rules on syntax and on variables both go through."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from workflows.bpmn import Catalogue, Element, Flow
from workflows.python_subset import MAX_LENGTH, Expression, analyse, analyse_script
from workflows.wording import label, name_of

MAX_TEXT: Final = 500_000
_TALLY: Final = frozenset({"instances", "completed"})  # what a completion condition sees besides data
_DEADLINE_WORDS: Final = ("office_hours", "phase_end", "on_return")
_SERVICE_WORDS: Final = ("name", "result")


@dataclass(frozen=True, slots=True)
class Place:
    """One expression: `holder` is the element or flow to mark, `at` the element where it is evaluated."""

    holder: str
    at: str
    what: str  # Chinese, e.g. 「网关」到「下一步」的条件
    expression: Expression
    given: frozenset[str] = frozenset()  # names that exist just here


def read_places(catalogue: Catalogue, elements: Iterable[Element], flows: Iterable[Flow]) -> list[Place]:
    """The expressions of these elements and flows, up to `MAX_TEXT` characters in all; unreadable scripts have none."""
    found: list[Place] = []
    left = MAX_TEXT
    for place in _all_places(catalogue, elements, flows):
        left -= weight(place)
        if left < 0:
            break
        found.append(place)
    return found


def weight(place: Place) -> int:
    """What a place counts against `MAX_TEXT`; what is too long for an expression is not parsed at all."""
    return min(len(place.expression.text), MAX_LENGTH)


def _all_places(catalogue: Catalogue, elements: Iterable[Element], flows: Iterable[Flow]) -> Iterator[Place]:
    yield from _conditions(catalogue, flows)
    for element in elements:
        yield from _of_event(element)
        yield from _of_service(element)
        yield from _of_task(catalogue, element)
        yield from _of_loop(element)
        yield from _of_script(element)


def script_text(element: Element) -> str:
    """The script of a script task."""
    return element.script or ""


def _conditions(catalogue: Catalogue, flows: Iterable[Flow]) -> Iterator[Place]:
    for flow in flows:
        source = catalogue.elements.get(flow.source)
        if source is not None and flow.condition is not None and flow.id != source.default:
            what = f"{label(source)}到{name_of(catalogue, flow.target)}的条件"
            yield Place(flow.id, source.id, what, analyse(flow.condition))


def _of_event(element: Element) -> Iterator[Place]:
    if element.event and element.event.timer:
        yield _place(element, "的时间", element.event.timer)


def _of_service(element: Element) -> Iterator[Place]:
    call = element.extension("service") if element.type == "serviceTask" else None
    for name, text in (call or {}).items():
        if name not in _SERVICE_WORDS:
            yield _place(element, f"的参数“{name}”", text)


def _of_task(catalogue: Catalogue, element: Element) -> Iterator[Place]:
    if element.type != "userTask":
        return
    assignment = catalogue.assignment(element.id) or {}
    words = (("region", "的办理地区"), ("organisation", "的办理单位"), ("person", "的办理人"))
    yield from (_place(element, what, assignment[key]) for key, what in words if assignment.get(key))
    for name, text in (element.extension("deadline") or {}).items():
        if text and not text.isdecimal() and name not in _DEADLINE_WORDS:
            yield _place(element, "的办理期限", text)
    for name, where in (("overdue", "到期处理"), ("cc", "抄送")):
        given = element.extension(name) or {}
        yield from (_place(element, f"{what}（{where}）", given[key]) for key, what in words if given.get(key))


def _of_loop(element: Element) -> Iterator[Place]:
    loop = element.loop
    if loop is None:
        return
    if loop.collection:
        yield _place(element, "的会签名单", loop.collection)
    if loop.cardinality and loop.kind == "multi":
        yield _place(element, "的会签人数", loop.cardinality)
    if loop.condition:
        inner = frozenset(filter(None, (loop.item, loop.output_item, loop.output)))
        yield _place(element, "的结束条件", loop.condition, _TALLY | inner)


def _of_script(element: Element) -> Iterator[Place]:
    if element.type == "scriptTask":
        given: frozenset[str] = frozenset()
        for line in analyse_script(script_text(element))[0]:
            yield Place(element.id, element.id, f"{label(element)}中“{line.name}”的值", line.expression, given)
            given |= {line.name}


def _place(element: Element, what: str, text: str, given: frozenset[str] = frozenset()) -> Place:
    return Place(element.id, element.id, f"{label(element)}{what}", analyse(text), given)
