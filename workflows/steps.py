"""What the engine is given besides the state and what it answers: plain data, nothing of the library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Context:
    """The world that a step may see: the business clock, the services and the functions of expressions.

    `let_through` names exceptions of services that are no incident of the process (a lost database connection):
    they leave the engine as they are, and nothing of the step counts.
    """

    now: datetime
    services: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    let_through: tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the clock of a step must be an aware datetime")


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits for a person. `data` is what is visible there, e.g. the item of a multi-instance."""

    id: str
    element: str
    name: str
    lane: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClosedTask:
    """A task that was open before the step and is not any more."""

    id: str
    element: str
    how: Literal["completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Passed:
    """One element or sequence flow that a token went through; `kind` is its BPMN tag."""

    element: str
    kind: str


@dataclass(frozen=True, slots=True)
class Timer:
    """An armed timer; `element` is the event that fires."""

    task_id: str
    element: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A catcher of a message or signal."""

    name: str
    element: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the process throws and that nothing in the same instance caught."""

    name: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EndReached:
    """The end event that the whole process reached last, with what its `wm:outcome` says."""

    element: str
    status: str
    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something failed at an element; `trace` is for the administrator."""

    task_id: str
    element: str
    error_type: str
    message: str
    trace: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot go on in another version as it stands; `element` is one of its present version.

    `kind` is "mapping" where saying what the element corresponds to may help, else "impossible"; a "note" is no
    obstacle but what will be otherwise.
    """

    kind: Literal["mapping", "impossible", "note"]
    code: str
    element: str
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step.

    `opened`, `closed`, `way`, `sent` and `incidents` tell what this step did; `timers`, `messages`, `signals` and
    `data` what holds after it. With `failed_entering` nothing happened and all is as before (empty for
    `start`): the caller undoes what services did, keeps the decision with the incident, and replays it once mended.
    """

    state: str
    opened: list[OpenTask] = field(default_factory=list)
    closed: list[ClosedTask] = field(default_factory=list)
    way: list[Passed] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    messages: list[Waiting] = field(default_factory=list)
    signals: list[Waiting] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    end: EndReached | None = None
    incidents: list[Incident] = field(default_factory=list)
    notes: list[Obstacle] = field(default_factory=list)  # of a migration
    failed_entering: Incident | None = None
