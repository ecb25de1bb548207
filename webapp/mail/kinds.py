"""The kinds of messages: how each is built, and when it has become pointless before it was sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from webapp.mail.content import About, Content, Json

BUILDERS = ("returned", "reminder", "nudge", "escalation", "outcome", "incident", "digest", "test")
"""The modules of :mod:`webapp.mail.builders`; each names its ``KIND``."""

Build = Callable[[Json, About, datetime], Content]
Moot = Callable[[About], str | None]


@dataclass(frozen=True)
class Kind:
    """One kind of message."""

    name: str
    label: str
    build: Build
    """Facts, what it is about, business time → what it says."""
    moot: Moot
    """Why it need not be sent any more, or ``None``."""
    offers_choices: bool = False
    """Whether the outcomes of the step stand in the mail as links."""
    is_notice: bool = True
    """Whether the bell shows it."""
    example: Json = field(default_factory=dict)
    """Facts for the preview of templates."""


_kinds: dict[str, Kind] = {}


def kinds() -> dict[str, Kind]:
    """Every kind by name, in the order of :data:`BUILDERS`."""
    if not _kinds:
        for name in BUILDERS:
            kind: Kind = import_module(f"webapp.mail.builders.{name}").KIND
            _kinds[kind.name] = kind
    return _kinds


def get_kind(name: str) -> Kind:
    """The kind of that name.

    Raises:
        LookupError: there is none; a mistake of the caller.
    """
    return kinds()[name]


def always_holds(_about: About) -> str | None:
    """Never moot."""
    return None


def holds_while_open(about: About) -> str | None:
    """Moot as soon as the task is done, cancelled or suspended."""
    matter = about.matter
    if matter is None or matter.task_id is None or matter.task_status == "open":
        return None
    words = {"done": "任务已办理", "cancelled": "任务已取消", "suspended": "办件已挂起"}
    return words.get(matter.task_status, "任务已不存在")


def holds_while_doable(about: About) -> str | None:
    """Moot as soon as the person cannot do the task any more."""
    reason = holds_while_open(about)
    matter = about.matter
    if reason or matter is None or matter.task_id is None:
        return reason
    if not matter.is_candidate:
        return "任务已改由他人办理"
    return f"任务已由{matter.holder}领取" if matter.holder else None
