"""What a message says, as plain data: builders make it, templates and the bell show it, the sender never sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Json = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """Something that the reader can do now; ``path`` is an address of this site without its host."""

    label: str
    path: str


@dataclass(frozen=True)
class Item:
    """One line of a list."""

    title: str
    note: str
    path: str
    actions: tuple[Action, ...] = ()
    """What can be decided straight from the line."""


@dataclass(frozen=True)
class Group:
    """Lines under a heading; ``more`` of them are not listed."""

    title: str
    items: tuple[Item, ...]
    more: int = 0


@dataclass(frozen=True)
class Content:
    """A message: what it is about, what to do, the facts, where to do it."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[Action, ...] = ()
    """The first is the usual one."""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Person:
    """Who gets the message."""

    user_id: int
    name: str
    organisation: str
    email: str | None
    is_disabled: bool = False


@dataclass(frozen=True)
class Matter:
    """The case and the task that a message is about, as they are now."""

    instance_id: int
    number: str
    title: str
    unit: str
    task_id: UUID | None = None
    task_name: str = ""
    task_status: str = ""
    due_at: datetime | None = None
    region: str | None = None
    is_candidate: bool = False
    """Whether the person may do the task now."""
    holder: str | None = None
    """Who else has claimed it."""


@dataclass(frozen=True)
class About:
    """Everything that a builder may know beside the facts of its message."""

    person: Person
    matter: Matter | None = None
    choices: tuple[Action, ...] = field(default=())
    """What the person can decide straight from the mail."""
    listed: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    """The same for each task that the facts list, by its id."""
