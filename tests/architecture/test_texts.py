"""Every Chinese text of a template goes through gettext, so that a catalogue can say all of them in another language.

Words of mails are no texts of the program: an administrator edits them, and each is kept as a version.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

ROOT = Path(__file__).parents[2]
MAILS = ROOT / "webapp/mail/shipped"
HAN = re.compile("[\u4e00-\u9fff]")
MARKS = (["_", "("], ["gettext", "("])


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of everything Chinese that stands in a template as it is, or in an expression without a mark."""
    before: list[str] = []
    for line, kind, text in Environment(autoescape=True).lex(source):
        if kind in {"data", "string"} and HAN.search(text) and (kind == "data" or before[-2:] not in MARKS):
            yield line, text.strip()
        if kind != "whitespace":
            before.append(text)


def test_the_eye_sees_what_is_not_marked() -> None:
    assert list(unmarked("{{ _('好') }}{# 注 #}<p>{{ _( '好' ) }}</p>")) == []
    assert list(unmarked("<p>差</p>\n{{ word or '差' }}{{ _('好', x='差') }}")) == [
        (1, "<p>差</p>"),
        (2, "'差'"),
        (2, "'差'"),
    ]


def test_every_chinese_text_of_a_template_is_marked() -> None:
    templates = [path for area in ("webapp", "forms") for path in (ROOT / area).rglob("*.html")]
    assert len(templates) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:60]}"
        for path in templates
        if not path.is_relative_to(MAILS)
        for line, text in unmarked(path.read_text())
    ]
    assert found == []
