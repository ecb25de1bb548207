"""Documents as DOCX: what they are made of, as data, and the answer that lets a browser save one. Knows no area.

Fonts are those of 公文 (GB/T 9704): 方正小标宋 for titles, 仿宋 for text, 黑体 for headings; where a machine lacks
them, its word processor takes another. Only what writes a document loads python-docx; web workers seldom need it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from flask import Response

TITLE_FONT, HEADING_FONT = "方正小标宋简体", "黑体"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Layout:
    """How the pages look: margins in millimetres, text in points, lines of an exact height where it is given."""

    top: float = 25.4
    bottom: float = 25.4
    left: float = 28
    right: float = 26
    font: str = "仿宋"
    latin: str | None = None
    size: float = 14
    line_height: float | None = None
    cell_size: float = 11


PLAIN = Layout()


@dataclass(frozen=True)
class Line:
    """A paragraph; what is not said is as the layout says."""

    text: str = ""
    size: float | None = None
    font: str | None = None
    align: Literal["left", "centre", "right"] | None = None
    is_indented: bool = False
    is_bold: bool = False
    colour: str | None = None
    """As six hexadecimal digits."""
    rule: str | None = None
    """The colour of a rule below."""


def heading(text: str) -> Line:
    """A heading between paragraphs."""
    return Line(text, font=HEADING_FONT, is_bold=True)


def paragraphs(text: str) -> list[Line]:
    """Running text, the first line of each paragraph indented by two characters."""
    return [Line(line, is_indented=True) for line in text.splitlines() or [""]]


@dataclass(frozen=True)
class Table:
    """Rows under a header that is repeated on every page; ``widths`` in millimetres."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    widths: Sequence[float] = ()
    centred: Sequence[bool] = ()
    """By column whether its cells are centred, as the header is where any column is."""


@dataclass(frozen=True)
class Signatures:
    """Places to sign and seal, side by side."""

    parties: Sequence[tuple[str, Sequence[str]]]
    """Who, and the lines below."""


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a page of its own."""


Part = Line | Table | Signatures | NewPage


def docx_bytes(name: str, parts: Sequence[Part], *, layout: Layout = PLAIN, author: str = "") -> bytes:
    """Make a document on A4 pages.

    Args:
        name: what word processors show as its title; nothing is printed of it.
    """
    from webapp.docx_writing import write  # noqa: PLC0415 (loads python-docx)

    return write(name, parts, layout, author)


def titled(title: str, parts: Sequence[Part]) -> bytes:
    """A document with its title above."""
    return docx_bytes(title, [Line(title, size=20, font=TITLE_FONT, align="centre"), *parts])


def docx_response(name: str, content: bytes) -> Response:
    """The answer that lets a browser save a document; ``name`` without its ending, Chinese allowed."""
    response = Response(content, mimetype=_TYPE)
    file_name = quote(f"{name}.docx")
    response.headers["Content-Disposition"] = f"attachment; filename=document.docx; filename*=UTF-8''{file_name}"
    return response


def chinese_date(day: date) -> str:
    """A date as papers are signed, e.g. 2021年4月12日."""
    return f"{day.year}年{day.month}月{day.day}日"
