"""What an area of the application adds to a diagram: who may start it, rules of its steps, its services and choices.

A diagram is general, its rules are Python: an area registers one :class:`ProcessRules` under the id of its
process; a process without any runs on its diagram and forms alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.problems import Forbidden

Json = dict[str, Any]


@dataclass
class Case:
    """The instance at hand, as rules, services and choices see it during one step."""

    session: Session
    now: datetime
    actor: Actor | None
    instance_id: int
    number: str
    subject_id: int | None
    batch_id: int | None
    honour_code: str | None
    data: Json
    element: str | None = None
    item: Json = field(default_factory=dict)
    answers: Json = field(default_factory=dict)
    """What the person answered whose decision causes this step; not yet among the submissions."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def remark(self, text: str) -> None:
        """Say to the person whose decision led here what came of it, beside the timeline."""
        self.remarks.append(text)

    def note(self, element: str, text: str) -> None:
        """Say in the timeline what a machine act came to."""
        self.notes.append((element, text))


@dataclass(frozen=True)
class Beginning:
    """What a new instance is about."""

    title: str
    subject_id: int | None
    batch_id: int | None
    honour_code: str | None
    region_path: str
    data: Json


StepRule = Callable[[Case, Json], Json]
"""Checks answers beyond the form (raises ``Invalid``), writes the rows of a person's act, returns engine facts."""

Service = Callable[..., Any]
"""What a service task calls; ``Invalid`` refuses the decision that led to it, and nothing of that is stored."""

Choices = Callable[[Case], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class ProcessRules:
    """The registered additions of one process."""

    process: str
    begin: Callable[[Session, Actor, datetime, Json], Beginning]
    may_start: Callable[[Actor], bool]
    steps: Mapping[str, StepRule] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    start_choices: Mapping[str, Callable[[Session, Actor, datetime], Sequence[Mapping[str, Any]]]] = field(
        default_factory=dict
    )
    repeats: Mapping[str, Choices] = field(default_factory=dict)
    start_variables: Mapping[str, str] = field(default_factory=dict)
    """What an instance holds when it starts, and what designers of diagrams are told that it is."""
    step_variables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Form key → the facts that the rule of its step adds, for the checks of diagrams."""
    prefill: Mapping[str, Callable[[Case], Json]] = field(default_factory=dict)
    """Element → what its form starts with while nobody has typed or submitted anything."""
    internal: frozenset[str] = frozenset()
    """Steps of which a unit reads outcome and reasons alone: who found or said what stays with the offices."""
    shared: frozenset[str] = frozenset()
    """Steps of which every unit that takes part in the case reads all answers, whichever of them wrote these."""
    undoable: frozenset[str] = frozenset()
    """Of ``steps`` those whose rule only checks and writes nothing for good: such decisions may be taken back."""
    undo: Mapping[str, Callable[[Case], None]] = field(default_factory=dict)
    """Element of a service → what undoes it where the decision that led to it is taken back."""
    declared_in: Sequence[str] = ()
    """The steps in which the matter itself is stated; the newest answers among them are what the case is about."""
    messages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Messages that the area sends to its instances → the variables that they carry, for the checks of diagrams."""
    number_prefix: str = "SB"
    """What the numbers of its cases begin with."""
    started: Callable[[Case], None] | None = None
    """Called once the instance is there and has made its first step."""
    cancelled: Callable[[Case], None] | None = None
    """Gives back what a case holds outside of the engine, when an administrator ends it; may refuse."""


def _nobody(_actor: Actor) -> bool:
    return False


def _cannot_begin(_session: Session, _actor: Actor, _now: datetime, _answers: Json) -> Beginning:
    raise Forbidden("这个流程不能由人直接发起。")


_registered: dict[str, ProcessRules] = {}


def register(rules: ProcessRules) -> None:
    """Register the rules of a process; a second registration replaces the first."""
    _registered[rules.process] = rules


def rules_of(process: str) -> ProcessRules:
    """The rules of a process, or empty ones."""
    return _registered.get(process) or ProcessRules(process=process, begin=_cannot_begin, may_start=_nobody)


def registered() -> list[ProcessRules]:
    """All registered rules."""
    return list(_registered.values())


def startable(actor: Actor) -> list[str]:
    """The ids of the processes that ``actor`` may start."""
    return sorted(name for name, rules in _registered.items() if rules.may_start(actor))
