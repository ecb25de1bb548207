"""Bring the catalogue up to date with the program: ``make texts``.

New texts are added without a translation, those that are gone are left out; a test refuses a catalogue with gaps.
"""

import json
import re
import sys
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from webapp.config import ROOT
from webapp.language.extracting import read_scripts, read_texts
from webapp.language.forms import FIXED_FORMS, WORDS_OF_FORMS
from webapp.language.marks import HAN
from webapp.language.speaking import CATALOGUE, MENU
from workflows import wording

_MARKS: Final = ("_", "gettext")
_ENTRY: Final = re.compile(r"""navigation\.add\(\s*app,\s*"([^"]+)\"""")
_MAILS: Final = "webapp/mail/shipped/*"


def collect(root: Path) -> dict[str, list[str]]:
    """Every text that people may read on a page, with the files that say it."""
    found: dict[str, list[str]] = {}
    kinds = (_of_templates, read_scripts, read_texts, _of_forms, _of_navigation, _of_events)
    for name, text in (each for kind in kinds for each in kind(root)):
        found.setdefault(text, []).append(name)
    return found


def _of_templates(root: Path) -> Iterator[tuple[str, str]]:
    for area in ("webapp", "forms"):
        for path in sorted((root / area).rglob("*.html")):
            name = path.relative_to(root)
            if name.match(_MAILS):
                continue
            with path.open("rb") as file:
                for _line, _mark, found, _comments in babel_extract(file, _MARKS, [], {}):
                    text = found[0] if isinstance(found, tuple) else found  # values come behind it
                    if text and HAN.search(text):
                        yield str(name), text


def _of_forms(root: Path) -> Iterator[tuple[str, str]]:
    """The forms of fixed pages; those of processes belong to their designers."""
    for folder in FIXED_FORMS:
        for path in sorted((root / "forms" / folder).glob("*.form")):
            for text in _words_in(json.loads(path.read_text(encoding="utf-8"))):
                if HAN.search(text):
                    yield str(path.relative_to(root)), text


def _words_in(document: Any) -> Iterator[str]:
    if isinstance(document, list):
        for inner in document:
            yield from _words_in(inner)
    elif isinstance(document, dict):
        yield from (document[key] for key in WORDS_OF_FORMS if isinstance(document.get(key), str))
        for inner in document.values():
            yield from _words_in(inner)


def _of_navigation(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "webapp").rglob("*.py")):
        for label in _ENTRY.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(root)), label + MENU


def _of_events(_root: Path) -> Iterator[tuple[str, str]]:
    """Events are called by two words, of which each language makes its own."""
    places = [word for kind, word in wording.TYPES.items() if kind.endswith("Event")]
    yield from (("workflows/wording.py", event + place) for event in wording.EVENTS.values() for place in places)


def updated(texts: dict[str, list[str]], before: Catalog) -> Catalog:
    """The catalogue of these texts with the translations that there are."""
    after = Catalog(locale="en")
    for text in sorted(texts):
        known = before.get(text)
        places = sorted(set(texts[text]))
        after.add(text, known.string if known else "", locations=[(place, None) for place in places])  # type: ignore[misc]
    return after


_HEADER: Final = b"""# What pages say in English. `make texts` adds and removes texts; here they are translated.
msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def main() -> int:
    """Rewrite the catalogue; says how many texts wait for a translation."""
    with CATALOGUE.open("rb") as file:
        before = read_po(file, locale="en")
    after = updated(collect(ROOT), before)
    written = BytesIO(_HEADER)
    written.seek(0, SEEK_END)
    write_po(written, after, width=0, include_lineno=False, omit_header=True)
    CATALOGUE.write_bytes(written.getvalue())
    waiting = sum(1 for message in after if message.id and not message.string)
    print(f"{len(after)} 条文字，{waiting} 条没有英文 / {len(after)} texts, {waiting} without English")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
