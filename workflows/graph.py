"""The ways through one level of a diagram as a plain directed graph; every search is iterative and bounded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from workflows.bpmn import Catalogue

EXIT: Final = "\0exit"  # where everything that has no way on leads; no XML id can be this
MAX_WORK: Final = 800_000


class TooComplexError(Exception):
    """A search took more steps than allowed; the graph is none that people draw."""


class Budget:
    """Counts steps of searches and stops them when there were too many."""

    def __init__(self, most: int = MAX_WORK) -> None:
        self.left = most

    def spend(self, steps: int = 1) -> None:
        """Raises: TooComplexError when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooComplexError


@dataclass(frozen=True, slots=True)
class Graph:
    """Elements of one process or subprocess; a boundary event follows the activity that it is attached to."""

    after: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]

    def reach(self, starts: Iterable[str], stop: Callable[[str], bool] = lambda _: False) -> set[str]:
        """Everything that can be reached, the starts included; nothing is followed beyond where `stop` says so."""
        return _reach(self.after, starts, stop)

    def reach_back(self, ends: Iterable[str], stop: Callable[[str], bool] = lambda _: False) -> set[str]:
        """Everything from which one of `ends` can be reached, these included; nothing before where `stop` says so."""
        return _reach(self.before, ends, stop)


def read_graph(catalogue: Catalogue, container: str) -> Graph:
    """The graph of the elements directly in a process or subprocess."""
    inside = catalogue.contents.get(container, ())
    members = set(inside)
    after = {
        key: tuple(
            dict.fromkeys(t for t in (*catalogue.targets(key), *catalogue.attached.get(key, ())) if t in members)
        )
        for key in inside
    }
    before: dict[str, list[str]] = {key: [] for key in inside}
    for key, targets in after.items():
        for target in targets:
            before[target].append(key)
    return Graph(after, {key: tuple(sources) for key, sources in before.items()})


def _reach(edges: Mapping[str, tuple[str, ...]], starts: Iterable[str], stop: Callable[[str], bool]) -> set[str]:
    seen = set(starts)
    todo = list(seen)
    while todo:
        node = todo.pop()
        if not stop(node):
            new = [t for t in edges.get(node, ()) if t not in seen]
            seen.update(new)
            todo.extend(new)
    return seen


def meeting_points(graph: Graph, budget: Budget) -> dict[str, str]:
    """For each element the next one that every way on from it passes (its immediate postdominator), else EXIT.

    Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001), on the reversed graph.

    Raises:
        TooComplexError: the budget is spent.
    """
    order = _postorder_back(graph)
    number = {node: i for i, node in enumerate(order)}
    found = {EXIT: EXIT}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):  # EXIT is last
            best: str | None = None
            for target in graph.after[node] or (EXIT,):
                budget.spend()
                if target in found:
                    best = target if best is None else _common(found, number, best, target, budget)
            if best is not None and found.get(node) != best:
                found[node] = best
                changed = True
    return found


def _common(found: dict[str, str], number: dict[str, int], one: str, two: str, budget: Budget) -> str:
    while one != two:
        budget.spend()
        if number[one] < number[two]:
            one = found[one]
        else:
            two = found[two]
    return one


def _postorder_back(graph: Graph) -> list[str]:
    """Elements from which an end can be reached, in postorder of the reversed graph, EXIT last."""
    ends = [node for node, targets in graph.after.items() if not targets]
    seen = {EXIT}
    order: list[str] = []
    stack = [(EXIT, iter(ends))]
    while stack:
        node, sources = stack[-1]
        source = next((s for s in sources if s not in seen), None)
        if source is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(source)
            stack.append((source, iter(graph.before[source])))
    return order


def cyclic(after: Mapping[str, Iterable[str]]) -> list[str]:
    """Nodes on cycles (and between two cycles), in the order given: what is left when all loose ends are peeled off."""
    forward = {node: {t for t in targets if t in after} for node, targets in after.items()}
    backward: dict[str, set[str]] = {node: set() for node in forward}
    for node, targets in forward.items():
        for target in targets:
            backward[target].add(node)
    left = _peeled(_peeled(set(forward), forward, backward), backward, forward)
    return [node for node in after if node in left]


def _peeled(nodes: set[str], forward: dict[str, set[str]], backward: dict[str, set[str]]) -> set[str]:
    """`nodes` without those that nothing of `nodes` leads to, again and again."""
    waiting = {node: len(backward[node] & nodes) for node in nodes}
    todo = [node for node, count in waiting.items() if not count]
    while todo:
        node = todo.pop()
        del waiting[node]
        for target in forward[node] & waiting.keys():
            waiting[target] -= 1
            if not waiting[target]:
                todo.append(target)
    return set(waiting)
