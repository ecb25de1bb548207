"""Official papers 公文 as DOCX, laid out as GB/T 9704 asks: head, number, title, body, table, signature, date.

The fonts are named as the standard names them; an office without them sees its own Song and Fangsong.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from flask import Response
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RED = RGBColor(0xC8, 0x10, 0x1E)
_TITLE, _BODY, _HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"


@dataclass(frozen=True)
class Column:
    """One column of the table: what stands above it and how wide it is in millimetres."""

    title: str
    width: int
    is_centred: bool = True


@dataclass(frozen=True)
class Paper:
    """What a paper says."""

    office: str
    """Whose paper it is, as its red head and its signature print it."""
    number: str | None
    """发文字号; a blank to fill in where there is none yet."""
    title: str
    recipient: str
    paragraphs: Sequence[str]
    table_title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    dated: date
    notes: Sequence[str] = field(default_factory=tuple)
    """Lines below the table."""


def docx_response(name: str, paper: Paper) -> Response:
    """The answer that lets a browser save a paper.

    Args:
        name: the file's name without its ending, Chinese allowed.
    """
    response = Response(docx_bytes(paper), mimetype=_TYPE)
    file_name = quote(f"{name}.docx")
    response.headers["Content-Disposition"] = f"attachment; filename=paper.docx; filename*=UTF-8''{file_name}"
    return response


def docx_bytes(paper: Paper) -> bytes:
    """The paper as a DOCX file."""
    document = Document()
    _lay_out(document)
    document.core_properties.title = plain(paper.title)
    document.core_properties.author = plain(paper.office)
    _write_head(document, paper)
    _write_body(document, paper)
    _write_table(document, paper)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def plain(value: Any) -> str:
    """A text without characters that no document may contain; nothing is an empty text."""
    return "" if value is None else ILLEGAL_CHARACTERS_RE.sub("", str(value))


def chinese_date(day: date) -> str:
    """A date as papers are signed, e.g. 2021年4月12日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _lay_out(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(16)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _BODY)


def _line(document: Any, text: str, *, size: float = 16, font: str = _BODY, align: Any = None) -> Paragraph:
    paragraph: Paragraph = document.add_paragraph()
    paragraph.alignment = align
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(28, size * 1.6))
    _write(paragraph, text, size=size, font=font)
    return paragraph


def _write(paragraph: Paragraph, text: str, *, size: float, font: str, colour: RGBColor | None = None) -> None:
    run = paragraph.add_run(plain(text))
    run.font.size, run.font.name = Pt(size), "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour


def _write_head(document: Any, paper: Paper) -> None:
    centre = WD_ALIGN_PARAGRAPH.CENTER
    head = _line(document, "", size=32, align=centre)
    size = min(36.0, 440 / max(1, len(paper.office) + 2))
    _write(head, f"{paper.office}文件", size=size, font=_TITLE, colour=_RED)
    _line(document, "", align=centre)
    number = _line(document, paper.number or "　　　〔　　〕　号", align=centre)
    _underline(number)
    _line(document, "")
    for part in paper.title.split("\n"):
        _line(document, part, size=22, font=_TITLE, align=centre)
    _line(document, "")


def _underline(paragraph: Paragraph) -> None:
    """The red rule between the head and the paper."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in {"val": "single", "sz": "18", "space": "4", "color": str(_RED)}.items():
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)  # type: ignore[arg-type]


def _write_body(document: Any, paper: Paper) -> None:
    _line(document, f"{paper.recipient}：")
    for text in paper.paragraphs:
        _line(document, text).paragraph_format.first_line_indent = Pt(32)
    _line(document, "")
    right = WD_ALIGN_PARAGRAPH.RIGHT
    _line(document, f"{paper.office}　　", align=right)
    _line(document, f"{chinese_date(paper.dated)}　　　　", align=right)


def _write_table(document: Any, paper: Paper) -> None:
    document.add_page_break()
    _line(document, "附件", font=_HEADING)
    _line(document, paper.table_title, size=18, font=_TITLE, align=WD_ALIGN_PARAGRAPH.CENTER)
    table = document.add_table(rows=1, cols=len(paper.columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, cell in zip(paper.columns, table.rows[0].cells, strict=True):
        _fill(cell, column.title, column, font=_HEADING)
    _repeat_head(table.rows[0])
    for row in paper.rows:
        for column, cell, value in zip(paper.columns, table.add_row().cells, row, strict=True):
            _fill(cell, value, column, font=_BODY)
    for note in paper.notes:
        _line(document, note, size=12)


def _fill(cell: Any, value: Any, column: Column, *, font: str) -> None:
    cell.width = Mm(column.width)
    paragraph = cell.paragraphs[0]
    if column.is_centred or font == _HEADING:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, plain(value), size=12, font=font)


def _repeat_head(row: Any) -> None:
    """Print the head again on every page that the table reaches."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
