"""The demonstration: real units of a printed list, made-up people, open batches. Set up once, never repaired."""

from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.audit.operations import record
from webapp.config import Settings
from webapp.demo.batches import add_batches
from webapp.demo.henan import add_henan, add_henan_offices
from webapp.demo.pairings import add_programme
from webapp.demo.passwords import DemoPassword, ensure_password, find_password, usernames_with
from webapp.demo.people import add_accounts, office_accounts, unit_accounts
from webapp.demo.places import CITY, PROVINCE, add_departments, add_offices, add_zones
from webapp.demo.units import add_list, add_playground
from webapp.registry.models import Organisation, Region
from webapp.registry.reference import ensure_reference

_FIRST_ACCOUNT = "city.reviewer1"


def ensure_demo(session: Session, settings: Settings, *, random_passwords: bool | None = None) -> None:
    """Set the demonstration up if it is not there, and make its passwords random where others can reach it.

    Args:
        random_passwords: ``None`` means: when the server listens beyond this machine.
    """
    ensure_reference(session)
    random = settings.is_open if random_passwords is None else random_passwords
    present = session.scalar(select(User.id).where(User.username == _FIRST_ACCOUNT)) is not None
    usernames = list(session.scalars(_demo_usernames())) if present else []
    password = ensure_password(session, settings, random=random, usernames=usernames)
    if not present:
        _set_up(session, password)


def protect_demo(session: Session, settings: Settings) -> None:
    """Where the demonstration has been switched off again, its documented password must not open anything."""
    if find_password(settings) is not None:
        ensure_password(session, settings, random=True, usernames=[])


def _set_up(session: Session, password: DemoPassword) -> None:
    counties = add_zones(session)
    offices = add_offices(session, counties)
    departments = add_departments(session)
    units = add_list(session, counties)
    playground = add_playground(session)
    accounts = office_accounts(offices, departments) + unit_accounts(units, playground)
    accounts += add_henan_offices(session)
    users = add_accounts(session, accounts, password.password_hash)
    add_henan(session)
    add_batches(session, users[_FIRST_ACCOUNT], departments, offices[PROVINCE])
    add_programme(session, users[_FIRST_ACCOUNT], playground)
    counts = {"units": len(units) + len(playground), "users": len(users)}
    record(session, None, "demo.create", subject=f"region:{CITY}", after=counts)


def _demo_usernames() -> Any:
    made_together = select(func.max(User.created_at)).where(User.username == _FIRST_ACCOUNT).scalar_subquery()
    return select(User.username).where(User.created_at == made_together)


def demo_accounts(session: Session, settings: Settings | None = None) -> list[dict[str, Any]]:
    """The accounts that still have the demo password, as the command line prints them.

    Returns:
        ``username``, ``password``, ``role`` (a list), ``organisation`` and ``region`` of each; empty
        where no demonstration was set up.
    """
    password = find_password(settings or current_app.extensions["settings"])
    if password is None:
        return []
    living = usernames_with(session, password)
    rows = session.execute(
        select(User.username, User.roles, Organisation.name, Region.code)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(User.username.in_(living), User.disabled_at.is_(None))
        .order_by(User.id)
    )
    return [
        {
            "username": username,
            "password": password.password,
            "role": list(roles),
            "organisation": organisation,
            "region": region,
        }
        for username, roles, organisation, region in rows
    ]
