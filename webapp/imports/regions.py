"""Plan an import of regions: codes that are known stay as they are, new ones hang under a parent; pure."""

from dataclasses import dataclass, field

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.imports.headers import Record, Table, plain
from webapp.imports.known import Reach
from webapp.imports.report import Item, Progress, Report, each_row, nobody_waits, start_report
from webapp.registry.models import Region
from webapp.registry.places import Place, Places, squeeze
from webapp.registry.rules import is_gb2260, is_region_code, level_below, place_by_code

_KINDS = {
    "administrative": "administrative",
    "行政区划": "administrative",
    "zone": "zone",
    "功能区": "zone",
    "园区": "zone",
    "开发区": "zone",
    "line": "line",
    "省直": "line",
    "市直": "line",
} | dict.fromkeys(("province", "city", "county", "省", "市", "县", "区", "县级市"), "administrative")


@dataclass
class RegionPlan:
    """The report and the regions to add, parents first."""

    report: Report
    added: list[dict[str, str | None]] = field(default_factory=list)


class _Tree:
    """The known regions and those of the file so far."""

    def __init__(self, places: Places, reach: Reach) -> None:
        self.places = places
        self.reach = reach
        self.fresh: dict[str, Place] = {}

    def find(self, text: str) -> list[Place]:
        code = squeeze(text).upper()
        if code in self.fresh:
            return [self.fresh[code]]
        named = [place for place in self.fresh.values() if squeeze(place.name) == squeeze(text)]
        return named + self.places.find(text)

    def knows(self, code: str) -> bool:
        return code in self.fresh or self.places.knows(code)

    def get(self, code: str) -> Place:
        return self.fresh.get(code) or self.places.get(code)


def plan_regions(table: Table, places: Places, reach: Reach, done: Progress = nobody_waits) -> RegionPlan:
    """Say what each row of a file of regions would add."""
    plan = RegionPlan(start_report(table))
    tree = _Tree(places, reach)
    for item, record in each_row(plan.report, table, done):
        _plan_row(plan, item, record, tree)
    plan.report.changes = len(plan.added)
    return plan


def _plan_row(plan: RegionPlan, item: Item, record: Record, tree: _Tree) -> None:
    code, name = record.get("code").upper(), record.get("name")
    if not is_region_code(code):
        item.refuse("code", "code", f"“{code}”不是区划代码：应为六位数字，没有国标代码的功能区用 2 至 12 位字母数字。")
    if not name or len(name) > 100:
        item.refuse("name", "name", "没有填写名称，或名称超过 100 个字。")
    if item.is_refused:
        return
    if tree.knows(code):
        _compare(item, tree.get(code), name, record, tree)
        return
    _add(plan, item, record, code, tree)


def _compare(item: Item, known: Place, name: str, record: Record, tree: _Tree) -> None:
    if squeeze(known.name) != squeeze(name):
        item.refuse("code_taken", "code", f"代码 {known.code} 已是“{known.name}”，与文件中的“{name}”不同。")
        return
    parents = tree.find(record.get("parent")) if record.get("parent") else []
    if parents and parents[0].code not in known.path.split("/")[-2:-1]:
        item.flag("differs", "parent", f"上级与登记不一致（登记为 {known.path}），没有改动。")
    item.note("known", "code", "已登记，没有变化。")


def _add(plan: RegionPlan, item: Item, record: Record, code: str, tree: _Tree) -> None:
    parent = _parent(item, record.get("parent"), code, tree)
    if item.is_refused:
        return
    level = level_below(parent.level) if parent else "province"
    if level is None or (parent is None and not code.endswith("0000")):
        item.refuse("parent", "parent", "县级以下不再设地区；不是省级的地区须填写上级。")
        return
    path = f"{parent.path}/{code}" if parent else code
    place = Place(code, record.get("name"), level, path)
    if not tree.places.is_within(place):
        item.refuse("foreign_region", "parent", "上级地区不在您的管辖范围内。")
        return
    kind = _read_kind(item, record.get("kind"), code)
    tree.fresh[code] = place
    plan.added.append(
        {
            "code": code,
            "name": place.name,
            "parent_code": parent.code if parent else None,
            "level": level,
            "kind": kind,
            "path": path,
        }
    )


def _read_kind(item: Item, text: str, code: str) -> str:
    kind = _KINDS.get(plain(text))
    if kind is not None:
        return kind
    usual = "administrative" if is_gb2260(code) else "zone"
    if text:
        word = "行政区划" if usual == "administrative" else "功能区"
        item.flag("kind", "kind", f"类型“{text}”不认识，按{word}登记；可填：行政区划、功能区、省直、市直。")
    return usual


def _parent(item: Item, text: str, code: str, tree: _Tree) -> Place | None:
    if text:
        found = tree.find(text)
        if len(found) == 1:
            return found[0]
        problem = "unknown_region" if not found else "ambiguous_region"
        item.refuse(problem, "parent", f"上级“{text}”没有找到或不止一个，请填写代码。")
        return None
    if not is_gb2260(code):
        item.refuse("parent", "parent", "没有国标代码的地区须填写上级。")
        return None
    city = code[:4] + "00"
    above = place_by_code(code, {city} if tree.knows(city) and city != code else ()).parent_code
    if above is None:
        return None
    if not tree.knows(above):
        item.refuse("unknown_region", "parent", f"按代码应属 {above}，但尚未登记这个地区。")
        return None
    item.flag("parent_from_code", "parent", f"未填上级，按代码归入“{tree.get(above).name}”。")
    return tree.get(above)


def apply_regions(session: Session, plan: RegionPlan) -> dict[str, list[str | None]]:
    """Add the regions; returns their codes for the audit log."""
    for level in ("province", "city", "county"):
        rows = [row for row in plan.added if row["level"] == level]
        if rows:
            session.execute(insert(Region), rows)
    return {"added": [row["code"] for row in plan.added]}
