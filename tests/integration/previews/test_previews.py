"""Attachments shown without download: to whoever may open them, as pictures and text that we made ourselves."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.api_client import Office
from tests.factories.documents import docx, pdf
from tests.factories.page_client import PageClient

CLERK, REVIEWER, STRANGER = "yunxi.unit1.clerk", "yunxi.reviewer1", "pingjiang.unit1.clerk"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def browse(demo_app: Flask) -> Callable[[str], PageClient]:
    return lambda username: PageClient(demo_app, username)


def test_own_uploads_are_shown_to_nobody_else_before_they_are_sent(demo_app: Flask, browse) -> None:
    clerk = Office(demo_app).person(CLERK)
    word = clerk.upload("总结.docx", docx(["总结", HOSTILE]))
    paper = clerk.upload("制度.pdf", pdf("制度汇编"))
    broken = clerk.upload("表.pdf")
    old = clerk.upload("旧表.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64))
    mine, stranger = browse(CLERK), browse(STRANGER)

    page = mine.get(f"/attachments/{word}/preview").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert HOSTILE not in page
    assert "制度汇编" in mine.read(f"/attachments/{paper}/preview")
    drawn = mine.get(f"/attachments/{paper}/pages/1")
    assert drawn.data.startswith(b"\x89PNG")
    assert drawn.headers["Content-Type"] == "image/png"
    assert drawn.headers["X-Content-Type-Options"] == "nosniff"
    assert drawn.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert mine.get(f"/attachments/{paper}/pages/2").status_code == 404
    assert mine.get(f"/attachments/{paper}/picture").status_code == 404
    assert "已损坏或没有传完整" in mine.read(f"/attachments/{broken}/preview")
    assert "旧版 Word 文件不能预览" in mine.read(f"/attachments/{old}/preview")

    for address in (f"{word}/preview", f"{paper}/preview", f"{paper}/pages/1", f"{paper}/picture"):
        assert stranger.get(f"/attachments/{address}").status_code == 404
    for address in (f"{paper}/pages/0", f"{paper}/pages/99999999999", "99999999999999999999/preview"):
        assert mine.get(f"/attachments/{address}").status_code == 404
    assert mine.get(f"/attachments/{paper}/preview?from=-5").status_code == 200
    assert mine.get(f"/attachments/{paper}/preview?from=x").status_code == 200


def test_files_behind_a_password_are_named_so_when_they_are_uploaded(demo_app: Flask) -> None:
    clerk = Office(demo_app).person(CLERK)
    assert clerk.upload("表.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), expect=422) is None
