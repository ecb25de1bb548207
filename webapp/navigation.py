"""The main navigation: each area adds its own entries when it is installed, a person sees those that they may use."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from webapp.access import PERMISSIONS, Actor, may


@dataclass(frozen=True)
class Entry:
    """One entry; ``permission`` is ``None`` where no login is needed."""

    label: str
    endpoint: str
    permission: str | None
    order: int
    icon: str


@dataclass(frozen=True)
class Link:
    """An entry as one page shows it."""

    label: str
    address: str
    icon: str
    is_current: bool


def install(app: Flask) -> None:
    """Give an application its (still empty) navigation."""
    app.extensions["navigation"] = {}
    app.extensions["navigation_below"] = {}


def add(
    app: Flask, label: str, endpoint: str, permission: str | None, order: int, *, icon: str = "chevron-right"
) -> None:
    """Add an entry; to be called in ``views.install``.

    Args:
        label: Chinese, two to four characters.
        endpoint: a page without arguments; the entry is marked as current on all pages below its address, and on
            those of its blueprint that lie below no other.
        permission: who sees it, a key of ``PERMISSIONS``; ``None`` for everybody, logged in or not.
        order: position; 10 待办, 20 办件, 30 批次, 40 单位, 50 公示, 60 流程, 90 管理.
        icon: see :func:`webapp.bundle.icon`.
    """
    if permission is not None and permission not in PERMISSIONS:
        message = f"unknown permission {permission}"
        raise KeyError(message)
    app.extensions["navigation"][endpoint] = Entry(label, endpoint, permission, order, icon)


def place_below(app: Flask, blueprint: str, endpoint: str) -> None:
    """Mark the entry of ``endpoint`` as current on the pages of a blueprint that has no entry itself."""
    app.extensions["navigation_below"][blueprint] = endpoint


def list_links(actor: Actor | None) -> list[Link]:
    """The entries that ``actor`` (``None``: nobody is logged in) may use, in their order."""
    entries: list[Entry] = sorted(current_app.extensions["navigation"].values(), key=lambda entry: entry.order)
    offered = {
        entry: url_for(entry.endpoint)
        for entry in entries
        if entry.endpoint in current_app.view_functions and _is_offered(entry, actor)
    }
    current = _current(offered)
    return [Link(entry.label, address, entry.icon, entry is current) for entry, address in offered.items()]


def _is_offered(entry: Entry, actor: Actor | None) -> bool:
    return entry.permission is None or (actor is not None and may(actor, entry.permission))


def _current(offered: Mapping[Entry, str]) -> Entry | None:
    """The entry below whose address the page lies, else the one of its blueprint, else the one that this is below."""
    here = f"{request.script_root}{request.path}/"
    above = [entry for entry, address in offered.items() if here.startswith(f"{address.rstrip('/')}/")]
    beside = [entry for entry in offered if request.blueprint == entry.endpoint.rpartition(".")[0]]
    below = current_app.extensions["navigation_below"].get(request.blueprint)
    return next(iter(above or beside), None) or next((entry for entry in offered if entry.endpoint == below), None)
