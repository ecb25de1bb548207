"""Pages keep to the content policy: no script or style inside, and every form that changes something is signed."""

import re
from pathlib import Path

import pytest

from webapp.config import ROOT

PAGES = [
    path
    for folder in ("webapp", "forms")
    for path in sorted((ROOT / folder).rglob("templates/**/*.html"))
    if "mail" not in path.relative_to(ROOT).parts
]
INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
FORM = re.compile(r"<form[^>]*method\s*=\s*[\"']post[\"'][^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_keeps_to_the_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert INLINE.findall(text) == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_form_that_posts_is_signed(path: Path) -> None:
    unsigned = [form[:80] for form in FORM.findall(path.read_text(encoding="utf-8")) if "csrf" not in form]
    assert unsigned == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_is_marked_safe(path: Path) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8")) == []
