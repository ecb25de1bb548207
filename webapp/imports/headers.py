"""Which column holds what: Chinese or English names, in the first rows of a sheet; a 合计 row is a printed total."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.imports.reading import Row, Sheet, UnreadableFileError

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {
        "name": ("名称", "单位名称", "单位", "单位全称", "全称"),
        "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "机构代码"),
        "region": ("地区", "所在地区", "所在地", "行政区划", "县市区", "县区"),
        "jurisdiction": ("管辖地区", "管辖区划", "管辖", "属地", "归口地区"),
        "city_direct": ("市直", "是否市直", "市直单位"),
        "kind": ("类型", "单位类型", "类别", "单位类别", "性质", "单位性质"),
        "sector": ("行业", "所属行业", "系统"),
        "ownership": ("所有制", "所有制性质", "经济性质", "公有非公"),
        "honour": ("称号", "荣誉", "荣誉称号", "表彰"),
        "term": ("届", "届次", "年度", "命名年度", "年份"),
        "predecessors": ("前身", "原单位", "曾用单位", "涉改前单位"),
    },
    "regions": {
        "code": ("代码", "区划代码", "行政区划代码", "地区代码"),
        "name": ("名称", "区划名称", "地区名称", "单位名称"),
        "parent": ("上级", "上级代码", "上级地区", "上级区划"),
        "kind": ("类型", "类别"),
    },
    "users": {
        "username": ("用户名", "账号", "登录名", "帐号"),
        "name": ("姓名", "名称", "人员姓名"),
        "organisation": ("单位", "所属单位", "单位名称", "机构", "所在单位"),
        "roles": ("角色", "岗位", "role"),
        "email": ("邮箱", "电子邮箱", "电子邮件", "e-mail"),
        "mobile": ("手机", "手机号", "手机号码", "移动电话", "联系电话"),
    },
    "quotas": {
        "region": ("地区", "地市", "县市区"),
        "provincial_model": ("省级文明单位标兵",),
        "provincial": ("省级文明单位",),
        "city_model": ("市级标兵",),
        "city": ("市级文明单位",),
    },
}
"""Kind of file → field → other names of its column. Tables of places are read by ``quota_tables``."""

REQUIRED = {
    "units": ("name",),
    "regions": ("code", "name"),
    "users": ("username", "name", "organisation", "roles"),
    "quotas": ("region",),
}
_SEARCHED_ROWS = 10
_TOTAL = {"合计", "总计", "共计", "合计:", "总计:"}


@dataclass(frozen=True)
class Record:
    """One data row: the fields that the file has, as written."""

    number: int
    values: Mapping[str, str]

    def get(self, field: str) -> str:
        """The text of a field without the blanks around it; empty where the file has none."""
        return self.values.get(field, "").strip()


@dataclass(frozen=True)
class Table:
    """The data rows of a file, its printed total if it has one, and what the reader should be told."""

    fields: frozenset[str]
    records: list[Record]
    printed: int | None
    notes: list[str]


def read_table(kind: str, sheet: Sheet) -> Table:
    """Find the header and turn the rows below into records.

    Raises:
        UnreadableFileError: no header, a column twice, or a required column missing.
    """
    position, columns, unknown = _find_header(kind, sheet.rows)
    records, printed = [], None
    for row in sheet.rows[position + 1 :]:
        if _is_total(row):
            printed = _printed_total(row)
        else:
            records.append(_record(row, columns))
    notes = list(sheet.notes)
    if unknown:
        notes.append("以下列不认识，没有导入：" + "、".join(unknown[:20]))
    return Table(frozenset(columns), records, printed, notes)


def _record(row: Row, columns: dict[str, int]) -> Record:
    values = {name: row.cells[place] if place < len(row.cells) else "" for name, place in columns.items()}
    return Record(row.number, values)


def _find_header(kind: str, rows: list[Row]) -> tuple[int, dict[str, int], list[str]]:
    names = _names(kind)
    best: tuple[int, dict[str, int], list[str]] | None = None
    for position, row in enumerate(rows[:_SEARCHED_ROWS]):
        columns, unknown = _match(names, row)
        if best is None or len(columns) > len(best[1]):
            best = position, columns, unknown
    if best is None or not best[1]:
        wanted = "、".join(_label(kind, field) for field in REQUIRED[kind])
        raise UnreadableFileError(f"没有找到表头。第一行应写列名，至少有：{wanted}。")
    missing = [_label(kind, field) for field in REQUIRED[kind] if field not in best[1]]
    if missing:
        raise UnreadableFileError("表头缺少必需的列：" + "、".join(missing) + "。")
    return best


def _match(names: dict[str, str], row: Row) -> tuple[dict[str, int], list[str]]:
    columns: dict[str, int] = {}
    unknown = []
    for place, cell in enumerate(row.cells):
        field = names.get(plain(cell))
        if field is None:
            if cell.strip():
                unknown.append(cell.strip()[:40])
        elif field in columns:
            raise UnreadableFileError(f"表头里“{cell.strip()}”与另一列重复，请只保留一列。")
        else:
            columns[field] = place
    return columns, unknown


def _names(kind: str) -> dict[str, str]:
    return {plain(name): field for field, others in COLUMNS[kind].items() for name in (field, *others)}


def _label(kind: str, field: str) -> str:
    return f"{COLUMNS[kind][field][0]}（{field}）"


def plain(text: str) -> str:
    """A text as people compare it: half width, lower case, without blanks, marks or remarks in brackets."""
    narrow = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\([^)]*\)|[\s*_-]", "", narrow)


def _is_total(row: Row) -> bool:
    first = next((cell for cell in row.cells if cell.strip()), "")
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", first)) in _TOTAL


def _printed_total(row: Row) -> int | None:
    for cell in row.cells:
        digits = re.fullmatch(r"\s*(\d{1,9})\s*(?:家|个|人|行|条)?\s*", unicodedata.normalize("NFKC", cell))
        if digits:
            return int(digits[1])
    return None
