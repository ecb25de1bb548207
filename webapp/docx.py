"""Official documents as DOCX: a title, paragraphs, tables, places to sign. Reads nothing, knows no area.

Fonts are those of 公文 (GB/T 9704): 方正小标宋 for titles, 仿宋 for text, 黑体 for headings; where a machine lacks
them, its word processor takes another.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Response

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Heading:
    """A heading between paragraphs."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text, its first line indented by two characters."""

    text: str
    is_centred: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under a header that is repeated on every page; ``widths`` in centimetres."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class Signatures:
    """Places to sign and seal, side by side."""

    parties: Sequence[tuple[str, Sequence[str]]]
    """Who, and the lines below."""


Part = Heading | Paragraph | Table | Signatures


def docx_bytes(title: str, parts: Sequence[Part]) -> bytes:
    """Make a document on A4 pages; python-docx is imported here, as web workers seldom need it."""
    from docx import Document  # noqa: PLC0415
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Cm, Pt  # noqa: PLC0415

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin = Cm(2.8), Cm(2.6)
    normal = document.styles["Normal"]
    normal.font.size = Pt(14)
    _set_font(normal, "仿宋")
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(_clean(title))
    run.font.size = Pt(20)
    _set_font(run, "方正小标宋简体")
    for part in parts:
        _ADDERS[type(part)](document, part)
    document.core_properties.title = _clean(title)
    document.core_properties.author = ""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def docx_response(name: str, content: bytes) -> Response:
    """The answer that lets a browser save a document; ``name`` without its ending, Chinese allowed."""
    response = Response(content, mimetype=_TYPE)
    file_name = quote(f"{name}.docx")
    response.headers["Content-Disposition"] = f"attachment; filename=document.docx; filename*=UTF-8''{file_name}"
    return response


def _clean(text: Any) -> str:
    return _UNPRINTABLE.sub("", "" if text is None else str(text))


def _set_font(styled: Any, name: str) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415

    styled.font.name = name
    properties = styled.element.get_or_add_rPr() if hasattr(styled.element, "get_or_add_rPr") else styled.element.rPr
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _add_heading(document: Any, part: Heading) -> None:
    run = document.add_paragraph().add_run(_clean(part.text))
    run.bold = True
    _set_font(run, "黑体")


def _add_paragraph(document: Any, part: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    for line in _clean(part.text).splitlines() or [""]:
        paragraph = document.add_paragraph(line)
        if part.is_centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        else:
            paragraph.paragraph_format.first_line_indent = Pt(28)


def _add_table(document: Any, part: Table) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.shared import Cm, Pt  # noqa: PLC0415

    table = document.add_table(rows=1, cols=len(part.header), style="Table Grid")
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    for row in (part.header, *part.rows):
        cells = table.rows[0].cells if row is part.header else table.add_row().cells
        for place, value in enumerate(row):
            cells[place].text = _clean(value)
            for run in cells[place].paragraphs[0].runs:
                run.font.size, run.bold = Pt(11), row is part.header
            if part.widths:
                cells[place].width = Cm(part.widths[place])
    document.add_paragraph()


def _add_signatures(document: Any, part: Signatures) -> None:
    document.add_paragraph()
    table = document.add_table(rows=1, cols=len(part.parties))
    for cell, (who, lines) in zip(table.rows[0].cells, part.parties, strict=True):
        cell.text = _clean(who)
        for line in lines:
            cell.add_paragraph(_clean(line))


_ADDERS: dict[type, Any] = {
    Heading: _add_heading,
    Paragraph: _add_paragraph,
    Table: _add_table,
    Signatures: _add_signatures,
}
