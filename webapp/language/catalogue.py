"""A catalogue of texts and what they are in another language, also for texts that were put together.

“第 3 轮” is found by the template it was made from (``第 {0} 轮``): its values are taken out, translated where they are
texts themselves, and put into the template of the other language. Several sentences, an enumeration, a word with a name
in quotes or brackets are translated part by part, if all their parts are known: what people wrote stays as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.pofile import read_po

from webapp.language.marks import HAN, MARKS, in_latin, spaced

_PLACE: Final = re.compile(r"%\((?P<named>\w+)\)[sd]|\{(?P<braced>\w+)\}|(?P<percent>%%)", re.ASCII)
_TELLING: Final = 4
"""So many characters of its own, or a mark beside one, make a template unmistakable; others take only what is known."""
_LONGEST: Final = 300
"""Characters of a sentence that was put together: nobody's text costs more than looking at it."""
_JOINTS: Final = (
    *((re.compile(f"(?<={mark})(?=.)"), "") for mark in "。；，、："),
    (re.compile("和"), "and"),
)
"""Where a sentence may be taken apart, and what is said between its parts."""
_CORE: Final = re.compile(
    r"(?P<before>(?:[^\u4e00-\u9fff「“（]*[^\u4e00-\u9fff「“（\w])?+)"
    r"(?P<core>.*[\u4e00-\u9fff」”）])"
    r"(?P<after>[^\u4e00-\u9fff」”）]*)",
    re.DOTALL,
)
"""A text with signs and marks around it; a number before it belongs to it."""
_MARKED: Final = re.compile("[：，；「“（]")
"""Marks that people seldom put where the program does."""
_MOST_PARTS: Final = 20
"""Of a sentence: looking for known ones among them takes the square of their number."""
_NAME: Final = "「[^「」]*」|（(?:[^（）]|（[^（）]*）)*）"
"""What stands in quotes or brackets, which may have brackets inside."""
_IS_NAME: Final = re.compile(_NAME)
_NAMED: Final = re.compile(rf"(?P<word>[^「」（）]*)(?P<name>{_NAME})(?P<rest>.*)")


@dataclass(frozen=True)
class _Template:
    pattern: re.Pattern[str]
    said: tuple[str, ...]
    """Fixed texts and names of values in turn, beginning with a fixed one."""
    weight: int
    """Characters of its own: of several that fit, the one with most says most."""
    is_telling: bool


