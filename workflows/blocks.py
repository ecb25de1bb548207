"""In which branches of which forks an element lies: that decides where a token may go back to, and what goes along."""

from collections.abc import Iterator, Mapping
from typing import Final

from workflows.bpmn import Catalogue, Element
from workflows.graph import EXIT, Budget, Graph, meeting_points, read_graph

Branch = tuple[str, str]
"""A fork (or a boundary event that runs beside its activity) and the element where the branch begins."""

FORKS: Final = frozenset({"parallelGateway", "inclusiveGateway"})


def branches_of(catalogue: Catalogue, container: str) -> Mapping[str, tuple[Branch, ...]]:
    """For each element directly in a process or subprocess the branches around it, outermost first."""
    graph = read_graph(catalogue, container)
    blocks = [*_forked(catalogue, graph), *_beside(catalogue, graph)]
    blocks.sort(key=lambda block: -len(block[1]))
    return {key: tuple(branch for branch, members in blocks if key in members) for key in graph.after}


def _forked(catalogue: Catalogue, graph: Graph) -> Iterator[tuple[Branch, set[str]]]:
    forks = [key for key, after in graph.after.items() if catalogue.elements[key].type in FORKS and len(after) > 1]
    meetings = meeting_points(_main(catalogue, graph), Budget()) if forks else {}
    for fork in forks:
        stop = meetings.get(fork, EXIT)
        for head in graph.after[fork]:
            yield (fork, head), graph.reach([head], lambda key, stop=stop: key == stop) - {stop, fork}  # type: ignore[misc]


def _main(catalogue: Catalogue, graph: Graph) -> Graph:
    """The ways of the tokens that forks make: what runs beside an activity need not come to where they meet."""
    after = {
        key: tuple(t for t in targets if not _runs_beside(catalogue.elements[t]))
        for key, targets in graph.after.items()
    }
    before = {key: () if _runs_beside(catalogue.elements[key]) else sources for key, sources in graph.before.items()}
    return Graph(after, before)


def _runs_beside(element: Element) -> bool:
    return element.type == "boundaryEvent" and element.event is not None and not element.event.interrupting


def _beside(catalogue: Catalogue, graph: Graph) -> Iterator[tuple[Branch, set[str]]]:
    """What only an event that does not interrupt leads to."""
    for key in graph.after:
        if _runs_beside(catalogue.elements[key]):
            starts = [k for k, sources in graph.before.items() if not sources]
            yield (key, key), graph.reach([key]) - graph.reach(starts, lambda k, key=key: k == key) | {key}  # type: ignore[misc]
