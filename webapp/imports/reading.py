"""Files of others, CSV or XLSX, read into rows of text; what cannot be read safely is refused with the reason.

Nothing is corrected here: a cell is the text that stands in it.
"""

import codecs
import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile, ZipInfo

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 80 * 1024 * 1024
MAX_PARTS = 2000
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_CELL = 4000
MAX_BLANK_ROWS = 1000
"""So many blank rows in a row end a sheet: formatting often reaches to the last row there is."""

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableFileError(ValueError):
    """The file as a whole cannot be imported; the message (Chinese) says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet counts, and its cells."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """The rows that are not blank, and what the reader should be told."""

    rows: list[Row]
    notes: list[str] = field(default_factory=list)


def read_sheet(content: bytes) -> Sheet:
    """Read a CSV or XLSX file; the content decides which, not the name.

    Raises:
        UnreadableFileError: neither, damaged, too large, or made to exhaust the reader.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请拆分后再导入。")
    if not content.strip(b"\x00 \r\n\t"):
        raise UnreadableFileError("文件是空的。")
    if content.startswith(_OLD_EXCEL):
        raise UnreadableFileError("这是旧版 Excel（.xls）文件，请另存为 .xlsx 或 CSV 后再导入。")
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content)
    return Sheet(_keep(_read_csv(_decode(content))))


def _decode(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode_as(content, encoding)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode_as(content, "gb18030")
    if "\x00" in text:
        raise UnreadableFileError("文件不是文本（含有空字节），请另存为 .xlsx 或 CSV 后再导入。")
    return text


def _decode_as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"文字编码无法识别（第 {error.start + 1} 个字节），请另存为 UTF-8 或 GB18030 编码的 CSV。"
        raise UnreadableFileError(message) from None


def _read_csv(text: str) -> Iterator[list[str]]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        message = f"第 {reader.line_num} 行无法读取（引号没有成对？）：{error}"
        raise UnreadableFileError(message) from None


def _delimiter(text: str) -> str:
    """What parts the cells of most lines; a document may print its title above the table."""
    lines = [line for line in text[:100_000].splitlines()[:200] if line.strip()]
    first = lines[0] if lines else ""
    return max(",\t;", key=lambda mark: (sum(mark in line for line in lines), first.count(mark)))


def _keep(lines: Iterable[list[str]]) -> list[Row]:
    """Number the lines as a spreadsheet does, leave out blank ones, and refuse what is too much."""
    rows: list[Row] = []
    last = 0
    for number, cells in enumerate(lines, start=1):
        row = Row(number, tuple(cells))
        if row.is_blank:
            if number - last > MAX_BLANK_ROWS:
                break
            continue
        last = number
        _refuse_excess(row, len(rows))
        rows.append(row)
    if not rows:
        raise UnreadableFileError("文件里没有任何内容。")
    return rows


def _refuse_excess(row: Row, before: int) -> None:
    if before > MAX_ROWS:
        raise UnreadableFileError(f"超过 {MAX_ROWS} 行，请拆分后再导入。")
    if len(row.cells) > MAX_COLUMNS:
        raise UnreadableFileError(f"第 {row.number} 行超过 {MAX_COLUMNS} 列，请删去多余的列。")
    if any(len(cell) > MAX_CELL for cell in row.cells):
        raise UnreadableFileError(f"第 {row.number} 行有单元格超过 {MAX_CELL} 个字，请删减。")


def _read_workbook(content: bytes) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 (large: processes that read no file start without it)

    _refuse_bomb(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            return _read_book(book)
    except UnreadableFileError:
        raise
    except Exception as error:  # whatever the libraries say of a file that somebody made or broke
        raise UnreadableFileError("这个 .xlsx 文件已损坏，请用表格软件重新保存后再导入。") from error


def _refuse_bomb(content: bytes) -> None:
    """Look at the archive before anything is unpacked: sizes, number of parts, and XML that brings entities."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                limit = MAX_UNPACKED // 1024 // 1024
                raise UnreadableFileError(f"压缩内容展开后超过 {limit} MB 或部件过多，已拒绝。请只保留数据后另存。")
            for part in parts:
                _refuse_entities(archive, part)
    except UnreadableFileError:
        raise
    except Exception as error:
        raise UnreadableFileError("这个 .xlsx 文件已损坏或加密，请重新保存（不设密码）后再导入。") from error


def _refuse_entities(archive: ZipFile, part: ZipInfo) -> None:
    if "/media/" in part.filename:  # pictures, which nobody reads; an SVG may have a DOCTYPE
        return
    with archive.open(part) as file:
        head = file.read(8192).replace(b"\x00", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise UnreadableFileError("文件里含有 XML 实体声明，已拒绝。请用表格软件重新保存后再导入。")


def _read_book(book: Any) -> Sheet:
    found: Sheet | None = None
    ignored = []
    for sheet in book.worksheets:
        if found is not None:
            ignored.append(sheet.title)
            continue
        sheet.reset_dimensions()
        try:
            found = Sheet(_keep(_read_cells(sheet)), [])
        except UnreadableFileError as error:
            if "没有任何内容" not in str(error):
                raise
    if found is None:
        raise UnreadableFileError("工作簿里没有任何内容。")
    if ignored:
        found.notes.append("只读取第一个有内容的工作表，未读取：" + "、".join(ignored[:10]))
    return found


def _read_cells(sheet: Any) -> Iterator[list[str]]:
    for values in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(value: object) -> str:
    """The text that a person would type for a cell's value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
