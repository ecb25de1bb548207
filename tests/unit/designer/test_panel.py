"""Whatever the engine reads of our extensions can be made, seen and changed in the panel of the editor."""

import json
import re
from itertools import chain

from webapp.config import ROOT
from workflows.checks import deadlines, endings, extensions, reminders

_SOURCES = ROOT / "webapp" / "assets" / "designer"
_READ = {
    **{name: set(known) for name, known in extensions._ATTRIBUTES.items()},
    "deadline": {*deadlines._LIMITS, *deadlines._WORDS},
    "reminders": set(reminders._KNOWN),
    "overdue": set(chain.from_iterable(endings._KNOWN.values())),
    "clock": {"working_days", "pauses"},
    "service": {"name", "result"},
}


def test_the_editor_knows_every_attribute_that_is_read() -> None:
    types = json.loads((_SOURCES / "wm.json").read_text("utf-8"))["types"]
    known = {one["name"].lower(): {p["name"] for p in one["properties"]} for one in types}
    assert known == _READ


def test_the_panel_offers_every_attribute_that_is_read() -> None:
    source = (_SOURCES / "panel.js").read_text("utf-8")
    entries = re.findall(r'\b(?:text|choice|variable|roles)\("(\w+)", "(\w+)"', source)
    offered: dict[str, set[str]] = {}
    for type_, name in entries:
        offered.setdefault(type_.lower(), set()).add(name)
    marks = {name.lower() for name in re.findall(r'\bmark\("(\w+)"', source)}
    missing = {key: names - offered.get(key, set()) for key, names in _READ.items()}
    assert {key: names for key, names in missing.items() if names} == {}
    assert {key for key, names in _READ.items() if not names} <= marks