class Catalogue:
    """What texts are in another language.

    Args:
        entries: texts and templates (``%(name)s``, ``{name}``, ``{0}``), and what they are in the other language.
        places: the files that say them.
    """

    def __init__(self, entries: Mapping[str, str], places: Mapping[str, Sequence[str]] = MappingProxyType({})) -> None:
        self._places = places
        self._exact = {text: said for text, said in entries.items() if said}
        for text, said in entries.items():  # parts of sentences, without the marks around them
            self._exact.setdefault(text.strip(MARKS), said.strip(" ,.;:"))
        self._templates: dict[str, list[_Template]] = {}
        for text, said in self._exact.items():
            if len(_parts(text)) > 1:
                self._templates.setdefault(_clue(text), []).append(_template(text, said))
        self._find = lru_cache(8192)(self._found)

    def exact(self, text: str) -> str | None:
        """What a text or template of the program is, its values still to be filled in."""
        return self._exact.get(text)

    def said_below(self, folder: str) -> dict[str, str]:
        """The texts that files below a folder of the repository say, as they are written there."""
        below = (text for text, files in self._places.items() if any(file.startswith(folder) for file in files))
        return {text: self._exact[text] for text in below}

    @property
    def kept(self) -> int:
        """How many texts are kept in mind, known or not."""
        return self._find.cache_info().currsize

    def say(self, text: str) -> str:
        """The text in the other language; what is not known, as it is."""
        found = self._known(text)
        return text if found is None else found

    def _known(self, text: str) -> str | None:
        """What a text is, if it is known; whole letters are not kept in mind."""
        return self._find(text) if len(text) <= _LONGEST else self._found(text)

    def _found(self, text: str) -> str | None:
        if not HAN.search(text):
            return None
        found = self._exact.get(text)
        if found is None and len(text) <= _LONGEST:
            found = self._by_template(text) or self._by_core(text) or self._by_name(text)
        return found or self._by_parts(text)

    def _by_core(self, text: str) -> str | None:
        """A known text with numbers, signs or marks around it."""
        match = _CORE.fullmatch(text)
        if match is None or match["core"] == text:
            return None
        found = self._known(match["core"])
        return None if found is None else in_latin(match["before"]) + found + in_latin(match["after"])

    def _by_template(self, text: str) -> str | None:
        for template in self._candidates(text):
            match = template.pattern.fullmatch(text)
            if match and (template.is_telling or all(map(self._is_known, match.groups()))):
                values = {name: self.say(value) for name, value in match.groupdict().items()}
                parts = enumerate(template.said)
                return "".join(values[f"v_{part}"] if place % 2 else part for place, part in parts)
        return None

    def _candidates(self, text: str) -> Iterator[_Template]:
        clues = {text[place : place + 2] for place in range(len(text))} | set(text)
        found = [template for clue in clues & self._templates.keys() for template in self._templates[clue]]
        yield from sorted(found, key=lambda one: (-one.weight, len(one.said), one.pattern.pattern))

    def _by_name(self, text: str) -> str | None:
        """Known words with a name in quotes or brackets among them, which may be anything."""
        named = _NAMED.fullmatch(text)
        if named is None or not all(map(self._is_known, (named["word"], named["rest"]))):
            return None
        word, name, rest = named["word"], named["name"], named["rest"]
        if not HAN.search(word + rest) and self._known(name[1:-1]) is None:
            return None
        head = self._known(word + name) if word and rest else None
        pieces = (self.say(word), name[0] + self.say(name[1:-1]) + name[-1]) if head is None else (head,)
        return spaced((*pieces, self.say(rest)))

    def _by_parts(self, text: str) -> str | None:
        """Sentences, or the parts of one."""
        for joint, between in _JOINTS if len(text) <= _LONGEST else _JOINTS[:1]:
            parts = joint.split(text)
            found = self._said_in_turn(parts, "和" * bool(between)) if 1 < len(parts) <= _MOST_PARTS else None
            if found is not None:
                return spaced(f" {between} ".join(found).split(" "))
        return None

    def _said_in_turn(self, parts: list[str], mark: str) -> list[str] | None:
        """Known parts one after the other, each as long as can be: a known one may have the mark inside."""
        found: list[str] = []
        while parts:
            lengths = range(len(parts) - bool(not found), 0, -1)
            length = next((many for many in lengths if self._is_known(mark.join(parts[:many]))), 0)
            if length == 0 or not parts[0]:
                return None
            found.append(self.say(mark.join(parts[:length])))
            parts = parts[length:]
        return found

    def _is_known(self, part: str) -> bool:
        return not HAN.search(part) or _IS_NAME.fullmatch(part) is not None or self._known(part) is not None


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of a PO file."""
    with path.open("rb") as file:
        found = [one for one in read_po(file) if one.id and one.string and not one.fuzzy]
    places = {str(one.id): [place for place, _line in one.locations] for one in found}
    return Catalogue({str(one.id): str(one.string) for one in found}, places)


def _clue(text: str) -> str:
    """The first two characters of the longest fixed part of a template, by which it is looked up."""
    longest = max(_parts(text)[::2], key=lambda part: len(HAN.findall(part)))
    han = HAN.search(longest)
    place = han.start() if han else 0
    return longest[place : place + 2]


def _template(text: str, said: str) -> _Template:
    parts = _parts(text)
    fixed = "".join(parts[::2])
    is_long = len(HAN.findall(fixed)) >= _TELLING
    pattern = re.compile("".join(_regex(parts, is_long=is_long)), re.DOTALL)
    is_telling = is_long or bool(HAN.search(fixed) and _MARKED.search(fixed))
    return _Template(pattern, tuple(_parts(said)), len(fixed), is_telling)


def _regex(parts: list[str], *, is_long: bool) -> Iterator[str]:
    """Each value ends where the fixed text behind it first comes, without a second try: the time is that of reading."""
    seen: set[str] = set()
    yield re.escape(parts[0])
    for place in range(1, len(parts), 2):
        name, behind = parts[place], re.escape(parts[place + 1])
        is_last = place == len(parts) - 2
        character = "." if is_long or parts[place - 1].endswith("：") else "[^；。]"
        many = "*" if is_long else "+"
        is_greedy = is_last or parts[place + 1].startswith("（")  # a name before the last bracket may have some itself
        value = f"(?P=v_{name})" if name in seen else f"(?P<v_{name}>{character}{many}{'' if is_greedy else '?'})"
        yield f"{value}{behind}" if is_greedy else f"(?>{value}{behind})"
        seen.add(name)


def _parts(text: str) -> list[str]:
    """Fixed texts and names of values in turn."""
    parts, fixed, end = [], "", 0
    for place in _PLACE.finditer(text):
        fixed += text[end : place.start()]
        end = place.end()
        if place["percent"]:
            fixed += "%"
        else:
            parts += [fixed, place["named"] or place["braced"]]
            fixed = ""
    return [*parts, fixed + text[end:]]
