"""Random diagrams of nested blocks: sequences, choices, loops, forks, signers, subprocesses, open ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from tests.processes import drawing
from tests.processes.token_game import Graph, Node


@dataclass
class Drawn:
    """A diagram twice: as a graph for the token game and as BPMN."""

    graph: Graph
    bpmn: bytes


def draw(random: Random) -> Drawn:
    graph = _Level(random, _Names(), depth=random.randint(2, 3)).drawn()
    return Drawn(graph, drawing.diagram(*_parts(graph)))


@dataclass
class _Names:
    used: int = 0

    def new(self, kind: str) -> str:
        self.used += 1
        return f"{kind}{self.used}"


@dataclass
class _Level:
    """Draws one process or subprocess. Each block returns the keys where it begins and ends."""

    random: Random
    names: _Names
    depth: int
    graph: Graph = field(default_factory=Graph)

    def drawn(self) -> Graph:
        start = self._node("start")
        first, last = self._block(self.depth)
        self._connect(start, first)
        if self.random.random() < 0.25:
            self._open_ends(last)
        else:
            self._connect(last, self._node("end"))
        return self.graph

    def _node(self, kind: str, inner: Graph | None = None) -> str:
        key = self.names.new(kind)
        self.graph.nodes[key] = Node(key, kind, inner)
        return key

    def _connect(self, source: str, target: str) -> None:
        self.graph.nodes[source].ways.append(target)

    def _block(self, depth: int) -> tuple[str, str]:
        if depth == 0:
            key = self._node(self.random.choice(["task", "task", "task", "sign", "row"]))
            return key, key
        kinds = [self._sequence, self._choice, self._loop, self._fork, self._some, self._sub]
        return self.random.choice(kinds)(depth)

    def _sequence(self, depth: int) -> tuple[str, str]:
        blocks = [self._block(depth - 1) for _ in range(self.random.randint(2, 3))]
        for (_, before), (after, _) in pairwise(blocks):
            self._connect(before, after)
        return blocks[0][0], blocks[-1][1]

    def _branches(self, split: str, join: str, depth: int) -> tuple[str, str]:
        for _ in range(self.random.randint(2, 3)):
            first, last = self._block(depth - 1)
            self._connect(split, first)
            self._connect(last, join)
        return split, join

    def _decided(self, gateway: str) -> str:
        """A task before `gateway` that decides its way, or the gateway itself: then the start data decide for ever."""
        if self.random.random() < 0.5:
            return gateway
        task = self._node("task")
        self.graph.nodes[task].decides = gateway
        self._connect(task, gateway)
        return task

    def _choice(self, depth: int) -> tuple[str, str]:
        return self._split("choice", depth)

    def _fork(self, depth: int) -> tuple[str, str]:
        return self._branches(self._node("fork"), self._node("fork"), depth)

    def _some(self, depth: int) -> tuple[str, str]:
        return self._split("some", depth)

    def _split(self, kind: str, depth: int) -> tuple[str, str]:
        split, last = self._branches(self._node(kind), self._node(kind), depth)
        return self._decided(split), last

    def _loop(self, depth: int) -> tuple[str, str]:
        """Way 0 leaves the loop, which the start data always choose."""
        enter, leave, after = self._node("choice"), self._node("choice"), self._node("choice")
        first, last = self._block(depth - 1)
        self._connect(enter, first)
        self._connect(last, self._decided(leave))
        self._connect(leave, after)
        self._connect(leave, enter)
        self.graph.nodes[leave].returns = True
        return enter, after

    def _sub(self, depth: int) -> tuple[str, str]:
        inner = _Level(self.random, self.names, depth - 1).drawn()
        key = self._node("sub", inner)
        return key, key

    def _open_ends(self, last: str) -> None:
        split = self._node(self.random.choice(["fork", "some"]))
        self._connect(last, self._decided(split) if split.startswith("some") else split)
        for _ in range(2):
            task = self._node("task")
            self._connect(split, task)
            self._connect(task, self._node("end"))


def all_nodes(graph: Graph) -> Iterator[Node]:
    """Those of all levels."""
    for node in graph.nodes.values():
        yield node
        if node.inner is not None:
            yield from all_nodes(node.inner)


def first_data(graph: Graph, random: Random) -> dict[str, Any]:
    """Ways for all gateways, every loop left; and who signs."""
    deciding = [node for node in all_nodes(graph) if len(node.ways) > 1]
    ways = {f"c_{node.key}": 0 if node.returns else chosen_way(node, random) for node in deciding}
    return ways | {"signers": list(range(random.randint(1, 3)))}


def chosen_way(node: Node, random: Random) -> int | list[int]:
    """A way for a choice, some ways for an inclusive fork."""
    ways = range(len(node.ways))
    if node.kind == "some":
        return sorted(random.sample(ways, random.randint(1, len(ways))))
    return random.choice(ways)


def task_data(graph: Graph, task: str, count: int, random: Random) -> dict[str, Any]:
    """What completing a task writes: a value of its own and the way of the gateway that it decides."""
    nodes = {node.key: node for node in all_nodes(graph)}
    decides = nodes[task].decides
    return {f"v_{task}": count} | ({f"c_{decides}": chosen_way(nodes[decides], random)} if decides else {})


_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "userTask",
    "sign": "userTask",
    "row": "userTask",
    "choice": "exclusiveGateway",
    "fork": "parallelGateway",
    "some": "inclusiveGateway",
    "sub": "subProcess",
}


def _parts(graph: Graph) -> list[str]:
    found = []
    for node in graph.nodes.values():
        inside = "".join(_parts(node.inner)) if node.inner else _signing(node)
        found.append(drawing.element(_TAGS[node.kind], node.key, inside))
        found += [drawing.flow(node.key, target, _condition(node, way)) for way, target in enumerate(node.ways)]
    return found


def _signing(node: Node) -> str:
    if node.kind not in ("sign", "row"):
        return ""
    return drawing.signing("signers", "signer", f"votes_{node.key}", "vote", sequential=node.kind == "row")


def _condition(node: Node, way: int) -> str:
    if len(node.ways) == 1 or node.kind not in ("choice", "some"):
        return ""
    return f"c_{node.key} == {way}" if node.kind == "choice" else f"{way} in c_{node.key}"
