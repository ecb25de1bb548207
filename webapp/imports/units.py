"""Plan an import of units: compare every row with what is known and say what would change; pure.

The same file a second time plans nothing. What the registry already says is never overwritten: a difference is
flagged and both are left as they are.
"""

from dataclasses import dataclass, field

from webapp.imports.headers import Record, Table
from webapp.imports.known import Body, Known, Reach
from webapp.imports.report import Item, Progress, Report, each_row, nobody_waits, start_report
from webapp.imports.unit_values import (
    Standing,
    flag_waiting,
    read_honour,
    read_kind,
    read_name,
    read_names,
    read_standing,
    read_uscc,
)
from webapp.registry.places import squeeze
from webapp.registry.rules import tax_office_of_today

_TEXTS = {
    "uscc": "统一社会信用代码",
    "unit_kind": "类型",
    "sector": "行业",
    "ownership": "所有制",
    "printed_region": "所在地区",
}


@dataclass(frozen=True)
class NewAward:
    """An honour that the file says a unit holds, under the name in the file."""

    body: Body
    honour: str
    term: str
    granted_name: str


@dataclass(frozen=True)
class Proposal:
    """A statement for a person to confirm: ``body`` continues ``earlier``."""

    body: Body
    earlier: Body
    reason: str


@dataclass
class UnitPlan:
    """The report and what applying it would do."""

    report: Report
    added: list[Body] = field(default_factory=list)
    updates: dict[int, dict[str, object]] = field(default_factory=dict)
    awards: list[NewAward] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)


@dataclass(frozen=True)
class _Reading:
    """What one row says, before it is compared with anything."""

    item: Item
    record: Record
    wanted: Body
    standing: Standing
    honour: tuple[str, str] | None


Touched = list[tuple[_Reading, Body]]


def plan_units(table: Table, known: Known, reach: Reach, done: Progress = nobody_waits) -> UnitPlan:
    """Say what each row of a file of units would change."""
    plan = UnitPlan(start_report(table))
    readings = [_read(item, record, known, reach) for item, record in each_row(plan.report, table, done)]
    placed = {squeeze(reading.wanted.name) for reading in readings if reading.wanted.region_code}
    index = _Index(known)
    touched: Touched = []
    for reading in readings:
        body = None if reading.item.is_refused else _plan_row(plan, reading, placed, index)
        if body is not None:
            touched.append((reading, body))
    _propose_listed(plan, known, touched, index)
    _propose_tax_offices(plan, known, touched, index)
    plan.report.changes = len(plan.added) + len(plan.updates) + len(plan.awards) + len(plan.proposals)
    return plan


class _Index:
    """The bodies by code and by name, growing with the rows."""

    def __init__(self, known: Known) -> None:
        self.by_code: dict[str, Body] = {}
        self.by_name: dict[str, list[Body]] = {}
        self.offices: set[str | None] = {None}
        for body in known.bodies:
            self.add(body)

    def add(self, body: Body) -> None:
        self.add_code(body)
        if body.kind == "office":
            self.offices.add(body.region_code)
        self.by_name.setdefault(squeeze(body.name), []).append(body)

    def add_code(self, body: Body) -> None:
        if body.uscc:
            self.by_code[body.uscc] = body

    def named(self, name: str) -> list[Body]:
        return self.by_name.get(squeeze(name), [])


def _read(item: Item, record: Record, known: Known, reach: Reach) -> _Reading:
    name = read_name(item, record.get("name"))
    kind, unit_kind = read_kind(item, record.get("kind"), reach)
    standing = read_standing(item, record, known.places, reach)
    uscc = read_uscc(item, record.get("uscc"))
    honour = read_honour(item, record, known.honours)
    if uscc in known.foreign_codes:
        item.refuse("uscc_taken", "uscc", f"代码 {uscc} 已登记给您管辖范围以外的单位，请核对。")
    wanted = Body(
        None,
        name,
        kind,
        standing.region_code,
        standing.waiting_code,
        record.get("region") or None,
        bool(standing.city_direct),
        uscc,
        unit_kind,
        record.get("sector") or None,
        record.get("ownership") or None,
        row=record.number,
    )
    return _Reading(item, record, wanted, standing, honour)


def _plan_row(plan: UnitPlan, reading: _Reading, placed: set[str], index: _Index) -> Body | None:
    item, wanted = reading.item, reading.wanted
    if not wanted.region_code and not wanted.uscc and squeeze(wanted.name) in placed:
        item.refuse("ambiguous_unit", "name", "同名单位在其他行写明了管辖地区，请在这一行也写明，以免混同。")
        return None
    body = _match(item, wanted, index)
    if item.is_refused:
        return None
    if body is None:
        body = _add(plan, item, wanted, index)
    else:
        _merge(plan, item, body, wanted, reading.standing)
        index.add_code(body)
    if body is not None and body.region_code is None:
        flag_waiting(item, reading.standing)
    if body is not None and reading.honour is not None:
        _plan_award(plan, item, body, reading.honour, wanted.name)
    return body


