"""Our extensions stand where they are read: elsewhere, or misspelt, they would promise what nothing does."""

from collections.abc import Iterator, Mapping
from typing import Final

from workflows.bpmn import ACTIVITIES, Element
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import TYPES, label

_TASKS: Final = frozenset({"userTask"})
_PLACES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("form", "deadline", "reminders", "overdue", "cc"), _TASKS),
    "assignment": frozenset(ACTIVITIES),
    "service": frozenset({"serviceTask"}),
    "decision": frozenset({"businessRuleTask"}),
    "outcome": frozenset({"endEvent"}),
    "clock": frozenset(),
}
_ELSEWHERE: Final = frozenset({"acknowledge", "bulk", "signature", "signing"})
"""Rules of their own say where these may stand."""
_WHO: Final = frozenset({"roles", "region", "organisation", "person"})
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "acknowledge": frozenset(),
    "assignment": _WHO | {"persons", "exclude"},
    "bulk": frozenset({"outcomes"}),
    "cc": _WHO,
    "decision": frozenset({"ref"}),
    "form": frozenset({"key"}),
    "outcome": frozenset({"status", "value", "name"}),
    "signature": frozenset({"field"}),
    "signing": frozenset({"rule", "ratio", "approve", "outcome", "result", "hear_all"}),
}
"""Of the others rules of their own know the attributes; a service has those of its function."""


@rule
def extensions_are_read_where_they_stand(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        for name in element.extensions:
            why = _fault(element, name)
            if why:
                yield Problem("warning", "extension_unread", element.id, f"{label(element)}的设置 wm:{name[:40]} {why}")


@rule
def attributes_are_read(subject: Subject) -> Iterator[Problem]:
    for element in subject.elements:
        for name, known in _ATTRIBUTES.items():
            unknown = sorted((element.extension(name) or {}).keys() - known)
            if unknown:
                written = "、".join(sorted(known)) or "（没有属性）"
                message = f"{label(element)}的 wm:{name} 中“{unknown[0][:40]}”没有任何作用；可以写 {written}。"
                yield Problem("warning", "attribute_unread", element.id, message)


def _fault(element: Element, name: str) -> str | None:
    if name in _ELSEWHERE or element.type in _PLACES.get(name, ()):
        return None
    if name not in _PLACES:
        known = "、".join(sorted(_PLACES.keys() | _ELSEWHERE))
        return f"没有任何作用，平台不认识它；可以写 {known}，请改正拼写或删除。"
    places = "、".join(sorted(TYPES[kind] for kind in _PLACES[name])) or "流程本身"
    return f"在这里没有任何作用，只能写在{places}上；请移过去或删除。"
