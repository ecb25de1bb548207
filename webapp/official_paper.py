"""Official papers 公文, laid out as GB/T 9704 asks: head, number, title, body, signature, date, a table as annex."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.docx import HEADING_FONT, TITLE_FONT, Layout, Line, NewPage, Part, Table, chinese_date, docx_bytes

_OFFICIAL = Layout(
    top=37,
    bottom=35,
    left=28,
    right=26,
    font="仿宋_GB2312",
    latin="Times New Roman",
    size=16,
    line_height=28,
    cell_size=12,
)
_RED = "C8101E"


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


def paper_bytes(paper: Paper) -> bytes:
    """The paper as a DOCX file."""
    parts = [*_head(paper), *_body(paper), *_annex(paper)]
    return docx_bytes(paper.title.replace("\n", ""), parts, layout=_OFFICIAL, author=paper.office)


def _head(paper: Paper) -> list[Part]:
    size = min(36.0, 440 / max(1, len(paper.office) + 2))
    number = paper.number or "　　　〔　　〕　号"
    return [
        Line(f"{paper.office}文件", size=size, font=TITLE_FONT, align="centre", colour=_RED),
        Line(),
        Line(number, align="centre", rule=_RED),
        Line(),
        *(Line(part, size=22, font=TITLE_FONT, align="centre") for part in paper.title.split("\n")),
        Line(),
    ]


def _body(paper: Paper) -> list[Part]:
    return [
        Line(f"{paper.recipient}："),
        *(Line(text, is_indented=True) for text in paper.paragraphs),
        Line(),
        Line(f"{paper.office}　　", align="right"),
        Line(f"{chinese_date(paper.dated)}　　　　", align="right"),
    ]


def _annex(paper: Paper) -> list[Part]:
    return [
        NewPage(),
        Line("附件", font=HEADING_FONT),
        Line(paper.table_title, size=18, font=TITLE_FONT, align="centre"),
        Table(
            [column.title for column in paper.columns],
            paper.rows,
            [column.width for column in paper.columns],
            [column.is_centred for column in paper.columns],
        ),
        *(Line(note, size=12) for note in paper.notes),
    ]