def _match(item: Item, wanted: Body, index: _Index) -> Body | None:
    """The body that the row is about, if it is known; refuses a row that contradicts what is known."""
    same_code = index.by_code.get(wanted.uscc) if wanted.uscc else None
    if same_code is not None and squeeze(same_code.name) != squeeze(wanted.name):
        where = f"第 {same_code.row} 行" if same_code.id is None else "登记册"
        item.refuse(
            "uscc_taken", "uscc", f"代码 {wanted.uscc} 在{where}里属于“{same_code.name}”，请核对是否改名或填错。"
        )
        return None
    if same_code is not None:
        return same_code
    near = [body for body in index.named(wanted.name) if _could_be(body, wanted)]
    near = [body for body in near if body.region_code == wanted.region_code] or near
    if len(near) > 1:
        item.refuse(
            "ambiguous_unit", "name", f"已有 {len(near)} 个同名单位，请填写管辖地区或统一社会信用代码以便区分。"
        )
        return None
    if near:
        return near[0]
    if index.named(wanted.name):
        item.flag("same_name", "name", "其他地区已有同名单位，按不同单位登记，请核对。")
    return None


def _could_be(body: Body, wanted: Body) -> bool:
    if body.kind != wanted.kind or (body.uscc and wanted.uscc and body.uscc != wanted.uscc):
        return False
    return body.region_code is None or wanted.region_code is None or body.region_code == wanted.region_code


def _add(plan: UnitPlan, item: Item, wanted: Body, index: _Index) -> Body | None:
    if wanted.kind == "office":
        others = [b for group in index.by_name.values() for b in group if b.kind == "office"]
        if wanted.region_code is None or any(b.region_code == wanted.region_code for b in others):
            item.refuse(
                "office_exists", "jurisdiction", "该地区已有文明办，或没有填写管辖地区；一个地区只登记一个文明办。"
            )
            return None
    index.add(wanted)
    plan.added.append(wanted)
    return wanted


def _merge(plan: UnitPlan, item: Item, body: Body, wanted: Body, standing: Standing) -> None:
    """Fill what is not known yet; flag what differs and leave it."""
    changes: dict[str, object] = {}
    for name, label in _TEXTS.items():
        old, new = getattr(body, name), getattr(wanted, name)
        if new and not old:
            changes[name] = new
        elif new and squeeze(new) != squeeze(old):
            item.flag("differs", name, f"{label}：登记为“{old}”，文件为“{new}”，没有改动。")
    if body.region_code is None and wanted.region_code is not None:
        changes |= {"region_code": wanted.region_code, "waiting_code": None, "city_direct": wanted.city_direct}
    elif _is_placed_elsewhere(body, wanted, standing):
        item.flag("differs", "jurisdiction", "管辖地区或是否市直与登记不一致，没有改动。")
    _note_merge(item, body, changes)
    for name, value in changes.items():
        setattr(body, name, value)
    if changes and body.id is not None:
        plan.updates.setdefault(body.id, {}).update(changes)


def _is_placed_elsewhere(body: Body, wanted: Body, standing: Standing) -> bool:
    other_region = wanted.region_code is not None and wanted.region_code != body.region_code
    return other_region or (standing.city_direct is not None and standing.city_direct != body.city_direct)


def _note_merge(item: Item, body: Body, changes: dict[str, object]) -> None:
    if changes:
        item.note("completed", "name", "补充登记：" + "、".join(sorted(changes)))
    elif body.id is None:
        item.flag("repeated", "name", f"与第 {body.row} 行是同一单位。")
    else:
        item.note("known", "name", "已登记，没有变化。")


def _plan_award(plan: UnitPlan, item: Item, body: Body, honour: tuple[str, str], name: str) -> None:
    if honour in body.awards:
        item.note("award_known", "honour", "该届称号已登记。")
        return
    body.awards.add(honour)
    plan.awards.append(NewAward(body, *honour, granted_name=name))


def _propose_listed(plan: UnitPlan, known: Known, touched: Touched, index: _Index) -> None:
    for reading, body in touched:
        item = reading.item
        for name in read_names(reading.record.get("predecessors")):
            found = [other for other in index.named(name) if other is not body]
            if len(found) == 1:
                _propose(plan, known, Proposal(body, found[0], "导入的文件所列"))
            elif squeeze(name) == squeeze(body.name):
                item.flag("own_predecessor", "predecessors", "单位不能是自己的前身，已忽略。")
            else:
                found_words = "有多个同名单位" if found else "没有登记"
                item.flag("unknown_predecessor", "predecessors", f"前身“{name}”{found_words}，这一项没有登记。")


def _propose_tax_offices(plan: UnitPlan, known: Known, touched: Touched, index: _Index) -> None:
    """Tax offices of before 2018 in the file or the registry, whose body of today is known as well."""
    rows = {id(body): reading.item for reading, body in touched}
    for earlier in [body for group in index.by_name.values() for body in group]:
        today = tax_office_of_today(squeeze(earlier.name), _city_name(known, earlier))
        for body in index.named(today) if today else []:
            item = rows.get(id(earlier)) or rows.get(id(body))
            if item is None or not _propose(plan, known, Proposal(body, earlier, "2018年国税地税征管体制改革，请核对")):
                continue
            item.flag("predecessor_proposed", "name", f"“{earlier.name}”看来是“{body.name}”的前身，请在单位页面确认。")


def _city_name(known: Known, body: Body) -> str:
    code = body.region_code or body.waiting_code
    city = known.places.get(code).city_code if code and known.places.knows(code) else None
    return known.places.get(city).name if city else ""


def _propose(plan: UnitPlan, known: Known, proposal: Proposal) -> bool:
    body, earlier = proposal.body, proposal.earlier
    if body.id is not None and earlier.id is not None and (body.id, earlier.id) in known.pairs:
        return False
    if any(other.body is body and other.earlier is earlier for other in plan.proposals):
        return False
    plan.proposals.append(proposal)
    return True
