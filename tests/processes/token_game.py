"""An interpreter of BPMN for comparison only: tokens lie on flows, as the standard tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Node:
    """`kind`: start, end, task, sign (all at once), row (one by one), choice, fork (parallel), some (inclusive), sub.

    A choice reads `c_<key>`: the number of the way taken, or, after `some`, the list of numbers. A task writes these
    for the gateway that it decides.
    """

    key: str
    kind: str
    inner: Graph | None = None
    ways: list[str] = field(default_factory=list)  # keys of the targets
    decides: str | None = None  # the gateway behind a task whose way is chosen there
    returns: bool = False  # way 0 leaves a loop, way 1 goes back


@dataclass
class Graph:
    nodes: dict[str, Node] = field(default_factory=dict)

    def entries(self, key: str) -> list[tuple[str, str]]:
        return [(n.key, key) for n in self.nodes.values() for target in n.ways if target == key]

    def start(self) -> str:
        return next(n.key for n in self.nodes.values() if n.kind == "start")


@dataclass(frozen=True)
class Written:
    value: Any
    at: int


Data = dict[str, Written]


def merged(parts: list[Data]) -> Data:
    """What was written last wins, per key."""
    found: Data = {}
    for part in parts:
        for key, written in part.items():
            if key not in found or found[key].at < written.at:
                found[key] = written
    return found


@dataclass
class Token:
    """On a flow (source, target); at a task or subprocess it has arrived there (`at` is set)."""

    flow: tuple[str, str]
    data: Data
    at: str | None = None
    level: Level | None = None
    signers: list[Signer] = field(default_factory=list)


@dataclass
class Signer:
    """One who is to sign at an element with several signers, and what is visible there; `None`: not yet his turn."""

    name: int
    sees: Data | None


@dataclass
class Level:
    graph: Graph
    tokens: list[Token] = field(default_factory=list)
    ended: list[Data] = field(default_factory=list)

    @staticmethod
    def begun(graph: Graph, data: Data) -> Level:
        first = graph.nodes[graph.start()]
        return Level(graph, [Token((first.key, target), dict(data)) for target in first.ways])


def _seen_by(data: Data, signer: int) -> Data:
    return data | {"signer": Written(signer, 0)}


class TokenGame:
    """Plays one diagram."""

    def __init__(self, graph: Graph, data: dict[str, Any]) -> None:
        self.clock = 0
        self.top = Level.begun(graph, {key: Written(value, 0) for key, value in data.items()})
        self._settle(self.top)

    def open(self) -> list[tuple[str, Data]]:
        """Open tasks with what is visible there."""
        found: list[tuple[str, Data]] = []
        for token in self._waiting(self.top):
            assert token.at is not None
            seen = [signer.sees for signer in token.signers if signer.sees is not None]
            found += [(token.at, data) for data in (seen if token.signers else [token.data])]
        return found

    def is_over(self) -> bool:
        return not self.top.tokens

    def result(self) -> Data:
        return merged(self.top.ended)

    def complete(self, key: str, data: dict[str, Any], signer: int | None = None) -> None:
        self.clock += 1
        token = next(t for t in self._waiting(self.top) if t.at == key)
        if token.signers:
            self._sign(token, key, data, signer)
        else:
            token.data = token.data | {name: Written(value, self.clock) for name, value in data.items()}
        if not token.signers:
            self._leave(self._level_of(self.top, token), token)
            self._settle(self.top)

    def _sign(self, token: Token, key: str, data: dict[str, Any], name: int | None) -> None:
        votes = [*token.data[f"votes_{key}"].value, data | {"signer": name}]
        token.data = token.data | {f"votes_{key}": Written(votes, self.clock)}
        token.signers = [s for s in token.signers if s.name != name]
        if token.signers and all(s.sees is None for s in token.signers):
            token.signers[0].sees = _seen_by(token.data, token.signers[0].name)

    def _waiting(self, level: Level) -> list[Token]:
        found = []
        for token in level.tokens:
            if token.level is not None:
                found += self._waiting(token.level)
            elif token.at is not None:
                found.append(token)
        return found

    def _level_of(self, level: Level, token: Token) -> Level:
        if any(t is token for t in level.tokens):
            return level
        inner = [t.level for t in level.tokens if t.level is not None]
        return next(found for each in inner if (found := self._find(each, token)) is not None)

    def _find(self, level: Level, token: Token) -> Level | None:
        return self._level_of(level, token) if any(t is token for t in self._waiting(level)) else None

    def _leave(self, level: Level, token: Token) -> None:
        """Move a token from the element where it is onto the one flow out of it."""
        key = token.at
        assert key is not None
        level.tokens = [t for t in level.tokens if t is not token]
        level.tokens += [Token((key, target), dict(token.data)) for target in level.graph.nodes[key].ways]

    def _settle(self, level: Level) -> None:
        while self._move(level):
            pass

    def _move(self, level: Level) -> bool:
        for token in level.tokens:
            if token.level is not None:
                if self._move(token.level):
                    return True
                if not token.level.tokens:
                    token.data, token.level = merged(token.level.ended), None
                    self._leave(level, token)
                    return True
            elif token.at is None and self._pass(level, token):
                return True
        return any(self._join_some(level, node) for node in level.graph.nodes.values() if node.kind == "some")

    def _pass(self, level: Level, token: Token) -> bool:
        node = level.graph.nodes[token.flow[1]]
        if node.kind == "task":
            token.at = node.key
        elif node.kind in ("sign", "row"):
            self._open_signing(node, token)
        elif node.kind == "sub":
            assert node.inner is not None
            token.at, token.level = node.key, Level.begun(node.inner, token.data)
        elif node.kind == "end":
            level.tokens = [t for t in level.tokens if t is not token]
            level.ended.append(token.data)
        elif node.kind == "choice":
            self._emit(level, node, [token], self._chosen(node, token.data))
        elif node.kind == "fork":
            return self._join_all(level, node)
        else:
            return False
        return True

    def _open_signing(self, node: Node, token: Token) -> None:
        token.at = node.key
        token.data = token.data | {f"votes_{node.key}": Written([], self.clock)}
        names = token.data["signers"].value
        at_once = len(names) if node.kind == "sign" else 1
        token.signers = [
            Signer(name, _seen_by(token.data, name) if place < at_once else None) for place, name in enumerate(names)
        ]

    @staticmethod
    def _chosen(node: Node, data: Data) -> list[str]:
        return node.ways if len(node.ways) == 1 else [node.ways[data[f"c_{node.key}"].value]]

    def _emit(self, level: Level, node: Node, used: list[Token], targets: list[str]) -> None:
        data = merged([t.data for t in used])
        level.tokens = [t for t in level.tokens if not any(t is u for u in used)]
        level.tokens += [Token((node.key, target), dict(data)) for target in targets]

    def _arrived(self, level: Level, node: Node) -> dict[tuple[str, str], Token]:
        found: dict[tuple[str, str], Token] = {}
        for token in level.tokens:
            if token.at is None and token.flow[1] == node.key:
                found.setdefault(token.flow, token)
        return found

    def _join_all(self, level: Level, node: Node) -> bool:
        arrived = self._arrived(level, node)
        if len(arrived) < len(level.graph.entries(node.key)):
            return False
        self._emit(level, node, list(arrived.values()), node.ways)
        return True

    def _join_some(self, level: Level, node: Node) -> bool:
        arrived = self._arrived(level, node)
        if not arrived:
            return False
        missing = set(level.graph.entries(node.key)) - set(arrived)
        for token in level.tokens:
            if any(token is a for a in arrived.values()):
                continue
            reach = self._entries_reached(level.graph, node, token)
            if reach & missing and not reach & set(arrived):
                return False
        data = merged([t.data for t in arrived.values()])
        many = len(node.ways) > 1
        targets = [node.ways[i] for i in data[f"c_{node.key}"].value] if many else node.ways
        self._emit(level, node, list(arrived.values()), targets)
        return True

    @staticmethod
    def _entries_reached(graph: Graph, join: Node, token: Token) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        todo = [(token.at, target) for target in graph.nodes[token.at].ways] if token.at else [token.flow]
        while todo:
            flow = todo.pop()
            if flow in found:
                continue
            found.add(flow)
            if flow[1] != join.key:
                todo += [(flow[1], target) for target in graph.nodes[flow[1]].ways]
        return {flow for flow in found if flow[1] == join.key}
