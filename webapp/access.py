"""Who may do what, in one table, and within which subtree.

A view declares its permission with :func:`access` (or :func:`public`); a route that declares none is
refused and fails the tests. Pages, lists, search, exports, attachments and API ask the same functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import g
from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.problems import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY = frozenset({"*"})
"""Any person who is logged in."""

UNIT = frozenset({"unit_clerk", "unit_leader"})
COUNTY = frozenset({"county_reviewer"})
CITY = frozenset({"city_reviewer", "city_leader"})
OFFICE = COUNTY | CITY | {"provincial_officer"}
ADMIN = frozenset({"administrator"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "account.own": EVERYBODY,
    "help.read": EVERYBODY,
    "tasks.work": EVERYBODY,
    "instances.read": EVERYBODY,
    "instances.start": EVERYBODY,
    "instances.withdraw": UNIT,
    "instances.suspend": CITY | ADMIN | {"provincial_officer"},
    "instances.repair": ADMIN,
    "instances.intervene": ADMIN,
    "tasks.extend": CITY | {"provincial_officer"},
    "deadlines.preview": OFFICE | ADMIN,
    "laggards.read": OFFICE | ADMIN,
    "superiors.edit": CITY | ADMIN | {"provincial_officer"},
    "phrases.use": EVERYBODY,
    "phrases.share": OFFICE | ADMIN | {"unit_leader", "department_consultee"},
    "calendar.read": EVERYBODY,
    "calendar.edit": ADMIN,
    "attachments.use": EVERYBODY,
    "registry.read": EVERYBODY,
    "registry.edit": CITY | ADMIN | {"provincial_officer"},
    "registry.import": CITY | ADMIN | {"provincial_officer"},
    "batches.read": EVERYBODY,
    "batches.edit": CITY,
    "pairings.read": EVERYBODY,
    "pairings.manage": CITY | {"provincial_officer"},
    "pairings.supervise": OFFICE,
    "quotas.read": EVERYBODY,
    "quotas.edit": CITY | ADMIN | {"provincial_officer"},
    "quotas.transfer": OFFICE,
    "nominations.read": OFFICE,
    "nominations.open": CITY,
    "users.manage": OFFICE | ADMIN,
    "hand_over.act": OFFICE | ADMIN | {"unit_leader"},
    "definitions.read": EVERYBODY,
    "definitions.check": frozenset({"process_designer", "administrator"}),
    "designs.read": frozenset({"process_designer", "administrator", "auditor"}),
    "designs.edit": frozenset({"process_designer"}),
    "designs.try": frozenset({"process_designer", "administrator"}),
    "designs.publish": frozenset({"process_designer", "administrator"}),
    "designs.settings": ADMIN,
    "migrations.read": frozenset({"process_designer", "administrator", "auditor"}),
    "migrations.manage": frozenset({"process_designer", "administrator"}),
    "administration.read": ADMIN | {"auditor"},
    "administration.act": ADMIN,
    "audit.read": ADMIN | {"auditor"},
    "clock.set": ADMIN,
}


@dataclass(frozen=True)
class Actor:
    """The person who acts, as rights see them."""

    user_id: int
    username: str
    name: str
    roles: frozenset[str]
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    region_code: str | None
    region_name: str | None
    region_level: str | None
    region_path: str
    address: str | None = None
    must_change_password: bool = False

    @property
    def is_unit(self) -> bool:
        return self.organisation_kind == "unit"

    @property
    def is_office(self) -> bool:
        return self.organisation_kind == "office"

    @property
    def sees_subtree(self) -> bool:
        """Offices see their region's subtree; everybody else sees their own records and tasks."""
        return self.is_office and bool(self.region_path)


def may(actor: Actor, permission: str) -> bool:
    """Whether one of the actor's roles grants ``permission``."""
    allowed = PERMISSIONS[permission]
    return allowed is EVERYBODY or bool(allowed & actor.roles)


def require(actor: Actor, permission: str) -> None:
    """Raise :class:`Forbidden` unless :func:`may`."""
    if not may(actor, permission):
        raise Forbidden("您的角色不能进行这项操作。如确有需要，请联系本单位或上级文明办的管理员。")


def access(permission: str) -> Callable[[View], View]:
    """Declare what a view requires."""
    if permission not in PERMISSIONS:
        message = f"unknown permission {permission}"
        raise KeyError(message)

    def declare(view: View) -> View:
        view.__access__ = permission  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that a view needs no login."""
    view.__access__ = "public"  # type: ignore[attr-defined]
    return view


def current_actor() -> Actor:
    """The logged-in person of this request.

    Raises:
        Unauthenticated: nobody is logged in.
    """
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise Unauthenticated("请先登录。")
    return actor


def find_actor() -> Actor | None:
    """The logged-in person of this request, or ``None``."""
    actor: Actor | None = g.get("actor")
    return actor


def in_subtree(path: InstrumentedAttribute[str] | ColumnElement[str], root: str) -> ColumnElement[bool]:
    """SQL: the region path column lies in the subtree of the path ``root`` (an index range)."""
    if not root:
        return ~true()
    return or_(path == root, path.startswith(root + "/", autoescape=True))


def lies_in(path: str, root: str) -> bool:
    """The same question about a path in memory."""
    return bool(root) and (path == root or path.startswith(root + "/"))
