"""What an instance would have to know in another version and never would: read ahead of it, set only behind it."""

from collections.abc import Iterator

from workflows.bpmn import Element
from workflows.checks.facts import Facts
from workflows.checks.places import Place
from workflows.checks.settings import set_by, sets_anything
from workflows.checks.subject import Subject
from workflows.checks.ways import all_ways, out_of
from workflows.definitions import Definition


class Ahead:
    """What may be read behind each element of a version, computed once and asked for many instances."""

    def __init__(self, definition: Definition, facts: Facts) -> None:
        self.subject = subject = Subject(definition.catalogue, facts)
        self.ways = dict(all_ways(subject))
        self.readers: dict[str, list[Place]] = {}
        for place in subject.places:
            self.readers.setdefault(place.at, []).append(place)
        self.setters = {out_of(subject, e): frozenset(set_by(subject, e)) for e in subject.elements}
        self.unknown = {out_of(subject, e) for e in subject.elements if sets_anything(subject, e)}
        self._needed: dict[str, dict[str, str]] = {}

    def needed(self, element: str) -> dict[str, str]:
        """Variables that may be read after an element without having been set after it → where, in words."""
        if element not in self._needed:
            self._needed[element] = dict(self._search(self.subject.catalogue.elements[element]))
        return self._needed[element]

    def _search(self, element: Element) -> Iterator[tuple[str, str]]:
        names = {name for places in self.readers.values() for place in places for name in self._read_at(place)}
        for name in sorted(names):
            found = self._first_reader(element, name)
            if found is not None:
                yield name, found.what

    def _first_reader(self, element: Element, name: str) -> Place | None:
        here, events = out_of(self.subject, element), self.subject.catalogue.attached.get(element.id, ())
        starts = [key for event in events for key in self.ways.get(event, ())]
        if not self._sets(here, name):
            starts += [key for key in self.ways.get(here, ()) if key not in events]
        seen, todo = set(starts), starts
        while todo:
            key = todo.pop(0)
            for place in self.readers.get(key, ()):
                if name in self._read_at(place):
                    return place
            if not self._sets(key, name):
                ahead = [target for target in self.ways.get(key, ()) if target not in seen]
                seen.update(ahead)
                todo += ahead
        return None

    def _sets(self, key: str, name: str) -> bool:
        return key in self.unknown or name in self.setters.get(key, frozenset())

    def _read_at(self, place: Place) -> frozenset[str]:
        loops = (e.loop for e in self.subject.catalogue.around(place.at) if e.loop is not None)
        items = {name for loop in loops for name in (loop.item, loop.output_item) if name}
        return place.expression.names - place.given - items
