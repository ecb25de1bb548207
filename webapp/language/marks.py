"""What is Chinese in a text, and its punctuation as Latin scripts write it, with the spaces that go with it."""

import re
from collections.abc import Iterable
from typing import Final

HAN: Final = re.compile("[\u4e00-\u9fff]")
_LATIN: Final = {
    "，": ", ", "。": ". ", "、": ", ", "；": "; ", "：": ": ", "！": "! ", "？": "? ",
    "（": " (", "）": ")", "「": "“", "」": "”", "～": "–", "　": " ",
}  # fmt: skip
MARKS: Final = "，。、；："
"""Those that part the sentences and their parts."""
_ANY: Final = re.compile(f"[{''.join(_LATIN)}]")


def in_latin(text: str) -> str:
    """A text with the marks of Latin scripts."""
    return re.sub(r"(?<=\w)“", " “", _ANY.sub(lambda mark: _LATIN[mark[0]], text))


def spaced(pieces: Iterable[str]) -> str:
    """Pieces of a sentence one after another, with a space between two words and none before a mark."""
    words = " ".join(in_latin(piece).strip() for piece in pieces if piece.strip())
    return re.sub(r" +(?=[,.;:!?)”])", "", words)
