"""What every rule is given: the catalogue, the facts, and what several rules need, computed once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from workflows.bpmn import SUBPROCESSES, Catalogue, Element, Flow
from workflows.checks.facts import Facts
from workflows.checks.places import Place, read_places
from workflows.graph import Budget, Graph, read_graph


@dataclass(frozen=True)
class Subject:
    """A diagram under check. Only executable processes count, unless the file has none."""

    catalogue: Catalogue
    facts: Facts

    @cached_property
    def processes(self) -> frozenset[str]:
        """Ids of the processes that the rules look at."""
        runs = frozenset(p.id for p in self.catalogue.processes.values() if p.executable)
        return runs or frozenset(self.catalogue.processes)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The elements of these processes, in document order."""
        return tuple(e for e in self.catalogue.elements.values() if e.process in self.processes)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """The sequence flows of these processes, in document order."""
        return tuple(f for f in self.catalogue.flows.values() if f.process in self.processes)

    @cached_property
    def places(self) -> list[Place]:
        """The expressions in these processes."""
        return read_places(self.catalogue, self.elements, self.flows)

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """The graph of each process and of each subprocess in it."""
        inner = [e.id for e in self.elements if e.type in SUBPROCESSES]
        return {key: read_graph(self.catalogue, key) for key in (*sorted(self.processes), *inner)}

    @cached_property
    def budget(self) -> Budget:
        """How much all searches of this check together may do."""
        return Budget()

    def of_type(self, *types: str) -> Iterator[Element]:
        """The elements of these types."""
        return (e for e in self.elements if e.type in types)

    def outgoing(self, element: Element) -> tuple[Flow, ...]:
        """The flows out of an element."""
        return tuple(self.catalogue.flows[f] for f in element.outgoing)
