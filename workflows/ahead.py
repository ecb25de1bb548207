"""What can come next from where a case stands: the next steps of people, waits and ends, with the words on the way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.bpmn import Catalogue, Element, Flow
from workflows.wording import type_word

_STOPS = frozenset({"userTask", "manualTask", "task", "receiveTask", "intermediateCatchEvent"})
_Way = tuple[str, tuple[str, ...]]  # an element and the words on the way to it


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that can come next, after `after`; `words` are the labels of the ways there, e.g. ("退回",)."""

    element: str
    type: str
    kind: str  # Chinese
    name: str
    lane: str | None
    after: str
    words: tuple[str, ...] = ()
    interrupts: bool = False  # comes by an event that ends the present step, not by completing it


def ahead(catalogue: Catalogue, elements: Iterable[str]) -> list[Ahead]:
    """What can come next from each of the given elements, nearest first.

    These are the next steps of people, waits and ends of the process. The end of a subprocess with several ends
    counts as well: what follows depends on which of them it is.
    """
    return [found for key in dict.fromkeys(elements) if key in catalogue.elements for found in _from(catalogue, key)]


def describe_ahead(item: Ahead) -> str:
    """The same in Chinese: 退回：人工任务「补正申报材料」（申报单位）."""
    head = f"{item.kind}「{item.name}」" if item.name else item.kind
    lane = f"（{item.lane}）" if item.lane else ""
    words = "，".join(item.words)
    return f"{words}：{head}{lane}" if words else f"{head}{lane}"


def _from(catalogue: Catalogue, key: str) -> Iterator[Ahead]:
    yield from _search(catalogue, key, _onward(catalogue, catalogue.elements[key], ()), False)
    for around in catalogue.around(key):
        for event_id in catalogue.attached.get(around.id, ()):
            event = catalogue.elements[event_id]
            interrupting = event.event is None or event.event.interrupting
            ways = _onward(catalogue, event, (event.name or type_word(event),))
            yield from _search(catalogue, key, ways, interrupting)


def _search(catalogue: Catalogue, after: str, ways: Iterable[_Way], interrupts: bool) -> Iterator[Ahead]:
    """Breadth first; each element once, by the way with the fewest elements."""
    todo = _first_of_each(ways)
    seen = set(todo)
    while todo:
        reached: list[_Way] = []
        for key, words in todo.items():
            element = catalogue.elements[key]
            if _stops(catalogue, element):
                yield Ahead(key, element.type, _kind(element), element.name, element.lane, after, words, interrupts)
            else:
                reached.extend(_through(catalogue, element, words))
        todo = _first_of_each((key, words) for key, words in reached if key not in seen)
        seen.update(todo)


def _first_of_each(ways: Iterable[_Way]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, words in ways:
        found.setdefault(key, words)
    return found


def _stops(catalogue: Catalogue, element: Element) -> bool:
    if element.type != "endEvent":
        return element.type in _STOPS
    if element.parent == element.process:
        return True
    siblings = catalogue.contents.get(element.parent, ())
    return sum(1 for key in siblings if catalogue.elements[key].type == "endEvent") > 1


def _kind(element: Element) -> str:
    is_inner_end = element.type == "endEvent" and element.parent != element.process
    return "本阶段结束" if is_inner_end else type_word(element)


def _through(catalogue: Catalogue, element: Element, words: tuple[str, ...]) -> Iterator[_Way]:
    """Where a token goes from an element that waits for nobody: into a subprocess, or on."""
    starts = catalogue.starts(element.id)
    return ((start, words) for start in starts) if starts else _onward(catalogue, element, words)


def _onward(catalogue: Catalogue, element: Element, words: tuple[str, ...]) -> Iterator[_Way]:
    """Along the flows out of an element; where there are none, along those of the subprocess that is over then."""
    for level in catalogue.around(element.id):
        for flow in (catalogue.flows[f] for f in level.outgoing):
            if flow.target in catalogue.elements:
                yield flow.target, (*words, *_word(level, flow))
        if level.outgoing:
            return


def _word(source: Element, flow: Flow) -> tuple[str, ...]:
    """The label of a flow; behind a gateway that asks a question, with the question: 需征求意见？是."""
    if not flow.name:
        return ()
    question = source.name if source.name.endswith(("？", "?")) else ""
    return (f"{question}{flow.name}",)
