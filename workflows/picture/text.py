"""Text in pictures: SVG does not wrap lines, so widths are reckoned here, a Chinese character being one em wide."""

import unicodedata
from typing import Final

from workflows.picture.svg import FONT, INK, Value, clean, tag

LINE_HEIGHT: Final = 1.25
_NOT_FIRST: Final = frozenset("，。；：？！、）》」』”’…—·,.;:?!)]}%")
_NOT_LAST: Final = frozenset("（《「『“‘([{")


def width(text: str, size: float) -> float:
    """Width of a line in user units."""
    return sum(size if unicodedata.east_asian_width(c) in "WFA" else size * 0.56 for c in text)


def wrapped(text: str, size: float, most: float) -> list[str]:
    """`text` in lines no wider than `most`; breaks between Chinese characters and at spaces, respecting punctuation."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and width(lines[-1] + piece.rstrip(), size) > most and piece[0] not in _NOT_FIRST:
            kept = lines[-1].rstrip()
            moved = kept[-1:] if kept[-1:] in _NOT_LAST and len(kept) > 1 else ""
            lines[-1] = kept[: len(kept) - len(moved)]
            lines.append(moved)
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def _pieces(text: str) -> list[str]:
    """What must not be broken: single wide characters, and runs of others up to the next space (cut at 14)."""
    pieces: list[str] = []
    for char in text:
        joins = pieces and char.isascii() and pieces[-1].isascii() and not pieces[-1].endswith(" ")
        if joins and len(pieces[-1]) < 14:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def in_rows(text: str, size: float, wide: float, rows: int) -> list[str]:
    """`text` in at most `rows` lines: those who drew the label reckoned widths a little differently."""
    lines = wrapped(text, size, wide)
    while len(lines) > rows and wide < 240:
        wide += size
        lines = wrapped(text, size, wide)
    return lines


def fitted(text: str, wide: float, high: float, sizes: tuple[float, ...] = (13, 12, 11, 10)) -> tuple[list[str], float]:
    """Lines and font size with which `text` fits into a box; in the smallest size it is cut with an ellipsis."""
    for size in sizes:
        lines = wrapped(text, size, wide)
        if len(lines) * size * LINE_HEIGHT <= high:
            return lines, size
    most = max(1, int(high / (sizes[-1] * LINE_HEIGHT)))
    return [*lines[: most - 1], lines[most - 1][:-1] + "…"], sizes[-1]


def block(
    lines: list[str],
    x: float,
    y: float,
    size: float = 12,
    *,
    anchor: str = "middle",
    halo: bool = False,
    bold: bool = False,
) -> str:
    """Lines of text, centred on `y` as a block; with a halo it can be read across lines of the diagram."""
    top = y - (len(lines) - 1) * size * LINE_HEIGHT / 2 + size * 0.36
    spans = [tag("tspan", clean(line), x=x, y=top + i * size * LINE_HEIGHT) for i, line in enumerate(lines)]
    outline: dict[str, Value] = {
        "stroke": "#ffffff",
        "stroke_width": 3.0,
        "paint_order": "stroke",
        "stroke_linejoin": "round",
    }
    return tag(
        "text",
        spans,
        font_family=FONT,
        font_size=size,
        font_weight="bold" if bold else None,
        text_anchor=anchor,
        fill=INK,
        **(outline if halo else {}),
    )


def upright(text: str, x: float, y: float, high: float, size: float = 13) -> str:
    """A title in a narrow strip: Chinese from top to bottom, character by character; anything else turned."""
    fits = len(text) * size * 1.15 <= high and all(unicodedata.east_asian_width(c) in "WF" for c in text)
    if fits:
        return block(list(text), x, y, size / 1.06, bold=True)
    lines, size = fitted(text, high, size * 2, (13, 12, 11, 10))
    return tag("g", block(lines, 0, 0, size, bold=True), transform=f"translate({x:.1f} {y:.1f}) rotate(-90)")
