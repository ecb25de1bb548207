"""The whole case on paper: what it says, for whom, and that a long one is set within its bounds."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import update

from tests.browser.cases import long_case, start
from tests.factories.page_client import PageClient
from webapp.accounts.models import User
from webapp.database import transaction

STRANGER = "yunxi.unit1.clerk"


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    return lambda username: PageClient(demo_app, username)


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def fonts_of(content: bytes) -> set[str]:
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    document = pypdfium2.PdfDocument(content)
    embedded = set()
    for page in document:
        for item in page.get_objects():
            if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
                font = pdfium.FPDFTextObj_GetFont(item)
                assert pdfium.FPDFFont_GetIsEmbedded(font) == 1
                embedded.add(pdfium.FPDFFont_GetFlags(font))
    document.close()
    return embedded


def test_papers_say_everything_to_those_who_may_read_it(demo_app: Flask, browse) -> None:
    with demo_app.app_context(), transaction() as session:
        session.execute(update(User).where(User.username == "pingjiang.reviewer1").values(name="𠮷䶮😀"))
    case, person, _task = long_case(demo_app, rounds=3)
    reviewer = browse(person.username)
    answer = reviewer.get(f"/instances/{case.id}/case.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.data).replace("\r\n", "")
    for words in (
        "办件全卷",
        "平江县天岳街道百花台社区",
        "历次申报内容",
        "欧阳建国",
        "退回补正",
        "〔U+20BB7〕䶮〔U+1F600〕",
    ):
        assert words in text
    assert fonts_of(answer.data)

    page = reviewer.read(f"/instances/{case.id}/papers")
    assert "历次申报内容" in page
    with reviewer.get(f"/instances/{case.id}/archive.zip") as packed, zipfile.ZipFile(BytesIO(packed.data)) as files:
        names = files.namelist()
    assert names[0].startswith("SB")
    assert any("精神文明建设工作制度汇编.pdf" in name for name in names)
    assert "下载全卷和附件" in browse("admin").read("/administration/audit")

    for address in ("papers", "case.pdf", "archive.zip"):
        assert browse(STRANGER).get(f"/instances/{case.id}/{address}").status_code == 404


def test_a_unit_finds_in_its_papers_only_what_is_meant_for_it(demo_app: Flask, browse) -> None:
    case, _person, _task = long_case(demo_app, rounds=2)
    unit = text_of(browse("pingjiang.unit1.clerk").get(f"/instances/{case.id}/case.pdf").data)
    assert "合格线" not in unit
    assert "已核对" not in unit
    assert "退回补正" in unit


def test_a_case_that_has_just_begun_has_papers(demo_app: Flask, browse) -> None:
    case = start(demo_app)
    assert "办理经过" in text_of(browse("pingjiang.unit1.clerk").get(f"/instances/{case.id}/case.pdf").data)


def test_a_long_case_is_set_whole(demo_app: Flask, browse) -> None:
    case, person, _task = long_case(demo_app, rounds=20)
    content = browse(person.username).get(f"/instances/{case.id}/case.pdf").data
    assert text_of(content).count("县级初审") > 2 * 19
