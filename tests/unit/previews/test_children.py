"""What hostile, broken and ordinary files come to in the limited process: text, a drawn page, or a clear sentence."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from PIL import Image

from tests.factories.documents import docx, pdf
from webapp.config import ROOT
from webapp.sandbox import SandboxError, run

CHILDREN = ROOT / "webapp" / "previews" / "children"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
Read = Callable[..., Any]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_file(kind: str, content: bytes, **limits: int) -> Any:
        path = tmp_path / "file"
        path.write_bytes(content)
        return json.loads(run(CHILDREN / "read_text.py", kind, path, **limits))

    return read_file


@pytest.fixture
def draw(tmp_path: Path) -> Read:
    def draw_file(what: str, content: bytes, *more: int) -> bytes:
        path = tmp_path / "file"
        path.write_bytes(content)
        return run(CHILDREN / "draw.py", what, path, *more)

    return draw_file


def zipped(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return target.getvalue()


def workbook(rows: list[list[Any]], sheets: int = 1) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for number in range(1, sheets):
        book.create_sheet(f"表{number}")
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def odf(body: str) -> bytes:
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table"))
    return zipped(content_xml=f"<office:document-content {spaces}>{body}</office:document-content>".encode())


def test_a_word_document_reads_in_its_order(read: Read) -> None:
    blocks = read("docx", docx(["总结", "第一段 <b>&amp;</b>"], table=[["月份", "场次"], ["三月", "12"]]))
    assert [block["kind"] for block in blocks] == ["heading", "text", "table"]
    assert blocks[1]["text"] == "第一段 <b>&amp;</b>"
    assert blocks[2]["rows"] == [["月份", "场次"], ["三月", "12"]]


def test_what_a_reviser_deleted_is_not_shown(read: Read) -> None:
    runs = "<w:del><w:r><w:t>旧</w:t></w:r></w:del><w:r><w:t>新</w:t></w:r>"
    xml = f'<w:document xmlns:w="{W}"><w:body><w:p>{runs}</w:p></w:body></w:document>'
    assert read("docx", docx([], document=xml.encode()))[0]["text"] == "新"


def test_a_workbook_reads_sheet_by_sheet_with_its_limits_said(read: Read) -> None:
    first, second = read("xlsx", workbook([["单位", "分"], ["甲", 93.5], [None, None]], sheets=2))
    assert first["rows"] == [["单位", "分"], ["甲", "93.5"]]
    assert (second["text"], second["rows"]) == ("表1", [])
    (long,) = read("xlsx", workbook([[n] * 40 for n in range(400)]))
    assert (len(long["rows"]), len(long["rows"][0])) == (300, 30)
    assert "前 300 行" in long["note"]
    assert "前 30 列" in long["note"]
    assert "只显示前 20 个工作表" in read("xlsx", workbook([["x"]], sheets=25))[-1]["text"]


def test_open_documents_read_like_the_others(read: Read) -> None:
    text = odf("<office:body><text:h>题</text:h><text:p>甲<text:tab/>乙<text:s/>丙</text:p></office:body>")
    assert [(b["kind"], b["text"]) for b in read("odt", text)] == [("heading", "题"), ("text", "甲\t乙 丙")]
    cell = '<table:table-cell table:number-columns-repeated="{}"><text:p>甲</text:p></table:table-cell>'
    row = "<table:table-row>" + cell.format(2) + cell.format("99999999") + "</table:table-row>"
    (sheet,) = read("ods", odf(f'<table:table table:name="一月">{row}</table:table>'))
    assert (sheet["text"], len(sheet["rows"][0])) == ("一月", 30)


def test_texts_are_decoded_as_they_were_written(read: Read) -> None:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        assert read("txt", "文明单位".encode(encoding))[0]["text"] == "文明单位"
    assert read("csv", "单位;分\n甲;1\n".encode())[0]["rows"] == [["单位", "分"], ["甲", "1"]]


def test_an_archive_lists_its_files(read: Read) -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("照片/一月.jpg", b"xx")
    assert read("zip", target.getvalue())[0]["rows"][1][:2] == ["照片/一月.jpg", "2"]


def test_long_documents_are_cut_and_say_so(read: Read) -> None:
    blocks = read("docx", docx(["题"] + ["长" * 5000] * 60))
    assert blocks[-1]["kind"] == "cut"
    assert sum(len(block["text"]) for block in blocks) < 205_000


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
STEALS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("docx", b"PK\x03\x04 nothing", "已损坏"),
        ("docx", docx(["长" * 2000])[:-200], "已损坏"),
        ("docx", workbook([["x"]]), "不是 Word 文档"),
        ("xlsx", docx(["x"]), "不是 Excel 表格"),
        ("pptx", docx(["x"]), "不是演示文稿"),
        ("odt", docx(["x"]), "不是 ODF 文档"),
        ("docx", docx([], document=LAUGHS), "DOCTYPE"),
        ("docx", docx([], document=STEALS), "DOCTYPE"),
        ("docx", docx([], document=b"<a>" * 5000 + b"</a>" * 5000), "不能安全地读取"),
        ("docx", docx([], document=b" " * (60 * 1024 * 1024)), "超过上限"),
        ("docx", zipped(word__document_xml=b"<a/>", bomb=b"\x00" * (210 * 1024 * 1024)), "展开后过大"),
        ("xlsx", zipped(xl__workbook_xml=b"<a/>", xl__x_xml=LAUGHS), "实体"),
        ("xlsx", zipped(xl__workbook_xml=b"<a/>"), "已损坏"),
    ],
    ids=range(13),
)
def test_hostile_and_broken_documents_get_a_sentence(read: Read, kind: str, content: bytes, words: str) -> None:
    with pytest.raises(SandboxError, match=words):
        read(kind, content)


def test_a_document_with_a_password_says_so(read: Read) -> None:
    content = bytearray(docx(["x"]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SandboxError, match="密码"):
        read("docx", bytes(content))


def test_a_child_that_takes_too_much_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("print(len(bytearray(500 * 1024 * 1024)))")
    with pytest.raises(SandboxError, match="已损坏，或内容过大"):
        run(script, megabytes=200)


def test_pages_of_a_pdf_are_drawn_with_their_text(draw: Read) -> None:
    content = pdf("制度汇编", pages=2)
    found = json.loads(draw("pages", content))
    assert (found["number"], found["sizes"][0]) == (2, [1240, 1754])
    assert "第 2 页" in found["texts"][1]
    assert draw("page", content, 1).startswith(b"\x89PNG")
    with pytest.raises(SandboxError, match="没有这一页"):
        draw("page", content, 2)


SECRET = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
4 0 obj<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>endobj
trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>
""" % (b"11" * 32, b"22" * 32)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.4\n%%EOF", "已损坏"), (pdf("x")[:400], "已损坏"), (b"", "已损坏"), (SECRET, "密码")],
    ids=["empty", "cut", "nothing", "password"],
)
def test_a_pdf_that_cannot_be_opened_says_why(draw: Read, content: bytes, words: str) -> None:
    with pytest.raises(SandboxError, match=words):
        draw("pages", content)


