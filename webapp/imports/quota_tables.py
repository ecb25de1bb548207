"""Read a table of places as an office prints it: regions down, honours across, blanks inside names, a 合计 row.

Also out of the whole document: what stands before the header gives title, period, number and kind; what stands
after the total is left alone. Nothing is corrected: the printed totals are kept beside the sums.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from webapp.imports.headers import plain
from webapp.imports.reading import Row, Sheet, UnreadableFileError
from webapp.registry.places import squeeze
from webapp.registry.reference import HONOURS

_NAMES = {plain(name): code for code, name, _level, _rank in HONOURS} | {code: code for code, *_rest in HONOURS}
_MUNICIPAL = ("北京市", "天津市", "上海市", "重庆市")
_TOTALS = {"合计", "总计", "共计", "小计"}
_PERIOD = re.compile(r"\d{4}(?:\s*[—–~至-]{1,2}\s*\d{4})?\s*年度?")
_NUMBER = re.compile(r"[\w（）()]{2,20}?〔\d{4}〕\s*\d{1,4}\s*号")
_TITLE = re.compile(r"分配|名额|指标|计划")
_LONGEST_TITLE = 80


@dataclass(frozen=True)
class PrintedRow:
    """One region of the table with its figures as printed, by honour; text that is no number stays text."""

    number: int
    name: str
    cells: dict[str, str]
    total: str | None


@dataclass
class PrintedTable:
    """A table of places and what the document says about it."""

    honours: list[str]
    rows: list[PrintedRow]
    printed: dict[str, int]
    kind: str
    title: str
    period: str | None
    document_number: str | None
    notes: list[str] = field(default_factory=list)


def honour_of(text: str) -> str | None:
    """The honour that a column names, e.g. 河南省文明单位标兵（个） or ``provincial_model``."""
    name = plain(text)
    if name in _NAMES:
        return _NAMES[name]
    if len(name) > 30 or not re.search(r"文明单位|文明标兵|标兵", name):
        return None
    model = "_model" if "标兵" in name else ""
    if "全国" in name:
        return "national"
    if re.search(r"省|自治区|兵团", name) or name.startswith(_MUNICIPAL):
        return f"provincial{model}"
    if re.search(r"市|州|地区", name):
        return f"city{model}"
    return "county" if re.search(r"[县区]", name) and not model else None


def read_quota_table(sheet: Sheet, file_name: str) -> PrintedTable:
    """Find the table in a sheet.

    Raises:
        UnreadableFileError: no row names an honour, or one is named twice.
    """
    lines = [(row, _cells(row)) for row in sheet.rows]
    start = next((place for place, (_row, cells) in enumerate(lines) if _is_header(cells)), None)
    if start is None:
        text = "没有找到表头：一列写地区，其余每列写一项荣誉（如“省级文明单位”，或代码 provincial）。"
        raise UnreadableFileError(text)
    header = _whole_header(lines[start - 1][1] if start else [], lines[start][1])
    honours = {place: code for place, cell in enumerate(header) if (code := honour_of(cell))}
    if len(set(honours.values())) < len(honours):
        raise UnreadableFileError("表头里同一项荣誉出现了两次，请只保留一列。")
    before = [" ".join(cells) for _row, cells in lines[:start]]
    table = _describe(before, list(honours.values()), file_name)
    table.notes += sheet.notes
    _read_rows(table, lines[start + 1 :], header, honours)
    if not table.rows:
        raise UnreadableFileError("未导入：表头下面没有数据行，每个地区请填一行。")
    return table


def _whole_header(above: Sequence[str], header: Sequence[str]) -> list[str]:
    """A header of two rows with merged cells: where the lower one is empty, the upper one says what stands there."""
    if sum(bool(cell) for cell in above) < 2:
        return list(header)
    upper = [*above, *[""] * (len(header) - len(above))]
    return [cell or upper[place] for place, cell in enumerate(header)]


def _cells(row: Row) -> list[str]:
    """The cells of a row; a line without columns is split where its figures, or its honours, begin."""
    cells = [cell.strip() for cell in row.cells]
    filled = [cell for cell in cells if cell]
    if len(filled) != 1:
        return cells
    words = filled[0].split()
    tail: list[str] = []
    while len(words) > 1 and (_figure(words[-1]) is not None or honour_of(words[-1])):
        tail.insert(0, words.pop())
    return ["".join(words), *tail] if tail else filled


def _is_header(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and any(honour_of(cell) for cell in cells) and not any(_figure(c) is not None for c in cells)


def _figure(text: str) -> int | None:
    found = re.fullmatch(r"(\d{1,6})(?:个|家)?", squeeze(text))
    return int(found[1]) if found else None


def _describe(before: Sequence[str], honours: list[str], file_name: str) -> PrintedTable:
    short = [squeeze(line) for line in before if len(squeeze(line)) <= _LONGEST_TITLE]
    titles = [line for line in short if _TITLE.search(line) and not line.endswith(("：", "。"))]
    stem = unicodedata.normalize("NFKC", file_name).rpartition(".")[0] or file_name
    title = re.sub(r"^附件[\d:：]*", "", titles[-1]) if titles else stem[:_LONGEST_TITLE]
    numbers = [squeeze(found) for line in before for found in _NUMBER.findall(line)]
    period = _PERIOD.search(title) or next((m for line in reversed(short) if (m := _PERIOD.search(line))), None)
    kind = "target" if "指标" in title else "cap" if "名额" in title else "target"
    number = numbers[-1] if numbers else None
    return PrintedTable(honours, [], {}, kind, title, squeeze(period[0]) if period else None, number)


def _unread_totals(header: Sequence[str], honours: dict[int, str], printed: dict[str, int]) -> list[str]:
    """Totals that are empty or no numbers, e.g. of a formula that was never computed."""
    names = [squeeze(header[place]) for place, code in honours.items() if code not in printed]
    return [f"合计行里{'、'.join(f'“{name}”' for name in names)}没有数字，没有与各行之和核对。"] if names else []


def _read_rows(
    table: PrintedTable, lines: Sequence[tuple[Row, list[str]]], header: Sequence[str], honours: dict[int, str]
) -> None:
    sums = [place for place, cell in enumerate(header) if plain(cell) in _TOTALS]
    names = [place for place in range(len(header)) if place not in honours and place not in sums]
    names = [place for place in names if plain(header[place]) not in {"序号", "编号"}]
    name_at = names[0] if names else 0
    for place, (row, cells) in enumerate(lines):
        name = squeeze(cells[name_at]) if name_at < len(cells) else ""
        total_word = next((squeeze(cell) for cell in cells if cell), "")
        figures = {code: cells[at] if at < len(cells) else "" for at, code in honours.items()}
        if name in _TOTALS or total_word.rstrip(":") in _TOTALS:
            table.printed = {code: n for code, text in figures.items() if (n := _figure(text)) is not None}
            table.notes += _unread_totals(header, honours, table.printed)
            rest = len(lines) - place - 1
            table.notes += [f"合计行以后的 {rest} 行没有读取。"] if rest else []
            return
        total = cells[sums[0]] if sums and sums[0] < len(cells) else None
        table.rows.append(PrintedRow(row.number, name, figures, total))
