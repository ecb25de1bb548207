"""What a county may nominate: how many, of what kind, not twice, not what holds the honour already; pure.

Every refusal and every flag says which document and paragraph it follows from: those of the call, which the city
states when it opens it (平文明办〔2021〕11号: each county nominates 3 to 5 non-public units by 20 April).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.problems import InputError
from webapp.quotas.rules import is_agency

KINDS = {
    "private": "民营企业",
    "foreign": "外商和港澳台商投资企业",
    "mixed": "混合所有制企业（非国有控股）",
    "individual": "个体工商户",
    "social": "社会组织",
    "state": "国有和国有控股企业",
    "institution": "事业单位",
    "agency": "机关",
    "community": "社区（街道）、村",
}
NON_PUBLIC = frozenset({"private", "foreign", "mixed", "individual", "social"})
PAIRED_SOURCE = "豫文明办〔2021〕5号 二（四）：原则上一对一结对"
_MOST_EXPLAINED = 200


@dataclass(frozen=True)
class Demand:
    """What a call asks for."""

    source: str
    """Document and paragraph, as a refusal cites them."""
    minimum: int
    maximum: int
    kinds: frozenset[str]
    honours: Mapping[str, tuple[str, int]]
    """Code of the honours to be brought up to → name and rank."""
    county: str
    """Name of the county that answers."""


@dataclass(frozen=True)
class Held:
    """An honour that a unit holds."""

    name: str
    rank: int
    term: str
    document: str | None


@dataclass(frozen=True)
class Known:
    """What the registry and other lists know of a nominated unit."""

    organisation_id: int
    name: str
    uscc: str | None
    is_unit: bool = True
    is_dissolved: bool = False
    unit_kind: str | None = None
    ownership: str | None = None
    jurisdiction: str | None = None
    """Where it belongs, if that is not the county that answers."""
    held: Sequence[Held] = ()
    elsewhere: str | None = None
    """The county that nominates it in the same call."""
    earlier: str | None = None
    """The title of another call in which it was approved."""
    helper: str | None = None
    """Who helps it already."""


@dataclass
class Finding:
    """What there is to say of one row: the unit it means, and what the city should look at."""

    known: Known | None
    flags: list[dict[str, str]] = field(default_factory=list)


def check_rows(
    rows: Sequence[Mapping[str, Any]], known: Sequence[Known | None], demand: Demand, base: str = "nominees"
) -> tuple[list[InputError], list[Finding]]:
    """Hold the rows of a county's list against the call; returns what is refused and, by row, what is flagged."""
    findings = [Finding(found) for found in known]
    errors = []
    twice = _seen_before(rows, known)
    for number, (row, finding) in enumerate(zip(rows, findings, strict=True)):
        place = f"{base}.{number}"
        if number in twice:
            first = twice[number] + 1
            errors.append(_refusal(f"{place}.name", "duplicate", f"与第 {first} 个重复，同一单位只报一次。", demand))
        errors += _kind_errors(row, finding.known, demand, place)
        errors += _honour_errors(row, finding.known, demand, place)
        if finding.known is not None:
            errors += _registry_errors(row, finding.known, demand, place)
            finding.flags += _flags(row, finding.known, demand)
    return errors, findings


def number_errors(count: int, explanation: str, demand: Demand) -> list[InputError]:
    """Too many are refused; too few are taken with an explanation, which the city sees."""
    if count > demand.maximum:
        text = f"每县（市、区）至多报 {demand.maximum} 个，现有 {count} 个，请减少 {count - demand.maximum} 个。"
        return [_refusal("nominees", "too_many", text, demand)]
    if count < demand.minimum and not explanation.strip():
        wanted = f"每县（市、区）应报 {demand.minimum} 至 {demand.maximum} 个，现有 {count} 个。"
        text = f"{wanted}请补足，或写明数量不足的原因。"
        return [_refusal("explanation", "too_few", text, demand)]
    return []


def late_days(due_on: date, today: date) -> int:
    """How many days after the date a list comes; 0 in time."""
    return max(0, (today - due_on).days)


def ranks(rows: Iterable[tuple[int, int, Any]]) -> dict[int, int]:
    """Nominee → place 1, 2, 3 … by the number that the city gave (none comes last), then by the order of the lists.

    Args:
        rows: nominee, its position on the merged list, and the number or ``None``.
    """
    ordered = sorted(rows, key=lambda row: (row[2] is None, row[2] or 0, row[1]))
    return {nominee: place for place, (nominee, _position, _number) in enumerate(ordered, start=1)}


def _refusal(path: str, code: str, text: str, demand: Demand) -> InputError:
    return InputError(path, code, f"{text}（依据：{demand.source}）")


