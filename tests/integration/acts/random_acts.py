"""An independent account of a case under random acts: who has what, what was decided, what the timeline must say.

It knows nothing of the engine or of the code under test but the identity of open tasks; people and their rights are
worked out anew from what was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.integration.acts.conftest import AT_COUNTY, AT_UNIT, step
from tests.processes.drawing import boundary, chain, diagram, element, end, flow, fork, message, signing, start, sub

STEP, SIGN, IN_TURN = "step", "sign", "turn"
Segment = str | tuple[Sequence[str], Sequence[str]]


def signed(key: str, *, in_turn: bool) -> str:
    """A 会签 of the people in `signers`, with votes of its own."""
    declared = '<wm:assignment roles="county_reviewer" person="signer" exclude="unit"/>'
    rule = f'<wm:signing rule="all" approve="pass" outcome="outcome" result="passed_{key}"/><wm:form key="step"/>'
    inside = f"<bpmn:extensionElements>{declared}{rule}</bpmn:extensionElements>"
    return element("userTask", key, inside + signing(output=f"votes_{key}", sequential=in_turn))


def draw(segments: Sequence[Segment]) -> tuple[bytes, list[str]]:
    """A process from a list of steps and parallel blocks, in a stage that the unit can withdraw from; its steps."""
    parts: list[str] = [step("fill", AT_UNIT)]
    keys, last = ["fill"], "fill"

    def add(kind: str) -> str:
        key = f"{kind}_{len(keys)}"
        keys.append(key)
        parts.append(step(key, AT_COUNTY) if kind == STEP else signed(key, in_turn=kind == IN_TURN))
        return key

    for number, segment in enumerate(segments):
        if isinstance(segment, str):
            key = add(segment)
            parts.append(flow(last, key))
            last = key
            continue
        split, join = f"split_{number}", f"join_{number}"
        parts += [fork(split), fork(join), flow(last, split)]
        parts += [chain(split, *[add(kind) for kind in branch], join) for branch in segment]
        last = join
    stage = sub("stage", start("first"), *parts, end("last"), flow("first", "fill"), flow(last, "last"))
    out = end("withdrawn", 'status="withdrawn"')
    edge = boundary("pulled", "stage", message("withdrawal"))
    ways = chain("start", "stage", "end") + flow("pulled", "withdrawn")
    return diagram(start(), stage, edge, end(), out, ways, messages=("withdrawal",)), keys


@dataclass
class Asked:
    """A task lies with somebody who was asked about it."""

    kind: str
    asker: int
    to: int
    before: int | None


@dataclass
class Held:
    """A task as the account knows it."""

    id: UUID
    element: str
    rule: frozenset[int]
    """Whom the diagram names."""
    owner: int | None = None
    asked: Asked | None = None
    after: list[int] = field(default_factory=list)
    """Who signs after the decision, in order; none of them has been asked yet."""
    decision: tuple[int, int | None, str] | None = None
    """Who decided what, while it waits for those."""

    @property
    def people(self) -> frozenset[int]:
        """Who may do it, absences aside."""
        if self.asked:
            return frozenset({self.asked.to})
        return frozenset({self.owner}) if self.owner else self.rule


@dataclass
class Account:
    """Everything that was done."""

    leaders: list[int]
    """Whoever leads the office, then the office above."""
    tasks: dict[UUID, Held] = field(default_factory=dict)
    deputies: set[tuple[int, int]] = field(default_factory=set)
    lines: list[tuple[str, int, int | None]] = field(default_factory=list)
    decisions: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    """Words, step, who, for whom: every decision that was ever made, also those taken back."""
    taken_back: set[str] = field(default_factory=set)

    def standing_in(self, person: int) -> set[int]:
        """Who stands in for somebody, chains followed."""
        found: set[int] = set()
        todo = [person]
        while todo:
            absent = todo.pop()
            new = {deputy for principal, deputy in self.deputies if principal == absent} - found - {person}
            found |= new
            todo += new
        return found

    def closes_circle(self, principal: int, deputy: int) -> bool:
        return principal == deputy or principal in self.standing_in(deputy)

    def may_do(self, task: Held, signs_beside: Callable[[int], bool]) -> dict[int, set[int | None]]:
        """Who may do a task, each with those in whose name (``None``: their own)."""
        found: dict[int, set[int | None]] = {person: {None} for person in task.people}
        for person in task.people:
            deputies = self.standing_in(person)
            clear = {one for one in deputies if not signs_beside(one)}
            if deputies and not clear:
                clear = {next(leader for leader in self.leaders if not signs_beside(leader))}
            for one in clear:
                found.setdefault(one, set()).add(person)
        return found

    def line(self, act: str, actor: int, behalf: int | None = None) -> None:
        self.lines.append((act, actor, behalf))


def facts(rows: Sequence[Any]) -> list[tuple[str, int, int | None]]:
    """The lines of people in a timeline."""
    return [(row.act, row.actor_id, row.on_behalf_of) for row in rows if not row.machine]
