"""The accounts and organisations that somebody looks after, within their subtree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree
from webapp.accounts.management_rules import Post, grantable_roles, is_above_all, may_manage, misplaced_roles, reaches
from webapp.accounts.models import ROLES, User
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Organisation, Region


@dataclass(frozen=True)
class UserFilter:
    """What a list of accounts is narrowed to; ``organisation`` is a number or ``None``."""

    q: str = ""
    role: str = ""
    organisation: int | None = None
    disabled: bool = False


def _reachable(actor: Actor) -> ColumnElement[bool]:
    return true() if is_above_all(actor) else in_subtree(Region.path, actor.region_path)


def _accounts(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            User.id,
            User.username,
            User.name,
            User.roles,
            User.email,
            User.mobile,
            User.disabled_at,
            User.must_change_password,
            User.organisation_id,
            Organisation.name.label("organisation"),
            Organisation.kind,
            Region.name.label("region_name"),
            Region.level.label("region_level"),
            Region.path.label("region_path"),
        )
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(_reachable(actor))
    )


def list_users(session: Session, actor: Actor, wanted: UserFilter, page: int, per_page: int) -> Page:
    """The accounts of the actor's subtree, by organisation and username."""
    return fetch_page(session, _filtered(actor, wanted), page, per_page)


def export_users(session: Session, actor: Actor, wanted: UserFilter, limit: int) -> Sequence[Any]:
    """The same list without pages."""
    return session.execute(_filtered(actor, wanted).limit(limit)).all()


def _filtered(actor: Actor, wanted: UserFilter) -> Select[*tuple[Any, ...]]:
    query = _accounts(actor)
    if wanted.q:
        found = (User.username, User.name, Organisation.name)
        query = query.where(or_(*(column.icontains(wanted.q, autoescape=True) for column in found)))
    if wanted.role in ROLES:
        query = query.where(User.roles.contains([wanted.role]))
    if wanted.organisation is not None:
        query = query.where(User.organisation_id == wanted.organisation)
    if wanted.disabled:
        query = query.where(User.disabled_at.is_not(None))
    return query.order_by(Region.path.nulls_first(), Organisation.kind, Organisation.name, User.username)


def get_user(session: Session, actor: Actor, user_id: int) -> Any:
    """One account of the actor's subtree.

    Raises:
        NotFound: there is none, or it is out of reach.
    """
    row = session.execute(_accounts(actor).where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def is_managed(actor: Actor, row: Any) -> bool:
    """Whether the actor may change the account of a row of these lists."""
    return may_manage(actor, row.id, frozenset(row.roles), Post(row.kind, row.region_level, row.region_path))


def find_organisations(session: Session, actor: Actor, q: str, limit: int = 20) -> Sequence[Any]:
    """Organisations in reach in which the actor may give some role, by part of their name."""
    query = (
        select(Organisation.id, Organisation.name, Organisation.kind, Region.name.label("region_name"), Region.level)
        .join(Region, Region.code == Organisation.region_code)
        .where(_reachable(actor), Organisation.status == "active", Organisation.name.icontains(q, autoescape=True))
        .order_by(Organisation.name)
        .limit(limit)
    )
    rows = session.execute(query).all()
    return [row for row in rows if _roles(actor, Post(row.kind, row.level, None))]


def roles_for(actor: Actor, post: Post) -> list[tuple[str, str]]:
    """Code and Chinese name of the roles that the actor may give in an organisation.

    Raises:
        NotFound: the organisation is out of reach.
    """
    if not reaches(actor, post):
        raise NotFound
    return _roles(actor, post)


def _roles(actor: Actor, post: Post) -> list[tuple[str, str]]:
    allowed = grantable_roles(actor)
    return [
        (role, name) for role, name in ROLES.items() if role in allowed and not misplaced_roles(frozenset({role}), post)
    ]
