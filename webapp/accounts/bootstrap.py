"""The first account of an installation without demo data: an administrator with a one-time password."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.models import User
from webapp.accounts.operations import hash_password
from webapp.audit.operations import record
from webapp.registry.models import Organisation

USERNAME = "admin"
_ORGANISATION = "系统管理"


def ensure_administrator(session: Session) -> str | None:
    """Create the account ``admin`` if no administrator exists.

    Returns:
        Its one-time password, to be shown once, or ``None`` when there was nothing to do.
    """
    known = select(User.id).where(User.roles.contains(["administrator"])).limit(1)
    if session.scalar(known) is not None:
        return None
    password = one_time_password()
    user = User(
        username=USERNAME,
        name="系统管理员",
        organisation_id=_organisation(session).id,
        roles=["administrator"],
        password_hash=hash_password(password),
        must_change_password=True,
        created_at=clock.real_now(),
    )
    session.add(user)
    session.flush()
    record(session, None, "user.create", subject=f"user:{user.id}", after={"username": USERNAME})
    return password


def _organisation(session: Session) -> Organisation:
    """The office above all regions: it has no region, and so sees no unit's records."""
    office = Organisation(name=_ORGANISATION, kind="office", region_code=None, created_at=clock.real_now())
    session.add(office)
    session.flush()
    return office


def one_time_password() -> str:
    """A random password that can be read out over the telephone: letters and digits that look alike are left out."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3)]
    return "-".join(groups)
