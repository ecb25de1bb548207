"""What a case is found by: pairs of characters, threes of letters and digits, and the same of pinyin initials.

All are plain texts, so that one ``text[]`` column with a GIN index answers every question.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # single characters are enough for initials; phrases take 45 MB
from pypinyin.constants import PINYIN_DICT

MOST_WORDS, LONGEST_WORD = 5, 40
_SPOKEN = 2
"""How many readings of a character count: the first ones of the dictionary are those in use."""
_SOUND = "~"
"""Stands before what is made of initials."""


@dataclass(frozen=True)
class Word:
    """One word of a question; a case has it where it contains all of ``written`` and ``text``, or all of ``sounds``."""

    text: str
    written: tuple[str, ...]
    sounds: tuple[str, ...]


def normalised(text: str) -> str:
    """Letters, digits and characters alone, in one width and without case: brackets and dashes are not remembered."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def terms_of(texts: Iterable[str]) -> list[str]:
    """Everything that a case with these texts is found by."""
    found: set[str] = set()
    for text in map(normalised, texts):
        found.update(_pairs(text), _threes(text), _sounds(text))
    return sorted(found)


def words_of(question: str) -> list[Word]:
    """The words that a person typed, each with the terms that its cases have; all must be met."""
    return [_word(normalised(typed[:LONGEST_WORD])) for typed in question.split()[:MOST_WORDS]]


def _word(text: str) -> Word:
    is_initials = len(text) > 1 and text.isascii() and not text.isdecimal()
    grams = [text] if len(text) == 2 else _threes(text)
    return Word(text, tuple(_needed(text)), tuple(_SOUND + gram for gram in grams) if is_initials else ())


def _needed(text: str) -> list[str]:
    """The terms of a piece of text: threes where it is letters and digits, else pairs."""
    threes = _threes(text)
    covered = {gram[place : place + 2] for gram in threes for place in (0, 1)}
    return threes + [pair for pair in _pairs(text) if pair not in covered]


def _pairs(text: str) -> list[str]:
    return [text[place : place + 2] for place in range(len(text) - 1)]


def _threes(text: str) -> list[str]:
    found = [text[place : place + 3] for place in range(len(text) - 2)]
    return [gram for gram in found if gram.isascii()]


def _sounds(text: str) -> Iterator[str]:
    """Pairs and threes of initials, with every reading of each character."""
    letters = [_initials(char) for char in text]
    for length in (2, 3):
        for place in range(len(letters) - length + 1):
            part: Sequence[str] = letters[place : place + length]
            yield from (_SOUND + "".join(chosen) for chosen in product(*part))


def _initials(char: str) -> str:
    """The letters that a character may be typed as; none for what has no sound."""
    if char.isascii():
        return char
    readings = str(PINYIN_DICT.get(ord(char), "")).split(",")[:_SPOKEN]
    first = (unicodedata.normalize("NFD", reading)[0] for reading in readings if reading)
    return "".join(dict.fromkeys(letter for letter in first if letter.isascii()))
