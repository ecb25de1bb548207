"""From one version of a process to another: which element corresponds to which, and which could.

Elements correspond by their id unless a mapping says otherwise; both ends must be of the same kind and stand in
subprocesses that correspond.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows.bpmn import GATEWAYS, Catalogue, Element, Loop
from workflows.definitions import Definition
from workflows.errors import MappingError
from workflows.shortfalls import Ahead
from workflows.wording import label

_SUFFIXES: Final = (".BoundaryEventSplit", ".BoundaryEventJoin", ".EndJoin", " [child]")
_NO_PLACES: Final = frozenset({"startEvent", "endEvent", "intermediateThrowEvent"})
"""Where no token ever waits."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way for instances from the version `old` to the version `new`; made by :func:`plan_route`."""

    old: Definition
    new: Definition
    mapping: Mapping[str, str]
    ahead: tuple[Ahead, Ahead] | None = None
    """What may be read further on in either version, where the application says what its forms and services set."""

    def element(self, key: str) -> str:
        """The id in the new version of what has the id `key` in the old one."""
        return self.mapping.get(key, key)

    def renamed(self, spec: str) -> str:
        """The name in the new version of one of the engine's specs, whose names derive from ids."""
        for suffix in _SUFFIXES:
            if spec.endswith(suffix):
                return self.element(spec.removesuffix(suffix)) + suffix
        return self.element(spec)

    def level(self, name: str) -> Any:
        """The new spec of a process or subprocess, or None."""
        return self.new.spec if name == self.old.spec.name else self.new.inner.get(self.element(name))


def plan_route(
    old: Definition, new: Definition, mapping: Mapping[str, str], ahead: tuple[Ahead, Ahead] | None = None
) -> Route:
    """A way from one version to another.

    Args:
        mapping: id in the old version → id in the new one, for what does not keep its id.
        ahead: of both versions; without it nobody asks whether an instance knows what it will need.

    Raises:
        MappingError: an end that does not exist, or two ends that cannot correspond.
    """
    if old.process != new.process:
        raise MappingError([f"“{old.name}”和“{new.name}”是两个不同的流程，不能互相迁移。"])
    problems = [words for pair in mapping.items() for words in _faults(old.catalogue, new.catalogue, pair, mapping)]
    if problems:
        raise MappingError(problems)
    return Route(old, new, {key: value for key, value in mapping.items() if key != value}, ahead)


def _faults(old: Catalogue, new: Catalogue, pair: tuple[str, str], mapping: Mapping[str, str]) -> Iterator[str]:
    source, target = old.elements.get(pair[0]), new.elements.get(pair[1])
    if source is None:
        yield f"原版本没有“{pair[0]}”，无法为它指定对应环节。"
    if target is None:
        yield f"新版本没有“{pair[1]}”，“{(source and source.name) or pair[0]}”不能对应到它。"
    if source is not None and target is not None:
        why = _unlike(source, target, mapping)
        if why:
            yield f"{label(source)}不能对应到{label(target)}：{why}"


def _unlike(source: Element, target: Element, mapping: Mapping[str, str]) -> str:
    """Why two elements cannot correspond, or nothing."""
    if source.type != target.type or event_kind(source) != event_kind(target):
        return "类型不同。"
    if not same_signing(source.loop, target.loop):
        return "会签方式或名单不同，已有的意见无法沿用。"
    if mapping.get(source.parent, source.parent) != target.parent:
        return "不在同一个子流程中。"
    if mapping.get(source.attached_to or "", source.attached_to) != target.attached_to:
        return "所附着的环节并不对应。"
    return ""


def event_kind(element: Element) -> str:
    """What an event waits for."""
    return element.event.kind if element.event else ""


def same_signing(old: Loop | None, new: Loop | None) -> bool:
    """Whether what a multi-instance has collected so far can be read on by another one."""
    names = ("kind", "sequential", "collection", "item", "output", "output_item")
    if old is None or new is None:
        return old is new
    return all(getattr(old, name) == getattr(new, name) for name in names)


def candidates(old: Definition, new: Definition, key: str, mapping: Mapping[str, str]) -> list[Element]:
    """What an element of the old version could correspond to in the new one, most alike first."""
    source = old.catalogue.elements[key]
    fitting = [e for e in new.catalogue.elements.values() if not _unlike(source, e, mapping)]
    return sorted(fitting, key=lambda e: -_likeness(source, e, is_new=e.id not in old.catalogue.elements))


def _likeness(source: Element, target: Element, *, is_new: bool) -> int:
    same_name = bool(source.name) and source.name == target.name
    same_form = source.extension("form") is not None and source.extension("form") == target.extension("form")
    return 8 * (source.id == target.id) + 4 * same_name + 2 * same_form + 2 * is_new + (source.lane == target.lane)


def removed(old: Definition, new: Definition) -> list[Element]:
    """The elements of the old version at which a case may stand and that the new version has no more, in order."""
    gone = [e for e in old.catalogue.elements.values() if e.id not in new.catalogue.elements]
    return [e for e in gone if e.type not in _NO_PLACES | GATEWAYS or e.type == "eventBasedGateway"]
