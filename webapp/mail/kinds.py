"""The kinds of messages: how each is built, whether it waits for the digest, and when it has become pointless.

A new kind is one module in :mod:`webapp.mail.builders`; it is found there, nothing lists it. See :mod:`webapp.mail`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from webapp.mail.content import About, Content, Json

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
    is_immediate: bool = False
    """Whether it leaves at once; otherwise it waits for the person's next digest."""
    offers_choices: bool = False
    """Whether the outcomes of the step stand in the mail as links."""
    is_notice: bool = True
    """Whether the bell shows it."""
    example: Json = field(default_factory=dict)
    """Facts for the preview of templates."""


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name: the ``KIND`` of each module of :mod:`webapp.mail.builders`."""
    package = import_module("webapp.mail.builders")
    modules = (import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__))
    return {module.KIND.name: module.KIND for module in modules}


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
