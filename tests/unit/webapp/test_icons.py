"""An icon that does not exist would be an empty square that nobody notices."""

import re

from webapp.config import ROOT

_USES = (
    re.compile(r"""\bicon\(['"]([a-z0-9-]+)['"]"""),
    re.compile(r"""\bicon(?:_name)?=['"]([a-z0-9-]+)['"]"""),
    re.compile(r"""\bbadge\([^()]*(?:\([^()]*\)[^()]*)*,\s*['"]([a-z0-9-]+)['"]\)"""),
)
_TONES = {"neutral", "accent", "good", "warn", "bad", "serious"}


def used_icons() -> dict[str, str]:
    files = [*ROOT.glob("webapp/**/*.html"), *ROOT.glob("webapp/**/*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    return {name: str(path) for path, text in texts.items() for use in _USES for name in use.findall(text)}


def test_every_icon_that_is_used_exists():
    there = {path.stem for path in ROOT.glob("webapp/assets/icons/*.svg")}
    used = used_icons()
    assert {"inbox", "circle-check", "clock"} - there == set()
    assert {name: place for name, place in used.items() if name not in there | _TONES} == {}
