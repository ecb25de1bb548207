"""What the registry concludes from codes and names; pure. A conclusion is offered, a person's word decides."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_GB2260 = re.compile(r"[1-9]\d{5}")
_LOCAL = re.compile(r"[0-9A-Za-z-]{2,12}")
_COUNTY_KIND = re.compile(r"(?:管理区|新区|经开区|开发区|自治县|区|县|市)$")
_OLD_TAX_OFFICE = re.compile(r"(?P<place>.+?)(?:国家|地方)税务局")


@dataclass(frozen=True)
class RegionPlace:
    """Where a region stands in the tree."""

    code: str
    parent_code: str | None
    level: str


def place_by_code(code: str, known: Collection[str]) -> RegionPlace:
    """The level and parent that a GB/T 2260 code says.

    What hangs directly under a province (济源市 419001, the districts of a municipality) reports straight
    to the province, as 济源示范区 does beside the cities in S4, and so takes the place of a city.

    Args:
        known: the codes of the list, to tell whether the city of a county exists.
    """
    if code.endswith("0000"):
        return RegionPlace(code, None, "province")
    province, city = code[:2] + "0000", code[:4] + "00"
    if code == city:
        return RegionPlace(code, province, "city")
    if city in known:
        return RegionPlace(code, city, "county")
    return RegionPlace(code, province, "city")


def is_gb2260(code: str) -> bool:
    """Whether a code has the shape of a GB/T 2260 code."""
    return _GB2260.fullmatch(code) is not None


def is_region_code(code: str) -> bool:
    """Whether a code may be used: GB/T 2260, or local letters and digits for a zone that has none."""
    return _LOCAL.fullmatch(code) is not None


def level_below(level: str) -> str | None:
    """The level of the regions under a region, ``None`` under a county."""
    return {"province": "city", "city": "county"}.get(level)


def place_by_name(name: str, counties: Mapping[str, str], city_name: str) -> str | None:
    """The county that a unit's name states beyond doubt, or ``None``: then a person places it.

    A county's full name in the unit's name decides (岳阳县…); without its class (临湘…) it decides only
    where a single county fits and it is not the city's own name (岳阳… is the city, the county or the tower).

    Args:
        counties: code → name of the counties of the city that the list belongs to.
    """
    city_stem = _stem(city_name)
    full = [code for code, county in counties.items() if county in name]
    if full:
        return full[0] if len(full) == 1 else None
    stems = {code: _stem(county) for code, county in counties.items()}
    near = [code for code, stem in stems.items() if len(stem) > 1 and stem != city_stem and stem in name]
    return near[0] if len(near) == 1 else None


def _stem(name: str) -> str:
    return _COUNTY_KIND.sub("", name)


def tax_office_of_today(name: str, city_name: str) -> str | None:
    """The body that a state or local tax office became in the merger of 2018, else ``None``.

    >>> tax_office_of_today("屈原管理区地方税务局", "岳阳市")
    '国家税务总局屈原管理区税务局'
    """
    match = _OLD_TAX_OFFICE.fullmatch(name)
    if match is None:
        return None
    place = match["place"]
    return f"国家税务总局{place if place == city_name else place.removeprefix(city_name)}税务局"


def propose_predecessors(names: Collection[str], city_name: str) -> list[tuple[str, str]]:
    """Pairs (body of today, earlier body) among the names of a list that a person should confirm."""
    found = []
    for name in names:
        today = tax_office_of_today(name, city_name)
        if today is not None and today in names:
            found.append((today, name))
    return found