def picture(kind: str, size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    target = BytesIO()
    Image.new("RGB" if kind == "JPEG" else "P", size).save(target, kind, **options)
    return target.getvalue()


def test_pictures_are_drawn_anew_upright_and_without_what_a_camera_noted(draw: Read) -> None:
    noted = Image.Exif()
    noted[0x0112], noted[0x010F] = 6, "SECRET-CAMERA"
    drawn = draw("picture", picture("JPEG", exif=noted))
    assert Image.open(BytesIO(drawn)).size == (20, 40)
    assert b"SECRET-CAMERA" not in drawn
    assert draw("picture", picture("PNG") + b"<script>alert(1)</script>").find(b"script") < 0
    assert Image.open(BytesIO(draw("picture", picture("GIF")))).format == "PNG"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(32), "已损坏"),
        (picture("JPEG", (400, 300))[:300], "已损坏"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "已损坏"),
        (picture("PNG", (12_000, 12_000)), "尺寸过大"),
    ],
    ids=["broken", "cut", "svg", "bomb"],
)
def test_pictures_that_cannot_be_shown_say_why(draw: Read, content: bytes, words: str) -> None:
    with pytest.raises(SandboxError, match=words):
        draw("picture", content)


def test_a_child_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    script = tmp_path / "script.py"
    script.write_text("import os; print(sorted(os.environ))")
    assert "DATABASE_URL" not in run(script).decode()


def test_a_child_that_never_ends_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import time; time.sleep(60)")
    with pytest.raises(SandboxError, match="超时"):
        run(script, seconds=1)
