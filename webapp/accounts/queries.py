"""Who is behind a session secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.operations import digest
from webapp.problems import NotFound
from webapp.statements import Statement


@dataclass(frozen=True)
class SessionActor:
    """The actor of a living session or token."""

    actor: Actor
    seen_at: datetime
    """When it was last noted as used."""
    expires_at: datetime


def find_session_actor(session: Session, secret: str, *, kind: str, address: str | None) -> SessionActor | None:
    """Whose session or token it is, if it lives; one statement."""
    values = {"digest": digest(secret), "kind": kind, "now": clock.real_now()}
    rows = _BY_SESSION.execute(session, values)
    return SessionActor(_actor(rows[0], address), rows[0].seen_at, rows[0].expires_at) if rows else None


def get_actor(session: Session, user_id: int) -> Actor:
    """The actor for a user known by id (jobs, commands, tests).

    Raises:
        NotFound: there is none.
    """
    rows = _BY_ID.execute(session, {"user": user_id})
    if not rows:
        raise NotFound
    return _actor(rows[0], None)


_PERSON = """
    SELECT u.id, u.username, u.name, u.roles, u.must_change_password, u.organisation_id,
        o.name AS organisation_name, o.kind AS organisation_kind, o.region_code,
        r.name AS region_name, r.level AS region_level, r.path AS region_path, {more}
    FROM {people} JOIN organisations o ON o.id = u.organisation_id LEFT JOIN regions r ON r.code = o.region_code
"""
_BY_ID = Statement(_PERSON.format(more="NULL", people="users u") + "WHERE u.id = :user")
_BY_SESSION = Statement(
    _PERSON.format(more="s.seen_at, s.expires_at", people="login_sessions s JOIN users u ON u.id = s.user_id")
    + "WHERE s.digest = :digest AND s.kind = :kind AND s.expires_at > :now AND u.disabled_at IS NULL"
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
