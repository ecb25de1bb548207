"""The yearly notice of the State Council as a file of three columns: date, kind, name. Nothing is corrected here.

What cannot be right (a 调休 working day in mid-week, a day twice, a day of another year) refuses the whole file.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from webapp.deadlines.calendar import HOLIDAY, WORKING
from webapp.imports.reading import Row, UnreadableFileError, read_sheet

_COLUMNS = {
    "date": ("date", "日期", "day"),
    "kind": ("kind", "类型", "类别", "安排", "type"),
    "name": ("name", "名称", "节日", "节假日", "说明"),
}
_KINDS = {
    HOLIDAY: (HOLIDAY, "放假", "休", "休息", "节假日", "法定节假日"),
    WORKING: (WORKING, "workday", "上班", "班", "调休", "调休上班", "补班"),
}
_USUAL = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""What every notice since 2008 names."""
_FEWEST, _MOST = 11, 60
_FIRST, _LAST = 2004, 2200


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row (0: with the file); a warning does not refuse."""

    row: int
    code: str
    message: str
    is_warning: bool = False

    def as_json(self) -> dict[str, Any]:
        severity = "warning" if self.is_warning else "error"
        return {"row": self.row, "severity": severity, "code": self.code, "message": self.message}


@dataclass(frozen=True)
class Notice:
    """The days of one year; never empty unless there are faults."""

    year: int
    days: dict[date, tuple[str, str]]
    """Day → kind and name."""
    rows: int
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return all(fault.is_warning for fault in self.faults)


def read_notice(content: bytes) -> Notice:
    """Read a CSV (or XLSX) file with the columns 日期/date, 类型/kind, 名称/name.

    Raises:
        UnreadableFileError: no such file, or no such columns.
    """
    header, *rows = read_sheet(content).rows
    columns = _columns(header)
    days: dict[date, tuple[str, str]] = {}
    faults: list[Fault] = []
    for row in rows:
        cells = {name: row.cells[at].strip() if at < len(row.cells) else "" for name, at in columns.items()}
        faults += _read_row(row.number, cells, days)
    year = _year_of(days)
    faults += _out_of_place(days, year)
    faults += _unlikely(days) if all(fault.is_warning for fault in faults) else ()
    return Notice(year, days, len(rows), faults)


def _columns(header: Row) -> dict[str, int]:
    known = {name: key for key, names in _COLUMNS.items() for name in names}
    found = {known[text]: at for at, cell in enumerate(header.cells) if (text := cell.strip().lower()) in known}
    missing = [names[1] for key, names in _COLUMNS.items() if key not in found]
    if missing:
        raise UnreadableFileError(f"第一行应是列名 日期,类型,名称（date,kind,name），缺少：{'、'.join(missing)}。")
    return found


def _read_row(number: int, cells: dict[str, str], days: dict[date, tuple[str, str]]) -> Iterator[Fault]:
    day, kind, name = parse_day(cells["date"]), _kind(cells["kind"]), cells["name"]
    if day is None:
        yield Fault(number, "date", f"日期“{cells['date'][:20]}”无法识别，请写成 2027-01-01。")
    elif kind is None:
        yield Fault(number, "kind", f"类型“{cells['kind'][:20]}”无法识别，请写 holiday（放假）或 working（上班）。")
    elif day in days:
        yield Fault(number, "twice", f"{day} 出现了两次。")
    elif fault := fault_of_day(day, kind, name):
        yield Fault(number, "day", fault)
    else:
        days[day] = (kind, name[:40])


def fault_of_day(day: date, kind: str, name: str) -> str | None:
    """What cannot be right about a holiday or 调休 working day."""
    if kind == WORKING and day.weekday() < 5:
        return f"{day} 是星期{'一二三四五'[day.weekday()]}，本来就上班，不能列为调休上班。"
    return None if name.strip() else f"{day} 没有写节日名称。"


def parse_day(text: str) -> date | None:
    """A date as offices write it: 2027-01-01, 2027/1/1, 2027.1.1, 2027年1月1日."""
    narrow = unicodedata.normalize("NFKC", text).strip().partition("T")[0].partition(" ")[0]
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", narrow)
    try:
        found = date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return found if found and _FIRST <= found.year <= _LAST else None


def _kind(text: str) -> str | None:
    return next((kind for kind, words in _KINDS.items() if text.strip().lower() in words), None)


def _year_of(days: Iterable[date]) -> int:
    years = [day.year for day in days]
    return max(set(years), key=years.count) if years else 0


def _out_of_place(days: Iterable[date], year: int) -> Iterator[Fault]:
    """A notice may reach into the last days of the year before, never further."""
    if year == 0:
        yield Fault(0, "empty", "文件里没有可用的日期。")
        return
    first = date(year, 1, 1) - timedelta(days=7)
    for day in sorted(days):
        if day < first or day.year > year:
            yield Fault(0, "year", f"{day} 不属于 {year} 年的放假安排；一个文件只放一年。")


def _unlikely(days: dict[date, tuple[str, str]]) -> Iterator[Fault]:
    names = " ".join(name for _kind_, name in days.values())
    missing = [usual for usual in _USUAL if usual not in names]
    if missing:
        yield Fault(0, "incomplete", f"没有找到这些节日：{'、'.join(missing)}。请核对是否完整。", is_warning=True)
    rest = sum(kind == HOLIDAY for kind, _name in days.values())
    if not _FEWEST <= rest <= _MOST:
        yield Fault(0, "number", f"放假共 {rest} 天，与往年相差很大，请核对。", is_warning=True)
