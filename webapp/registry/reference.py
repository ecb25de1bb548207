"""Reference data that every installation needs: regions by GB/T 2260 and the honours. Adding is all it does."""

import csv
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.registry.models import Honour, Region
from webapp.registry.rules import place_by_code

_REGIONS_FILE = Path(__file__).parent / "data" / "gbt2260-201904.csv"

HONOURS = (
    ("county", "县级文明单位", "county", 10),
    ("city", "市级文明单位", "city", 20),
    ("city_model", "市级标兵", "city", 30),
    ("provincial", "省级文明单位", "provincial", 40),
    ("provincial_model", "省级文明单位标兵", "provincial", 50),
    ("national", "全国文明单位", "national", 60),
)
"""Code, name, level and rank."""


def ensure_reference(session: Session) -> None:
    """Add the regions and honours that are not there yet; what is there stays as it is."""
    ensure_honours(session)
    codes = read_region_file(_REGIONS_FILE)
    if session.scalar(select(func.count()).select_from(Region).where(Region.code.in_(codes))) == len(codes):
        return
    rows = region_rows(codes)
    for level in ("province", "city", "county"):  # parents first
        part = [row for row in rows if row["level"] == level]
        session.execute(insert(Region).on_conflict_do_nothing(), part)


def ensure_honours(session: Session) -> None:
    """Add the honours that are not there yet."""
    rows = [{"code": code, "name": name, "level": level, "rank": rank} for code, name, level, rank in HONOURS]
    session.execute(insert(Honour).on_conflict_do_nothing(), rows)


def read_region_file(path: Path) -> dict[str, str]:
    """Code → name of a ``code,name`` list."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def region_rows(codes: dict[str, str]) -> list[dict[str, str | None]]:
    """Rows of the table of regions for GB/T 2260 codes, with level, parent and path."""
    rows: list[dict[str, str | None]] = []
    paths: dict[str, str] = {}
    for code in sorted(codes):
        place = place_by_code(code, codes)
        paths[code] = f"{paths[place.parent_code]}/{code}" if place.parent_code else code
        rows.append(
            {
                "code": code,
                "name": codes[code],
                "parent_code": place.parent_code,
                "level": place.level,
                "kind": "administrative",
                "path": paths[code],
            }
        )
    return rows
