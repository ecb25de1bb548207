"""What pairing asks of helpers, helped units, months and scores: pure, each refusal with its document and paragraph.

S4 豫文明办〔2021〕5号 二（四） names who helps in 结对帮创 and wants one to one; S0 常文明委〔2020〕6号 21 and
S3 锡管党委〔2020〕6号 三.11 give two more kinds that go the same way.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp.quotas.rules import is_non_public

ONE_TO_ONE = "豫文明办〔2021〕5号 二（四）：原则上“一对一”结对帮创"
REPORTING = "豫文明办〔2021〕5号 三（二）：5月1日前确定帮创名单上报省文明办"
TARGETS = "豫文明办〔2021〕5号 一：1年左右市级，2年左右省级（标兵），3年左右全国"

MIDTERM_MONTHS, YEAR_MONTHS = 6, 12


@dataclass(frozen=True)
class Kind:
    """One kind of pairing: who may help, whom, and where that is written."""

    code: str
    name: str
    source: str
    helper_honours: frozenset[str]
    offices_help: bool
    helps_non_public_only: bool
    other_county_only: bool
    helpers_words: str


_ALL_HONOURS = frozenset({"county", "city", "city_model", "provincial", "provincial_model", "national"})

KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "assist",
            "结对帮创",
            "豫文明办〔2021〕5号 二（四）",
            frozenset({"national", "provincial_model"}),
            offices_help=True,
            helps_non_public_only=True,
            other_county_only=False,
            helpers_words="市、县（市、区）文明办、全国文明单位、省级文明单位标兵",
        ),
        Kind(
            "joint",
            "联创共建",
            "常文明委〔2020〕6号 21",
            _ALL_HONOURS,
            offices_help=False,
            helps_non_public_only=False,
            other_county_only=False,
            helpers_words="任何一级文明单位",
        ),
        Kind(
            "cross_region",
            "跨区结对",
            "锡管党委〔2020〕6号 三.11",
            _ALL_HONOURS,
            offices_help=False,
            helps_non_public_only=False,
            other_county_only=True,
            helpers_words="其他县（市、区）的文明单位",
        ),
    )
}

TARGET_MONTHS = {"county": 12, "city": 12, "city_model": 12, "provincial": 24, "provincial_model": 24, "national": 36}
WEIGHTS = {"sector": 40, "distance": 30, "experience": 20, "load": 10}
INDICATORS = (
    {"label": "参与制定创建工作方案", "max": 20},
    {"label": "优化工作台账", "max": 20},
    {"label": "设计开展创建活动", "max": 20},
    {"label": "培育单位亮点品牌", "max": 20},
    {"label": "提升创建内涵水平", "max": 20},
)
"""What S4 二（四） wants of the help, of equal weight until an office sets it otherwise."""


@dataclass(frozen=True)
class Party:
    """An organisation as pairing sees it."""

    id: int
    name: str
    kind: str
    region_path: str
    region_level: str
    sector: str | None
    ownership: str | None
    honours: frozenset[str]
    """Codes of the honours that it holds and that are valid."""
    unit_kind: str | None = None
    is_active: bool = True
    terms: int = 0
    """In how many terms it has been honoured."""
    helped_before: int = 0
    """Pairings in which a unit reached its target with it."""
    load: int = 0
    """Pairs of any kind that it helps in now."""


@dataclass(frozen=True)
class Refusal:
    """Why something cannot be: a stable code, what to say, and where the rule stands."""

    code: str
    message: str
    source: str

    @property
    def words(self) -> str:
        return f"{self.message}（依据：{self.source}）"


def refuse_helper(kind: Kind, helper: Party) -> Refusal | None:
    """Why an organisation does not help in this kind of pairing, or ``None``."""
    if not helper.is_active:
        return Refusal("dissolved", f"“{helper.name}”已撤并，不能承担帮创。", "单位登记")
    if not helper.region_path:
        return Refusal("unplaced", f"“{helper.name}”还没有确定管辖地区，请先在单位登记中确定。", "单位登记")
    if kind.offices_help and helper.kind == "office" and helper.region_level in {"city", "county"}:
        return None
    if helper.kind == "unit" and helper.honours & kind.helper_honours:
        return None
    return Refusal(
        "helper_kind", f"“{helper.name}”不能承担{kind.name}：帮创方只能是{kind.helpers_words}。", kind.source
    )


def refuse_helped(kind: Kind, helped: Party, target: str, ranks: Mapping[str, int]) -> Refusal | None:
    """Why a unit is not helped in this kind of pairing towards this honour, or ``None``.

    Args:
        ranks: code of an honour → its standing.
    """
    name = f"“{helped.name}”"
    if helped.kind != "unit":
        return Refusal("helped_kind", f"{name}不是单位，不能作为被帮单位。", kind.source)
    if not helped.is_active:
        return Refusal("dissolved", f"{name}已撤并，不能作为被帮单位。", "单位登记")
    if not helped.region_path:
        return Refusal("unplaced", f"{name}还没有确定管辖地区，请先在单位登记中确定。", "单位登记")
    if kind.helps_non_public_only and not is_non_public(helped.ownership, helped.unit_kind):
        said = f"登记的所有制为“{helped.ownership}”" if helped.ownership else "没有登记所有制"
        message = f"{name}{said}，{kind.name}的对象只能是非公单位。登记有误的，请先更正。"
        return Refusal("not_non_public", message, kind.source)
    best = max((ranks.get(code, 0) for code in helped.honours), default=0)
    if best >= ranks.get(target, 0):
        return Refusal("already_held", f"{name}已获得目标荣誉或更高的荣誉，请选择更高的目标。", TARGETS)
    return None


def refuse_pair(kind: Kind, helper: Party, helped: Party) -> Refusal | None:
    """Why these two do not go together, or ``None``."""
    if helper.id == helped.id:
        return Refusal("same", "帮创单位和被帮单位不能是同一单位。", kind.source)
    if kind.other_county_only and helper.region_path == helped.region_path:
        return Refusal("same_county", "跨区结对的双方应在不同的县（市、区）。", kind.source)
    return None


def distance(first: str, second: str) -> int:
    """Steps between two places in the tree of regions, each given as its path."""
    a, b = first.split("/"), second.split("/")
    shared = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return len(a) + len(b) - 2 * shared


FAR = 4
"""From a county up to the province and down to a county of another city is farther than this."""


def nearness(steps: int) -> float:
    """1 for the same place, 0 for another city."""
    return max(0.0, 1 - steps / FAR)


def likeness(first: str | None, second: str | None) -> float:
    """1 for the same sector, half where one is not registered, 0 for different ones."""
    if not first or not second:
        return 0.5
    return 1.0 if first.strip() == second.strip() else 0.0


def seasoning(helper: Party) -> float:
    """Experience: terms in which it was honoured and targets that were reached with it; full at five."""
    return min(1.0, (helper.terms + 2 * helper.helped_before) / 5)


def spare(load: int) -> float:
    """1 for a helper without any pair, less for each."""
    return 1 / (1 + load)


Parts = Mapping[str, float]


def parts_of(helper: Party, helped: Party) -> Parts:
    """The four parts of a score, each between 0 and 1."""
    return {
        "sector": likeness(helper.sector, helped.sector),
        "distance": nearness(distance(helper.region_path, helped.region_path)),
        "experience": seasoning(helper),
        "load": spare(helper.load),
    }


def explain(helper: Party, helped: Party, weights: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Why two organisations score as they do: one line per part, whose points add up to the score."""
    parts, steps = parts_of(helper, helped), distance(helper.region_path, helped.region_path)
    words = {
        "sector": _sector_words(helper.sector, helped.sector),
        "distance": {0: "同一地区", 1: "上下级地区", 2: "同市不同县"}.get(steps, "跨市"),
        "experience": f"获评 {helper.terms} 届，帮成 {helper.helped_before} 家",
        "load": f"现有 {helper.load} 对" if helper.load else "现在没有结对",
    }
    names = {"sector": "行业", "distance": "距离", "experience": "经验", "load": "负担"}
    return [
        {
            "part": part,
            "name": names[part],
            "weight": weights[part],
            "points": round(parts[part] * float(weights[part]), 2),
            "text": words[part],
        }
        for part in names
    ]


def _sector_words(first: str | None, second: str | None) -> str:
    if not first or not second:
        return "有一方没有登记行业"
    return f"同为{first}" if first.strip() == second.strip() else f"{first}与{second}"


def score_of(lines: Sequence[Mapping[str, Any]]) -> float:
    """The sum of the points of an explanation."""
    return round(sum(float(line["points"]) for line in lines), 2)


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return add_months(first_of_month(month), 1)


def end_of_month(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has none such."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def evaluation_after(months: int) -> str:
    """Which evaluation is due when so many months are closed: ``midterm``, ``year`` or none."""
    if months and months % YEAR_MONTHS == 0:
        return "year"
    return "midterm" if months % YEAR_MONTHS == MIDTERM_MONTHS else ""


def missing_months(since: date, closed: frozenset[date], today: date) -> list[date]:
    """The past months from ``since`` on that have no closed log."""
    found, month = [], first_of_month(since)
    while month < first_of_month(today):
        if month not in closed:
            found.append(month)
        month = next_month(month)
    return found
