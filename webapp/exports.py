"""Lists as XLSX files. A text stays a text: nothing that begins with ``=`` becomes a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from webapp.clock import SHANGHAI

MAX_ROWS = 50_000
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The answer that lets a browser save a list.

    Args:
        name: the file's name without its ending, Chinese allowed.
        header: the column names.
        rows: the cells; at most :data:`MAX_ROWS` are written.
    """
    response = Response(xlsx_bytes(header, rows), mimetype=_TYPE)
    file_name = quote(f"{name}.xlsx")
    response.headers["Content-Disposition"] = f"attachment; filename=export.xlsx; filename*=UTF-8''{file_name}"
    return response


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet: bold header that stays in sight, then the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.freeze_panes = "A2"
    for place, title in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, 2 * len(title) + 4)
    sheet.append([_cell(sheet, title, bold=True) for title in header])
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            break
        sheet.append([_cell(sheet, value) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=_plain(value))
    if isinstance(cell.value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).replace(tzinfo=None)
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))
