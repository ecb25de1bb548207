"""The sample world in which processes are tried: a province down to two counties, with offices, units and people.

Its numbers and names are the same every time, so that what was recorded in it can be run again anywhere; they lie far
above those of an installation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.registry.models import Award, Organisation, Region
from webapp.registry.reference import ensure_honours

BASE = 900_000_000
"""Where the numbers of samples begin; nine digits, as pairings name their two sides."""
PROVINCE, CITY, COUNTY, OTHER_COUNTY = "990000", "990100", "990101", "990102"

_REGIONS = (
    (PROVINCE, "示例省", None, "province"),
    (CITY, "示例市", PROVINCE, "city"),
    (COUNTY, "示例县", CITY, "county"),
    (OTHER_COUNTY, "示例二县", CITY, "county"),
)


@dataclass(frozen=True)
class Body:
    """A sample organisation; ``people`` are (username, name, role)."""

    key: str
    name: str
    kind: str
    region: str
    people: tuple[tuple[str, str, str], ...]
    city_direct: bool = False
    ownership: str | None = None
    sector: str | None = None
    honour: str | None = None


def _staff(key: str, name: str) -> tuple[tuple[str, str, str], ...]:
    return ((f"{key}.clerk", f"{name}文明专干", "unit_clerk"), (f"{key}.leader", f"{name}负责人", "unit_leader"))


BODIES = (
    Body(
        "province",
        "示例省文明办",
        "office",
        PROVINCE,
        (("province.a", "省级经办人甲", "provincial_officer"), ("province.b", "省级经办人乙", "provincial_officer")),
    ),
    Body(
        "city",
        "示例市文明办",
        "office",
        CITY,
        (
            ("city.a", "市级审核员甲", "city_reviewer"),
            ("city.b", "市级审核员乙", "city_reviewer"),
            ("city.leader", "市级负责人", "city_leader"),
            ("inspector.a", "测评员甲", "inspector"),
            ("inspector.b", "测评员乙", "inspector"),
            ("inspector.c", "测评员丙", "inspector"),
            ("supervisor", "社会监督员", "supervisor"),
            ("designer", "流程设计员", "process_designer"),
            ("auditor", "审计员", "auditor"),
            ("admin", "系统管理员", "administrator"),
        ),
    ),
    Body(
        "county",
        "示例县文明办",
        "office",
        COUNTY,
        (("county.a", "县级审核员甲", "county_reviewer"), ("county.b", "县级审核员乙", "county_reviewer")),
    ),
    Body(
        "county2",
        "示例二县文明办",
        "office",
        OTHER_COUNTY,
        (("county2.a", "二县审核员甲", "county_reviewer"), ("county2.b", "二县审核员乙", "county_reviewer")),
    ),
    Body(
        "police",
        "示例市公安局",
        "department",
        CITY,
        (("police.a", "公安局联系人", "department_consultee"),),
    ),
    Body("tax", "示例市税务局", "department", CITY, (("tax.a", "税务局联系人", "department_consultee"),)),
    Body("unit", "示例县实验学校", "unit", COUNTY, _staff("unit", "学校"), ownership="公有", sector="教育"),
    Body(
        "direct", "示例市档案馆", "unit", CITY, _staff("direct", "档案馆"), city_direct=True, ownership="公有"
    ),
    Body(
        "private", "示例县新材料有限公司", "unit", COUNTY, _staff("private", "新材料公司"), ownership="非公",
        sector="制造业",
    ),
    Body(
        "model", "示例县供电公司", "unit", COUNTY, _staff("model", "供电公司"), ownership="公有", sector="制造业",
        honour="provincial_model",
    ),
)  # fmt: skip
NUMBERS = {body.key: BASE + place for place, body in enumerate(BODIES, start=1)}
"""Key of a sample organisation → its number."""
PEOPLE = {
    username: BASE + place
    for place, username in enumerate((person[0] for body in BODIES for person in body.people), start=1)
}
"""Username of a sample person (without the mark) → their number."""
_MARK = "~"
"""Starts the stored usernames: nobody can register such a one."""


def create_world(session: Session, at: datetime) -> None:
    """Insert places, organisations and people."""
    ensure_honours(session)
    _insert_regions(session)
    _insert_bodies(session, at)
    session.flush()


def _insert_regions(session: Session) -> None:
    paths: dict[str | None, str] = {None: ""}
    for code, name, parent, level in _REGIONS:
        paths[code] = f"{paths[parent]}/{code}".lstrip("/")
        row = {"code": code, "name": name, "parent_code": parent, "level": level, "path": paths[code]}
        session.execute(insert(Region), row)


def _insert_bodies(session: Session, at: datetime) -> None:
    session.execute(insert(Organisation), [_organisation(body, at) for body in BODIES])
    people = [(body, person) for body in BODIES for person in body.people]
    session.execute(insert(User), [_user(body, person, at) for body, person in people])
    awards = [
        {"organisation_id": NUMBERS[b.key], "honour_code": b.honour, "term": "上届", "granted_name": b.name}
        for b in BODIES
        if b.honour
    ]
    session.execute(insert(Award), awards)


def _organisation(body: Body, at: datetime) -> Mapping[str, object]:
    return {
        "id": NUMBERS[body.key],
        "name": body.name,
        "kind": body.kind,
        "region_code": body.region,
        "city_direct": body.city_direct,
        "ownership": body.ownership,
        "sector": body.sector,
        "source": "sample",
        "created_at": at,
    }


def _user(body: Body, person: tuple[str, str, str], at: datetime) -> Mapping[str, object]:
    username, name, role = person
    return {
        "id": PEOPLE[username],
        "username": _MARK + username,
        "name": name,
        "organisation_id": NUMBERS[body.key],
        "roles": [role],
        "password_hash": "!",
        "created_at": at,
    }
