"""Documents as word processors read them: fonts, heads of tables, text that no document may contain."""

import subprocess
import sys
from datetime import date
from io import BytesIO

from docx import Document
from docx.oxml.ns import qn

from webapp.docx import Signatures, Table, heading, paragraphs, titled
from webapp.official_paper import Column, Paper, paper_bytes

PAPER = Paper(
    office="岳阳市文明办",
    number=None,
    title="关于报送培育对象\n名单的报告",
    recipient="湖南省文明办",
    paragraphs=["现将名单报上\x00，请审阅。"],
    table_title="名单",
    columns=[Column("序号", 10), Column("单位名称", 80, is_centred=False)],
    rows=[(1, "云溪精密\x1f制造有限公司"), (2, None)],
    dated=date(2021, 4, 29),
    notes=["共 2 个。"],
)


def fonts_of(document: "Document") -> set[str]:
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs if run.text.strip()]
    return {run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in runs}


def test_an_official_paper_has_its_head_its_fonts_and_its_annex() -> None:
    document = Document(BytesIO(paper_bytes(PAPER)))
    lines = [p.text for p in document.paragraphs]
    assert lines[:3] == ["岳阳市文明办文件", "", "　　　〔　　〕　号"]
    assert "现将名单报上，请审阅。" in lines
    assert lines[-1] == "共 2 个。"
    assert "2021年4月29日　　　　" in lines
    assert fonts_of(document) == {"方正小标宋简体", "仿宋_GB2312", "黑体"}
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["序号", "单位名称"],
        ["1", "云溪精密制造有限公司"],
        ["2", ""],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert document.core_properties.title == "关于报送培育对象名单的报告"


def test_a_plain_document_has_title_text_table_and_places_to_sign() -> None:
    parts = [*paragraphs("甲方\n乙方"), heading("一、目标"), Table(("序号", "内容"), [(1, "走访")], (15, 80))]
    document = Document(BytesIO(titled("结对协议", [*parts, Signatures([("甲方：", ["（盖章）"])])])))
    assert [p.text for p in document.paragraphs if p.text] == ["结对协议", "甲方", "乙方", "一、目标"]
    assert fonts_of(document) == {"方正小标宋简体", "仿宋", "黑体"}
    assert [cell.text for cell in document.tables[1].rows[0].cells] == ["甲方：\n（盖章）"]


def test_web_workers_do_not_load_what_writes_documents() -> None:
    said = "import sys, webapp.pairing.views, webapp.nominations.views; sys.exit('docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
