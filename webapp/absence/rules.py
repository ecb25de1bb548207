"""Who stands in for whom, chains followed to their ends, circles found. Pure.

Where a deputy is away as well, their own deputy acts for the first one too; nobody stands in for themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_ALWAYS = datetime.max.replace(tzinfo=UTC)
ALL = "*"
"""Stands for every process."""


@dataclass(frozen=True)
class Named:
    """Who stands in for whom, for some processes or (empty) for all, from one moment until another."""

    principal: int
    deputy: int
    processes: frozenset[str]
    from_at: datetime
    until_at: datetime


Right = tuple[int, int, str]
"""Principal, deputy, process (:data:`ALL`: every one)."""


def stand_ins(named: Iterable[Named]) -> dict[Right, datetime]:
    """Everybody who stands in for somebody by what is in force now, and until when that lasts at least."""
    links: dict[int, list[Named]] = defaultdict(list)
    for link in named:
        links[link.principal].append(link)
    found: dict[Right, datetime] = {}
    for start in links:
        for (person, process), until in _reached(links, start).items():
            if person != start:
                found[start, person, process] = until
    return {right: until for right, until in found.items() if not _is_covered(found, right, until)}


def _reached(links: dict[int, list[Named]], start: int) -> dict[tuple[int, str], datetime]:
    """Everybody at the end of a chain from one person, each by the chain that lasts longest."""
    best = {(start, ALL): _ALWAYS}
    todo = [(start, ALL)]
    while todo:
        person, process = todo.pop()
        for link in links.get(person, ()):
            until = min(best[person, process], link.until_at)
            for step in ((link.deputy, one) for one in _both(process, link.processes)):
                if step not in best or best[step] < until:
                    best[step] = until
                    todo.append(step)
    return best


def _is_covered(found: dict[Right, datetime], right: Right, until: datetime) -> bool:
    principal, deputy, process = right
    return process != ALL and found.get((principal, deputy, ALL), datetime.min.replace(tzinfo=UTC)) >= until


def _both(process: str, processes: frozenset[str]) -> list[str]:
    """The processes of a link in a chain that so far covers ``process``."""
    if not processes:
        return [process]
    if process == ALL:
        return sorted(processes)
    return [process] if process in processes else []


def circle_through(named: Sequence[Named], new: Named) -> list[int] | None:
    """The people of a circle that one more deputy would close at some moment for some process, from its principal on.

    Links that never hold together, because of their time or their processes, close no circle.
    """
    todo = [([new.principal], new)]
    while todo:
        way, chain = todo.pop()
        for link in named:
            longer = _chained(chain, link)
            if longer is None:
                continue
            if link.deputy == new.principal:
                return [*way, chain.deputy]
            if link.deputy not in {*way, chain.deputy}:
                todo.append(([*way, chain.deputy], longer))
    return None


def _chained(chain: Named, link: Named) -> Named | None:
    """One link more at the end of a chain, as far as both hold; ``None`` where they never do."""
    from_at, until_at = max(chain.from_at, link.from_at), min(chain.until_at, link.until_at)
    both = chain.processes & link.processes if chain.processes and link.processes else chain.processes | link.processes
    disjoint = bool(chain.processes and link.processes) and not both
    if link.principal != chain.deputy or from_at >= until_at or disjoint:
        return None
    return Named(chain.principal, link.deputy, both, from_at, until_at)
