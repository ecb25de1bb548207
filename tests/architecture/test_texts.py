"""Every Chinese text of a template goes through gettext, and the catalogue says every text of the program in English.

Words of mails are no texts of the program: an administrator edits them, and each is kept as a version.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment

from webapp.language.collecting import collect
from webapp.language.speaking import CATALOGUE, english

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w+\}|%%", re.ASCII)
MIXED = re.compile("[A-Za-z][，。；：！？、（）]|[，。；：！？、（）][A-Za-z]")
SAID = re.compile(r"""said\("[^"]+\"""")
AMBIGUOUS = {"{0}{1}月{2}日", "的角色“{0}”不存在；可用的角色：{1}。"}
"""A date whose year may be left out, and the end of a sentence that begins with a step."""
OF_LIBRARIES = {"chinese.js", "chinese_forms.js", "chinese_tables.js", "credits.js"}
"""What the libraries of the editors say is translated there, from English."""
DATA = re.compile("手写签名.png|分数|等次|ASKED")
"""The name of a file, the first values of a new table, and what a mention is told by."""
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


def test_every_text_is_in_the_catalogue_with_its_values() -> None:
    with CATALOGUE.open("rb") as file:
        known = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert known.keys() == collect(ROOT).keys(), "make texts"
    assert [text for text, said in known.items() if not said.strip()] == []
    assert [text for text, said in known.items() if sorted(PLACES.findall(text)) != sorted(PLACES.findall(said))] == []
    assert [said for text, said in known.items() if "%(" in text and "%" in PLACES.sub("", said)] == []
    assert [said for said in known.values() if MIXED.search(said)] == []


def test_a_text_that_was_put_together_is_found_by_its_template() -> None:
    with CATALOGUE.open("rb") as file:
        templates = [(str(one.id), str(one.string)) for one in read_po(file) if PLACES.search(str(one.id))]
    lost = []
    for text, said in templates:
        values: dict[str, str] = {}
        if HAN.search(text) and _letters(english().say(_filled(text, values))) != _letters(_filled(said, values)):
            lost.append(text)
    assert len(templates) > 1000
    assert set(lost) <= AMBIGUOUS


def _filled(text: str, values: dict[str, str]) -> str:
    """A template with a number for each value."""
    return PLACES.sub(
        lambda place: "%" if place[0] == "%%" else values.setdefault(place[0], str(len(values) + 3)), text
    )


def _letters(text: str) -> str:
    return re.sub(r"[\s.,;:]", "", text).lower()


def test_scripts_say_nothing_past_the_catalogue() -> None:
    scripts = [path for path in (ROOT / "webapp/assets").rglob("*.js") if path.name not in OF_LIBRARIES]
    assert len(scripts) > 30
    found = [
        f"{path.name}:{number}: {line.strip()[:80]}"
        for path in scripts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if HAN.search(SAID.sub("", line.partition("// ")[0])) and not DATA.search(line)
    ]
    assert found == []
