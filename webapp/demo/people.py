"""The accounts of the demonstration. Nobody here is a real person: names say the office and the role."""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.accounts.models import User
from webapp.demo.places import CITY, COUNTIES, DEPARTMENTS, PROVINCE
from webapp.demo.units import PLAYGROUND

_ORDINALS = "甲乙丙丁"
_UNITS_PER_COUNTY = 2

_CITY_OFFICE = (
    ("city.reviewer1", "市级审核员甲", "city_reviewer"),
    ("city.reviewer2", "市级审核员乙", "city_reviewer"),
    ("city.leader", "市级负责人", "city_leader"),
    ("inspector1", "测评员甲", "inspector"),
    ("inspector2", "测评员乙", "inspector"),
    ("inspector3", "测评员丙", "inspector"),
    ("inspector4", "测评员丁", "inspector"),
    ("supervisor", "社会监督员", "supervisor"),
    ("designer", "流程设计员", "process_designer"),
    ("auditor", "审计员", "auditor"),
    ("admin", "系统管理员", "administrator"),
)

Account = tuple[str, str, str, int]
"""Username, name, role and organisation."""


def office_accounts(offices: dict[str, int], departments: dict[str, int]) -> list[Account]:
    """Who works in the offices and answers consultations."""
    found = [
        (f"province.officer{n + 1}", f"省级经办人{_ORDINALS[n]}", "provincial_officer", offices[PROVINCE])
        for n in range(2)
    ]
    found += [(username, name, role, offices[CITY]) for username, name, role in _CITY_OFFICE]
    for code, key in COUNTIES.items():
        found += [
            (f"{key}.reviewer{n + 1}", f"县级审核员{_ORDINALS[n]}", "county_reviewer", offices[code]) for n in range(2)
        ]
    return found + [
        (f"{key}.consultee", "征求意见联系人", "department_consultee", departments[key]) for key in DEPARTMENTS
    ]


def unit_accounts(units: dict[str, tuple[int, str | None]], playground: dict[str, int]) -> list[Account]:
    """A clerk and a leader for the first units of every county and for the made-up ones."""
    bodies = {key: playground[key] for key in PLAYGROUND}
    for code, key in COUNTIES.items():
        there = [id_ for id_, place in units.values() if place == code][:_UNITS_PER_COUNTY]
        bodies |= {f"{key}.unit{n + 1}": id_ for n, id_ in enumerate(there)}
    return [
        (f"{key}.{short}", name, role, id_)
        for key, id_ in bodies.items()
        for short, name, role in (("clerk", "文明专干", "unit_clerk"), ("leader", "单位负责人", "unit_leader"))
    ]


def add_accounts(session: Session, accounts: list[Account], password_hash: str) -> dict[str, int]:
    """Create the accounts, leaving alone those that an office has made before; returns username → user."""
    at = clock.real_now()
    known = set(session.scalars(select(User.username).where(User.username.in_([account[0] for account in accounts]))))
    accounts = [account for account in accounts if account[0] not in known]
    rows: list[dict[str, Any]] = [
        {
            "username": username,
            "name": name,
            "organisation_id": organisation,
            "roles": [role],
            "password_hash": password_hash,
            "must_change_password": False,
            "created_at": at,
        }
        for username, name, role, organisation in accounts
    ]
    ids = session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), rows)
    return {account[0]: id_ for account, id_ in zip(accounts, ids, strict=True)}
