"""Write the parts of a document with python-docx; imported by :func:`webapp.docx.docx_bytes` alone."""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from webapp.docx import HEADING_FONT, Layout, Line, NewPage, Part, Signatures, Table

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "centre": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}


def write(name: str, parts: Sequence[Part], layout: Layout, author: str) -> bytes:
    """The document as a file."""
    document = Document()
    _lay_out(document, layout)
    for part in parts:
        _ADDERS[type(part)](document, part, layout)
    document.core_properties.title, document.core_properties.author = _clean(name), _clean(author)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _clean(text: Any) -> str:
    """A text without characters that no document may contain; nothing is an empty text."""
    return _UNPRINTABLE.sub("", "" if text is None else str(text))


def _lay_out(document: Any, layout: Layout) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(layout.top), Mm(layout.bottom)
    page.left_margin, page.right_margin = Mm(layout.left), Mm(layout.right)
    normal = document.styles["Normal"]
    normal.font.size = Pt(layout.size)
    _set_font(normal, layout.font, layout)


def _set_font(styled: Any, name: str, layout: Layout) -> None:
    """Name the font for Chinese and, where the layout has none of its own, for Latin letters."""
    styled.font.name = layout.latin or name
    properties = styled.element.get_or_add_rPr() if hasattr(styled.element, "get_or_add_rPr") else styled.element.rPr
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _write_run(paragraph: Any, text: Any, layout: Layout, line: Line) -> None:
    run = paragraph.add_run(_clean(text))
    run.font.size, run.bold = Pt(line.size or layout.size), line.is_bold or None
    _set_font(run, line.font or layout.font, layout)
    if line.colour:
        run.font.color.rgb = RGBColor.from_string(line.colour)


def _add_line(document: Any, line: Line, layout: Layout) -> None:
    paragraph = document.add_paragraph()
    form, size = paragraph.paragraph_format, line.size or layout.size
    if line.align:
        paragraph.alignment = _ALIGN[line.align]
    if line.is_indented:
        form.first_line_indent = Pt(2 * size)
    if layout.line_height:
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(layout.line_height, size * 1.6))
    _write_run(paragraph, line.text, layout, line)
    if line.rule:
        _underline(paragraph, line.rule)


def _underline(paragraph: Any, colour: str) -> None:
    borders, rule = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in {"val": "single", "sz": "18", "space": "4", "color": colour}.items():
        rule.set(qn(f"w:{name}"), value)
    borders.append(rule)
    later = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")  # the order that the format prescribes
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *later)


def _add_table(document: Any, part: Table, layout: Layout) -> None:
    table = document.add_table(rows=1, cols=len(part.header), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, not part.widths
    centred = tuple(part.centred) or (False,) * len(part.header)
    head = Line(size=layout.cell_size, font=HEADING_FONT, align="centre" if any(centred) else None, is_bold=True)
    _fill_row(table.rows[0], part.header, part, [head] * len(part.header), layout)
    _repeat_on_every_page(table.rows[0])
    looks = [Line(size=layout.cell_size, align="centre" if is_centred else None) for is_centred in centred]
    for values in part.rows:
        _fill_row(table.add_row(), values, part, looks, layout)
    if not layout.line_height:
        document.add_paragraph()


def _fill_row(row: Any, values: Sequence[Any], part: Table, looks: Sequence[Line], layout: Layout) -> None:
    for place, (cell, value, look) in enumerate(zip(row.cells, values, looks, strict=True)):
        paragraph = cell.paragraphs[0]
        if look.align:
            paragraph.alignment = _ALIGN[look.align]
        _write_run(paragraph, value, layout, look)
        if part.widths:
            cell.width = Mm(part.widths[place])


def _repeat_on_every_page(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _add_signatures(document: Any, part: Signatures, _layout: Layout) -> None:
    document.add_paragraph()
    table = document.add_table(rows=1, cols=len(part.parties))
    for cell, (who, lines) in zip(table.rows[0].cells, part.parties, strict=True):
        cell.text = _clean(who)
        for line in lines:
            cell.add_paragraph(_clean(line))


def _add_page(document: Any, _part: NewPage, _layout: Layout) -> None:
    document.add_page_break()


_ADDERS: dict[type, Callable[[Any, Any, Layout], None]] = {
    Line: _add_line,
    Table: _add_table,
    Signatures: _add_signatures,
    NewPage: _add_page,
}
