"""Plan and carry out an import of places: whose regions, what the document prints, what does not add up."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.imports.known import Reach
from webapp.imports.quota_tables import PrintedRow, PrintedTable
from webapp.imports.reading import UnreadableFileError
from webapp.imports.report import Item, Report
from webapp.problems import Invalid
from webapp.quotas.models import QuotaPlan
from webapp.quotas.operations import Key, Places, write_rows
from webapp.quotas.rules import differences
from webapp.registry.models import Region
from webapp.registry.places import Place
from webapp.registry.places import Places as Regions
from webapp.registry.rules import level_below

_DIRECT = re.compile(r"(?:省|市|州|盟|区)(?:直|本级)(?:机关|单位|属)?")
_CLASS = re.compile(r"(?:产城融合示范区|示范区|管理区|新区|经开区|开发区|自治州|自治县|地区|市|县|区)$")


@dataclass
class QuotaReport(Report):
    """The findings about a table of places, with sums and printed totals by honour."""

    computed: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def differing(self) -> list[dict[str, Any]]:
        """The totals that are not the sums, in words as well."""
        return [found | {"message": self._words(found)} for found in differences(self.computed, self.totals)]

    def _words(self, found: dict[str, Any]) -> str:
        name = self.names.get(found["field"], found["field"])
        figures = f"所印合计 {found['printed']}，各行之和 {found['computed']}"
        return f"“{name}”{figures}，两者不符；都照原样保留，须由人确认后才作为依据。"

    def as_json(self) -> dict[str, Any]:
        document = super().as_json()
        sums = {"computed": self.computed, "printed": self.totals, "differences": self.differing()}
        return document | sums | {"plan": self.about}


def plan_quotas(table: PrintedTable, regions: Regions, reach: Reach, names: dict[str, str]) -> "QuotaPlanning":
    """Say what each row of a table means; pure.

    Raises:
        UnreadableFileError: no row has a number.
    """
    report = QuotaReport([Item(row.number) for row in table.rows], None, list(table.notes), names=names)
    planning = QuotaPlanning(table, report, regions, reach)
    planning.find_regions()
    for position, (row, item) in enumerate(zip(table.rows, report.items, strict=True)):
        planning.read_row(position, row, item)
    if report.is_clean and not planning.wanted:
        raise UnreadableFileError("未导入：表中没有填写任何个数。请填好各地区的个数再导入。")
    report.totals = {code: table.printed[code] for code in table.honours if code in table.printed}
    report.computed = {code: planning.sums[code] for code in table.honours}
    return planning


class QuotaPlanning:
    """A table on its way into the database."""

    def __init__(self, table: PrintedTable, report: QuotaReport, regions: Regions, reach: Reach) -> None:
        self.table, self.report, self.regions, self.reach = table, report, regions, reach
        self.owner: str | None = None
        self.wanted: dict[Key, Places] = {}
        self.lines: dict[str, str] = {}
        """Code → name of the 省直 or 市直 lines that have to be added."""
        self.sums: Counter[str] = Counter()
        self._seen: dict[str, int] = {}

    def find_regions(self) -> None:
        """The office that allots is that of the region under which most rows lie."""
        votes: Counter[str] = Counter()
        for row in self.table.rows:
            votes.update({_parent(place) for place in self.regions.find(row.name) if "/" in place.path})
        self.owner = votes.most_common(1)[0][0] if votes else None

    def read_row(self, position: int, row: PrintedRow, item: Item) -> None:
        """Read the region and the figures of a row."""
        code = self._region(row.name, item)
        if code is not None and code in self._seen:
            item.refuse("twice", "region", f"“{row.name}”与第 {self._seen[code]} 行是同一个地区，请合并。")
        figures = {honour: self._figure(item, honour, text) for honour, text in row.cells.items()}
        for honour, number in figures.items():
            self.sums[honour] += number or 0
        self._check_total(row, item, sum(number or 0 for number in figures.values()))
        if code is None or item.is_refused:
            return
        self._seen[code] = row.number
        for honour, number in figures.items():
            if number is not None:
                self.wanted[honour, code, ""] = Places(number, position, row.name)

    def _figure(self, item: Item, honour: str, text: str) -> int | None:
        digits = re.sub(r"[\s个家]", "", text)
        if not digits or digits in {"-", "—", "/"}:
            return None
        if not re.fullmatch(r"\d{1,6}", digits):
            item.refuse("number", honour, f"“{text[:20]}”不是个数，请填写不超过六位的整数。")
            return None
        return int(digits)

    def _check_total(self, row: PrintedRow, item: Item, computed: int) -> None:
        printed = re.sub(r"[\s个家]", "", row.total or "")
        if printed.isdecimal() and int(printed) != computed:
            item.flag("row_total", "total", f"本行所印合计 {printed}，各项之和 {computed}，两者不符，照原样保留。")

    def _region(self, name: str, item: Item) -> str | None:
        if not self._may_allot(name, item):
            return None
        found = self.regions.find(name)
        near = [place for place in found if _parent(place) == self.owner] or [
            place for place in found if place.path.startswith(f"{self._owner_path}/")
        ]
        if len(near) == 1:
            return near[0].code
        code = self._by_stem(name, item) or self._direct_line(name, item)
        if code is None:
            self._refuse_unknown(name, item, bool(found))
        return code

    def _may_allot(self, name: str, item: Item) -> bool:
        """Whether the row names a region, and the table is that of an office that the importer reaches."""
        owner = self.regions.get(self.owner) if self.owner else None
        if not name:
            item.refuse("region", "region", "没有填写地区。")
        elif owner is None:
            item.refuse("unknown", "region", f"“{name[:40]}”不是登记的地区。请用全称或代码，功能区请先导入地区。")
        elif not self.regions.is_within(owner):
            text = f"这是{owner.name}下达的分配表，不在您的管辖范围内，请由{owner.name}文明办导入。"
            item.refuse("not_yours", "region", text)
        return not item.is_refused

    @property
    def _owner_path(self) -> str:
        return self.regions.get(self.owner or "").path

    def _by_stem(self, name: str, item: Item) -> str | None:
        """济源示范区 is 济源市: the same name with another class, if only one region beneath the office has it."""
        stem = _CLASS.sub("", name)
        children = self.regions.children_of(self.owner or "")
        alike = [code for code, other in children.items() if len(stem) > 1 and _CLASS.sub("", other) == stem]
        if len(alike) != 1:
            return None
        text = f"“{name}”按登记的“{children[alike[0]]}”（{alike[0]}）计，请核对。"
        item.flag("alias", "region", text)
        return alike[0]

    def _direct_line(self, name: str, item: Item) -> str | None:
        """省直 and 市直 have no code of their own: a local one is added under the office's region."""
        owner = self.regions.get(self.owner or "")
        if _DIRECT.fullmatch(name) is None or level_below(owner.level) is None:
            return None
        code = f"{owner.code.rstrip('0') if owner.level == 'province' else owner.code[:4]}SZ"
        self.lines[code] = name
        item.note("line", "region", f"“{name}”没有国标代码，登记为本地代码 {code}。")
        return code

    def _refuse_unknown(self, name: str, item: Item, elsewhere: bool) -> None:
        owner = self.regions.get(self.owner or "").name
        if elsewhere:
            item.refuse("elsewhere", "region", f"“{name[:40]}”不在{owner}范围内，或有多处同名，请改用代码。")
        else:
            item.refuse("unknown", "region", f"{owner}下没有登记“{name[:40]}”。请用全称或代码，功能区请先导入地区。")


