"""The units of the demonstration: the list of S2 附件2 四 as printed, and a few made-up ones to play with."""

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.demo.places import CITY, CITY_NAME
from webapp.registry.models import Award, Organisation, Predecessor
from webapp.registry.rules import place_by_name, propose_predecessors

LIST_FILE = Path(__file__).parent / "data" / "yueyang-2020.csv"
SOURCE = "岳市文明委〔2020〕1号 附件2 四"
_PRINTED_HONOURS = {"全国文明单位": "national", "省级文明标兵单位": "provincial_model", "省级文明单位": "provincial"}

PLAYGROUND: dict[str, dict[str, Any]] = {
    "citydirect": {"name": "示例市直机关事务中心", "region_code": CITY, "city_direct": True, "ownership": "公有"},
    "citydirect2": {"name": "示例市直档案馆", "region_code": CITY, "city_direct": True, "ownership": "公有"},
    "private": {"name": "示例云溪新材料有限公司", "region_code": "430603", "sector": "制造业", "ownership": "非公"},
    "private2": {"name": "示例洞庭物流有限公司", "region_code": "430602", "sector": "物流业", "ownership": "非公"},
    "private3": {"name": "示例君山生态农业有限公司", "region_code": "430611", "sector": "农业", "ownership": "非公"},
    "private4": {"name": "示例华容棉纺有限公司", "region_code": "430623", "sector": "制造业", "ownership": "非公"},
    "private5": {"name": "示例湘阴陶瓷有限公司", "region_code": "430624", "sector": "制造业", "ownership": "非公"},
    "private6": {"name": "示例汨罗再生资源有限公司", "region_code": "430681", "sector": "环保", "ownership": "非公"},
    "private7": {"name": "示例临湘浮标科技有限公司", "region_code": "430682", "sector": "制造业", "ownership": "非公"},
    "private8": {"name": "示例平江食品有限公司", "region_code": "430626", "sector": "食品业", "ownership": "非公"},
    "school": {"name": "示例平江实验学校", "region_code": "430626", "sector": "教育", "ownership": "公有"},
    "hospital": {"name": "示例汨罗社区医院", "region_code": "430681", "sector": "卫生", "ownership": "公有"},
}
"""Start of the usernames → a made-up unit without an honour."""


def read_list() -> list[dict[str, str]]:
    """The entries of the list in printed order: ``honour``, ``term`` and ``name``."""
    with LIST_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_list(session: Session, counties: dict[str, str]) -> dict[str, tuple[int, str | None]]:
    """Add the units of the list with their awards and proposed predecessors.

    Returns:
        Name → (organisation, jurisdiction or ``None`` where the name does not tell it).
    """
    entries = read_list()
    names = list(dict.fromkeys(entry["name"] for entry in entries))
    units = _add_units(session, {name: place_by_name(name, counties, CITY_NAME) for name in names})
    awards = [
        {
            "organisation_id": units[entry["name"]][0],
            "honour_code": _PRINTED_HONOURS[entry["honour"]],
            "term": entry["term"],
            "granted_name": entry["name"],
            "source": SOURCE,
        }
        for entry in entries
    ]
    session.execute(insert(Award), awards)
    _propose(session, {name: id_ for name, (id_, _code) in units.items()})
    return units


def _add_units(session: Session, places: dict[str, str | None]) -> dict[str, tuple[int, str | None]]:
    at = clock.real_now()
    rows = [
        {
            "name": name,
            "kind": "unit",
            "region_code": code,
            "waiting_code": None if code else CITY,
            "printed_region": CITY_NAME,
            "source": SOURCE,
            "created_at": at,
        }
        for name, code in places.items()
    ]
    ids = session.scalars(insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), rows)
    return {name: (id_, code) for (name, code), id_ in zip(places.items(), ids, strict=True)}


def _propose(session: Session, ids: dict[str, int]) -> None:
    at = clock.real_now()
    rows = [
        {
            "organisation_id": ids[today],
            "predecessor_id": ids[earlier],
            "reason": "2018年国税地税征管体制改革，名称相近，请核对",
            "proposed_at": at,
        }
        for today, earlier in propose_predecessors(ids, CITY_NAME)
    ]
    session.execute(insert(Predecessor), rows)


def add_playground(session: Session) -> dict[str, int]:
    """Add the made-up units; returns start of the usernames → organisation."""
    at = clock.real_now()
    rows = [
        {"kind": "unit", "source": "demo", "created_at": at, "city_direct": False, "sector": None} | unit
        for unit in PLAYGROUND.values()
    ]
    ids = session.scalars(insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), rows)
    return dict(zip(PLAYGROUND, ids, strict=True))