def _seen_before(rows: Sequence[Mapping[str, Any]], known: Sequence[Known | None]) -> dict[int, int]:
    """Row → the earlier row that means the same unit."""
    first: dict[tuple[str, Any], int] = {}
    found: dict[int, int] = {}
    for number, (row, unit) in enumerate(zip(rows, known, strict=True)):
        keys: list[tuple[str, Any]] = [("name", plain_name(row["name"]))]
        keys += [("uscc", row["uscc"])] if row.get("uscc") else []
        keys += [("id", unit.organisation_id)] if unit else []
        for key in keys:
            if key in first and first[key] != number:
                found.setdefault(number, first[key])
            first.setdefault(key, number)
    return found


def plain_name(name: str) -> str:
    """A unit's name as it is compared: without blanks, full and half width brackets alike."""
    return "".join(name.split()).replace("(", "（").replace(")", "）")


def _kind_errors(row: Mapping[str, Any], known: Known | None, demand: Demand, place: str) -> list[InputError]:
    wanted = "、".join(KINDS[kind] for kind in KINDS if kind in demand.kinds)
    if row["kind"] not in demand.kinds:
        text = f"“{row['name']}”的类型是{KINDS[row['kind']]}，本次只报{wanted}。"
        return [_refusal(f"{place}.kind", "wrong_kind", text, demand)]
    name, unit_kind = (known.name, known.unit_kind) if known else (row["name"], None)
    if "agency" not in demand.kinds and is_agency(name, unit_kind):
        text = f"“{name}”是机关，本次只报{wanted}。"
        return [_refusal(f"{place}.kind", "wrong_kind", text, demand)]
    if known and row["kind"] in NON_PUBLIC and (known.ownership or "").startswith(("公有", "国有", "集体")):
        text = f"“{name}”登记的所有制是“{known.ownership}”，与所报的{KINDS[row['kind']]}不符；登记有误的请先更正。"
        return [_refusal(f"{place}.kind", "wrong_kind", text, demand)]
    return []


def _honour_errors(row: Mapping[str, Any], known: Known | None, demand: Demand, place: str) -> list[InputError]:
    if row["honour"] not in demand.honours:
        text = "这项荣誉不在本次征集的培育目标中，请从列表中选择。"
        return [_refusal(f"{place}.honour", "not_asked", text, demand)]
    name, rank = demand.honours[row["honour"]]
    higher = [held for held in (known.held if known else ()) if held.rank >= rank]
    if not higher:
        return []
    best = max(higher, key=lambda held: held.rank)
    document = f"，{best.document}" if best.document else ""
    text = f"“{row['name']}”已是{best.name}（{best.term}{document}），不再作为{name}的培育对象。"
    return [_refusal(f"{place}.honour", "already_held", text, demand)]


def _registry_errors(row: Mapping[str, Any], known: Known, demand: Demand, place: str) -> list[InputError]:
    where = f"{place}.name"
    if not known.is_unit:
        return [_refusal(where, "wrong_kind", f"“{known.name}”是文明办或部门，不能作为培育对象。", demand)]
    if known.is_dissolved:
        return [_refusal(where, "dissolved", f"“{known.name}”已撤并，请改报承接其业务的单位。", demand)]
    if known.jurisdiction is not None:
        text = f"“{known.name}”登记的管辖地区是{known.jurisdiction}，不由{demand.county}推荐；登记有误的请先更正。"
        return [_refusal(where, "elsewhere", text, demand)]
    if row.get("uscc") and known.uscc and known.uscc != row["uscc"]:
        text = f"“{known.name}”登记的统一社会信用代码是 {known.uscc}，与所填不同，请核对。"
        return [InputError(f"{place}.uscc", "mismatch", text)]
    if known.elsewhere is not None:
        return [_refusal(where, "duplicate", f"“{known.name}”已由{known.elsewhere}推荐，同一单位只报一次。", demand)]
    return []


def _flags(row: Mapping[str, Any], known: Known, demand: Demand) -> list[dict[str, str]]:
    found = []
    if plain_name(known.name) != plain_name(row["name"]):
        found.append({"code": "name", "message": f"按统一社会信用代码对应到登记单位“{known.name}”，所填名称不同。"})
    if known.earlier is not None:
        text = f"已在“{known.earlier}”中确定为培育对象，请核对是否重复培育（依据：{demand.source}）。"
        found.append({"code": "earlier", "message": text})
    if known.helper is not None:
        text = f"已与“{known.helper}”结对，请核对是否重复（依据：{PAIRED_SOURCE}）。"
        found.append({"code": "paired", "message": text})
    return found


def words_for(flags: Sequence[Mapping[str, Any]]) -> str:
    """The flags of a nominee in one line."""
    return "；".join(str(flag["message"])[:_MOST_EXPLAINED] for flag in flags)


def count_by_kind(kinds: Iterable[str]) -> list[tuple[str, int]]:
    """How many nominees are of which kind, in the order of the kinds."""
    counts = Counter(kinds)
    return [(name, counts[kind]) for kind, name in KINDS.items() if counts[kind]]
