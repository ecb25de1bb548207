"""Who may look after whose account: an office those of the bodies under it, an administrator every one in reach.

Nobody gives roles that stand beside or above their own, and nobody changes their own.
"""

import re
from dataclasses import dataclass

from webapp.access import Actor

PLACES: dict[str, frozenset[tuple[str, str | None]]] = {
    "unit_clerk": frozenset({("unit", None)}),
    "unit_leader": frozenset({("unit", None)}),
    "county_reviewer": frozenset({("office", "county")}),
    "city_reviewer": frozenset({("office", "city")}),
    "city_leader": frozenset({("office", "city")}),
    "provincial_officer": frozenset({("office", "province")}),
    "inspector": frozenset({("office", "city"), ("office", "county"), ("department", None)}),
    "department_consultee": frozenset({("department", None)}),
    "supervisor": frozenset({("office", None)}),
    "process_designer": frozenset({("office", None)}),
    "auditor": frozenset({("office", None)}),
    "administrator": frozenset({("office", None)}),
}
"""Role → kinds of organisation (and level of an office's region) in which it means something."""

_OF_UNITS = frozenset({"unit_clerk", "unit_leader"})
_OF_CITY = _OF_UNITS | {"county_reviewer", "inspector", "department_consultee", "supervisor"}
_OF_PROVINCE = _OF_CITY | {"city_reviewer", "city_leader"}

GRANTS: dict[str, frozenset[str]] = {
    "county_reviewer": _OF_UNITS,
    "city_reviewer": _OF_CITY,
    "city_leader": _OF_CITY,
    "provincial_officer": _OF_PROVINCE,
    "administrator": frozenset(PLACES),
}
"""Role → the roles that its holder may give and take away."""

_USERNAME = re.compile(r"[^\s/\\\x00-\x1f\x7f]{2,64}")


@dataclass(frozen=True)
class Post:
    """The organisation that an account belongs to, as these rules see it."""

    kind: str
    region_level: str | None
    region_path: str | None


def grantable_roles(actor: Actor) -> frozenset[str]:
    """The roles that the actor may give."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in actor.roles))


def is_above_all(actor: Actor) -> bool:
    """An administrator whose organisation has no region looks after the whole installation."""
    return "administrator" in actor.roles and actor.region_code is None


def reaches(actor: Actor, post: Post) -> bool:
    """Whether the organisation lies in the actor's subtree."""
    if is_above_all(actor):
        return True
    path = post.region_path
    return bool(actor.sees_subtree and path and f"{path}/".startswith(f"{actor.region_path}/"))


def may_manage(actor: Actor, user_id: int, roles: frozenset[str], post: Post) -> bool:
    """Whether the actor may change, disable or reset an account that holds ``roles`` at ``post``."""
    return user_id != actor.user_id and reaches(actor, post) and roles <= grantable_roles(actor)


def misplaced_roles(roles: frozenset[str], post: Post) -> frozenset[str]:
    """The roles that mean nothing in the organisation."""
    here = {(post.kind, None), (post.kind, post.region_level)}
    return frozenset(role for role in roles if not PLACES.get(role, frozenset()) & here)


def is_username(text: str) -> bool:
    """Whether a login name may be used: 2 to 64 visible characters without blanks and slashes."""
    return _USERNAME.fullmatch(text) is not None and text.isprintable()
