"""The offices and departments of the demonstration: Hunan, the city of Yueyang, its counties and zones."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.registry.models import Organisation, Region

PROVINCE, CITY, CITY_NAME = "430000", "430600", "岳阳市"

COUNTIES = {
    "430602": "yueyanglou",
    "430603": "yunxi",
    "430611": "junshan",
    "430621": "yueyangxian",
    "430623": "huarong",
    "430624": "xiangyin",
    "430626": "pingjiang",
    "430681": "miluo",
    "430682": "linxiang",
    "4306Z1": "jingkai",
    "4306Z2": "nanhu",
    "4306Z3": "quyuan",
}
"""Code → the start of the usernames there."""

ZONES = {"4306Z1": "岳阳经开区", "4306Z2": "南湖新区", "4306Z3": "屈原管理区"}
"""Zones have no GB/T 2260 code: local codes, named as S2 prints them."""

DEPARTMENTS = {
    "gongan": "岳阳市公安局",
    "shuiwu": "国家税务总局岳阳市税务局",
    "huanjing": "岳阳市生态环境局",
    "shichang": "岳阳市市场监督管理局（征求意见）",
    "yingji": "岳阳市应急管理局",
    "xinfang": "岳阳市信访局",
}
"""Start of the usernames → name. The market regulator is a unit of the list itself, so its counter is named apart."""


def add_zones(session: Session) -> dict[str, str]:
    """Add the zones of the city; returns the counties and zones, code → name."""
    rows = [
        {
            "code": code,
            "name": name,
            "parent_code": CITY,
            "level": "county",
            "kind": "zone",
            "path": f"{PROVINCE}/{CITY}/{code}",
        }
        for code, name in ZONES.items()
    ]
    session.execute(insert(Region).on_conflict_do_nothing(), rows)
    known = session.execute(select(Region.code, Region.name).where(Region.code.in_(COUNTIES)).order_by(Region.code))
    return {code: name for code, name in known}


def add_offices(session: Session, counties: dict[str, str]) -> dict[str, int]:
    """Add the civilisation offices that are not there; returns region code → organisation."""
    wanted = {PROVINCE: "湖南省文明办", CITY: "岳阳市文明办"} | {
        code: f"{name}文明办" for code, name in counties.items()
    }
    found = select(Organisation.region_code, Organisation.id).where(
        Organisation.kind == "office", Organisation.region_code.in_(wanted)
    )
    offices = {code: id_ for code, id_ in session.execute(found) if code}
    missing = [_row(name, "office", code) for code, name in wanted.items() if code not in offices]
    return offices | {code: id_ for id_, code in _add(session, missing) if code}


def add_departments(session: Session) -> dict[str, int]:
    """Add the departments of the city; returns start of the usernames → organisation."""
    rows = [_row(name, "department", CITY) for name in DEPARTMENTS.values()]
    return {key: id_ for key, (id_, _code) in zip(DEPARTMENTS, _add(session, rows), strict=True)}


def _row(name: str, kind: str, region: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "region_code": region, "source": "demo", "created_at": clock.real_now()}


def _add(session: Session, rows: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    statement = insert(Organisation).returning(Organisation.id, Organisation.region_code, sort_by_parameter_order=True)
    return [(id_, code) for id_, code in session.execute(statement, rows)] if rows else []