def _parent(place: Place) -> str:
    return place.path.split("/")[-2] if "/" in place.path else ""


def apply_quotas(session: Session, actor: Actor | None, planning: QuotaPlanning, source: str) -> dict[str, list[int]]:
    """Write the plan with its rows; the same table again changes nothing.

    Raises:
        Invalid: more is taken already than the table would leave.
    """
    table, report = planning.table, planning.report
    changes = _add_lines(session, planning)
    plan = _find_plan(session, planning)
    if plan is None:
        plan = _new_plan(actor, planning, source)
        session.add(plan)
        changes += 1
    facts = (dict(report.totals), bool(report.differing()), table.document_number or plan.document_number)
    if (plan.printed, plan.differs, plan.document_number) != facts:
        plan.printed, plan.differs, plan.document_number = facts
        changes += 1
    session.flush()
    rows = write_rows(session, plan, planning.wanted)
    changes += rows
    if rows and plan.acknowledged_at is not None:  # other figures than those that were acknowledged
        plan.acknowledged_by = plan.acknowledged_at = plan.acknowledgement = None
    session.flush()
    report.changes = changes
    report.about["id"] = plan.id
    return {"plan": [plan.id]}


def describe(planning: QuotaPlanning) -> dict[str, Any]:
    """What the plan is, for the report."""
    table = planning.table
    about = {"title": table.title, "kind": table.kind, "period": _period(table), "region": planning.owner}
    return about | {"document_number": table.document_number, "id": None}


def _period(table: PrintedTable) -> str:
    return table.period or f"{clock.today().year}年度"


def _find_plan(session: Session, planning: QuotaPlanning) -> QuotaPlan | None:
    table = planning.table
    query = select(QuotaPlan).where(
        QuotaPlan.batch_id.is_(None),
        QuotaPlan.region_code == planning.owner,
        QuotaPlan.kind == table.kind,
        QuotaPlan.period == _period(table),
        QuotaPlan.title == table.title,
    )
    return session.scalar(query.with_for_update())


def _new_plan(actor: Actor | None, planning: QuotaPlanning, source: str) -> QuotaPlan:
    table = planning.table
    return QuotaPlan(
        kind=table.kind,
        title=table.title,
        period=_period(table),
        region_code=planning.owner,
        over_cap="block",
        document_number=table.document_number,
        printed=dict(planning.report.totals),
        differs=bool(planning.report.differing()),
        source=source,
        created_by=actor.user_id if actor else None,
        created_at=clock.real_now(),
    )


def _add_lines(session: Session, planning: QuotaPlanning) -> int:
    owner = planning.regions.get(planning.owner or "") if planning.lines else None
    rows = [
        {
            "code": code,
            "name": name,
            "parent_code": owner.code,
            "level": level_below(owner.level),
            "kind": "line",
            "path": f"{owner.path}/{code}",
        }
        for code, name in planning.lines.items()
        if owner is not None and not planning.regions.knows(code)
    ]
    if rows:
        session.execute(insert(Region), rows)
    return len(rows)


def carry_out(
    session: Session, actor: Actor | None, planning: QuotaPlanning, source: str, *, dry: bool
) -> dict[str, list[int]] | None:
    """Write the plan, or try how much would change and leave everything as it was."""
    report = planning.report
    report.about = describe(planning)
    if not report.is_clean:
        return None
    attempt = session.begin_nested()
    try:
        changes = apply_quotas(session, actor, planning, source)
    except Invalid as problem:
        attempt.rollback()
        for error in problem.errors:
            report.items[0].refuse(error.code, error.path, error.message)
        return None
    if dry:
        attempt.rollback()
        report.about["id"] = None
        return None
    attempt.commit()
    return changes
