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
    return _actor(session.execute(_ACTOR.where(_users.id == user_id)).one(), None)


_users, _organisations, _regions = User.__table__.c, Organisation.__table__.c, Region.__table__.c
_sessions = LoginSession.__table__.c

_ACTOR = (  # every request asks this: plain columns, nothing for the ORM to do
    select(
        _users.id,
        _users.username,
        _users.name,
        _users.roles,
        _users.must_change_password,
        _users.organisation_id,
        _organisations.name.label("organisation_name"),
        _organisations.kind.label("organisation_kind"),
        _organisations.region_code,
        _regions.name.label("region_name"),
        _regions.level.label("region_level"),
        _regions.path.label("region_path"),
    )
    .join_from(User.__table__, Organisation.__table__, _organisations.id == _users.organisation_id)
    .outerjoin(Region.__table__, _regions.code == _organisations.region_code)
)
_BY_SESSION = (
    _ACTOR.add_columns(_sessions.seen_at)
    .join(LoginSession.__table__, _sessions.user_id == _users.id)
    .where(
        _sessions.digest == bindparam("digest"),
        _sessions.kind == bindparam("kind"),
        _sessions.expires_at > bindparam("now"),
        _users.disabled_at.is_(None),
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
