"""Who is behind a session secret."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import LoginSession, User
from webapp.accounts.operations import digest
from webapp.registry.models import Organisation, Region


def find_session_actor(
    session: Session, secret: str, *, kind: str, address: str | None
) -> tuple[Actor, datetime] | None:
    """The actor of a living session or token and when it was last noted as used; one statement."""
    values = {"digest": digest(secret), "kind": kind, "now": clock.real_now()}
    row = session.execute(_BY_SESSION, values).one_or_none()
    return None if row is None else (_actor(row, address), row.seen_at)


def get_actor(session: Session, user_id: int) -> Actor:
    """The actor for a user known by id (jobs, commands, tests)."""
    return _actor(session.execute(_ACTOR.where(User.id == user_id)).one(), None)


_ACTOR = (
    select(
        User.id,
        User.username,
        User.name,
        User.roles,
        User.must_change_password,
        User.organisation_id,
        Organisation.name.label("organisation_name"),
        Organisation.kind.label("organisation_kind"),
        Organisation.region_code,
        Region.name.label("region_name"),
        Region.level.label("region_level"),
        Region.path.label("region_path"),
    )
    .join(Organisation, Organisation.id == User.organisation_id)
    .outerjoin(Region, Region.code == Organisation.region_code)
)
_BY_SESSION = (
    _ACTOR.add_columns(LoginSession.seen_at)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(
        LoginSession.digest == bindparam("digest"),
        LoginSession.kind == bindparam("kind"),
        LoginSession.expires_at > bindparam("now"),
        User.disabled_at.is_(None),
    )
)


def _actor(row: Any, address: str | None) -> Actor:
    return Actor(
        user_id=row.id,
        username=row.username,
        name=row.name,
        roles=frozenset(row.roles),
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        organisation_kind=row.organisation_kind,
        region_code=row.region_code,
        region_name=row.region_name,
        region_level=row.region_level,
        region_path=row.region_path or "",
        address=address,
        must_change_password=row.must_change_password,
    )
