"""Lists as XLSX files. A text stays a text: nothing that begins with ``=`` becomes a formula."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response

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
    from webapp.workbooks import write_workbook  # noqa: PLC0415 (an eighth of what every start would take)

    return write_workbook(header, islice(rows, MAX_ROWS))
