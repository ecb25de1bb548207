"""Which places a unit counts against, and what the shares of a plan come to; no session, no request.

豫文明办〔2021〕5号 二（五）: the share of administrative bodies is limited, places of non-public units and of
communities are listed apart, and a share is kept for the grassroots. The percentages are settings of a plan.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

LINES = {
    "": "不分类别",
    "non_public": "非公单位",
    "community": "社区（街道）",
    "administrative": "其中：行政机关上限",
    "above_grassroots": "其中：非基层单位上限",
}
CEILINGS = ("administrative", "above_grassroots")
SOURCE = "豫文明办〔2021〕5号 二（五）"
KINDS = {"target": "指标", "cap": "名额"}
OVER_CAP = {"block": "超额不予受理", "waitlist": "超额列为候补"}

_NON_PUBLIC = re.compile(r"非公|民营|私营|私有|民办|外商|外资|合资|港澳台|个体")
_COMMUNITY = re.compile(r"社区|街道")
_VILLAGE = re.compile(r"基层|乡|镇|村")
_AGENCY_KIND = re.compile(r"机关|党政|政府部门")
_AGENCY_NAME = re.compile(
    r"(?:人民政府|人民法院|法院|人民检察院|检察院|委员会|纪委|党委|组织部|宣传部|统战部|政法委|办公室|人大|政协|[^\W\d_]局|厅|文明办)$"
)


@dataclass(frozen=True)
class Traits:
    """What of a unit decides about its places."""

    listed: str | None
    """The line whose places are listed apart for it."""
    is_administrative: bool
    is_grassroots: bool


def is_non_public(ownership: str | None, unit_kind: str | None = None) -> bool:
    """Whether a unit is non-public 非公: by its ownership as registered, else by its kind."""
    return bool(_NON_PUBLIC.search(ownership or unit_kind or ""))


def traits_of(name: str, unit_kind: str | None, ownership: str | None) -> Traits:
    """What the registry's words about a unit mean here; an administrative body by its kind, else by its name."""
    kind = unit_kind or ""
    is_private = is_non_public(ownership, unit_kind)
    is_community = not is_private and bool(_COMMUNITY.search(kind) or re.search(r"(?:社区|街道办事处|居委会)$", name))
    listed = "non_public" if is_private else "community" if is_community else None
    return Traits(
        listed=listed,
        is_administrative=listed is None and is_agency(name, unit_kind),
        is_grassroots=listed is not None
        or bool(_VILLAGE.search(kind))
        or name.endswith(("村", "村委会", "村民委员会")),
    )


def is_agency(name: str, unit_kind: str | None) -> bool:
    """Whether a unit is an administrative body 机关: by its kind, else by how its name ends."""
    if unit_kind and _AGENCY_KIND.search(unit_kind):
        return "企" not in unit_kind
    if name.endswith(("村民委员会", "居民委员会")):
        return False
    return bool(_AGENCY_NAME.search(name))


class Row(Protocol):
    """What the choice of places asks of a row."""

    id: int
    plan_id: int
    region_code: str | None
    line: str


def choose_rows(rows: Iterable[Row], traits: Traits) -> list[int]:
    """The rows in which a unit takes a place: one per plan and region, and the ceilings that it falls under.

    A line that is listed apart has its own places and takes none of the others'.
    """
    places: dict[tuple[int, str | None], dict[str, int]] = {}
    for row in rows:
        places.setdefault((row.plan_id, row.region_code), {})[row.line] = row.id
    found = [id_ for lines in places.values() for id_ in _in_one_place(lines, traits)]
    return sorted(found)


def _in_one_place(lines: Mapping[str, int], traits: Traits) -> list[int]:
    own = traits.listed if traits.listed and traits.listed in lines else ""
    wanted = [own]
    if traits.is_administrative:
        wanted.append("administrative")
    if not traits.is_grassroots:
        wanted.append("above_grassroots")
    return [lines[line] for line in wanted if line in lines]


def ceiling(places: int, line: str, percent: Decimal) -> int:
    """How many of ``places`` a ceiling leaves: at most the share, or what the share kept for others leaves."""
    share = Decimal(places) * percent / 100
    return math.floor(share) if line == "administrative" else places - math.ceil(share)


def differences(sums: Mapping[str, int], printed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The honours whose printed total is not the sum, with both figures."""
    return [
        {"field": honour, "computed": sums.get(honour, 0), "printed": total}
        for honour, total in printed.items()
        if sums.get(honour, 0) != total
    ]


def free(kind: str, planned: int, reserved: int, used: int) -> int:
    """What is left; for a target what is missing yet, negative where it is exceeded."""
    return planned - reserved - used if kind == "cap" else planned - used


def total(rows: Sequence[Any], name: str) -> int:
    """The sum of a column over rows that count, which ceilings do not."""
    return sum(getattr(row, name) for row in rows if row.line not in CEILINGS)
