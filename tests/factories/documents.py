"""Small real files: PDF and DOCX documents made from text, for tests that open them."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape

import typst

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(title: str, pages: int = 1) -> bytes:
    """A PDF with a line of text on each of its pages."""
    import pylopdf_fonts_zh_cn  # noqa: PLC0415

    folder = str(pylopdf_fonts_zh_cn.__path__[0])
    text = "#pagebreak()\n".join(f"= {title}\n第 {number} 页的内容。\n" for number in range(1, pages + 1))
    source = '#set page(paper: "a4")\n#set text(font: "Noto Sans SC")\n' + text
    return bytes(typst.compile(source.encode(), font_paths=[folder], ignore_system_fonts=True, format="pdf"))


def docx(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = (), document: bytes | None = None) -> bytes:
    """A Word document: the first paragraph as heading, the others, then a table; or with ``document`` as its XML."""
    lines = [_paragraph(text, heading=place == 0) for place, text in enumerate(paragraphs)]
    rows = ["<w:tr>" + "".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in table]
    body = "".join(lines) + (f"<w:tbl>{''.join(rows)}</w:tbl>" if rows else "")
    xml = f'<?xml version="1.0"?><w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document if document is not None else xml.encode())
    return target.getvalue()


def _paragraph(text: str, *, heading: bool = False) -> str:
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if heading else ""
    return f"<w:p>{style}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
