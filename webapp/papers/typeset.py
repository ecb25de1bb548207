"""Runs alone: ``typeset.py TEMPLATE FONTS`` sets a case (JSON on standard input) as PDF on standard output.

The fonts are embedded as far as they are used. What no font can show is written as its number, never as an empty box.
"""

import base64
import json
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typst

_WITHOUT_SHAPE = frozenset({0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})


def characters_of(font: bytes) -> Iterator[range]:
    """The code points that an OpenType font can show: the groups of its format 12 table."""
    tables = struct.unpack_from(">H", font, 4)[0]
    entries = (struct.unpack_from(">4sIII", font, 12 + 16 * place) for place in range(tables))
    start = next(offset for tag, _sum, offset, _length in entries if tag == b"cmap")
    for place in range(struct.unpack_from(">H", font, start + 2)[0]):
        _platform, _encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * place)
        if struct.unpack_from(">H", font, start + offset)[0] == 12:
            groups = struct.unpack_from(">I", font, start + offset + 12)[0]
            for group in range(groups):
                first, last, _glyph = struct.unpack_from(">III", font, start + offset + 16 + 12 * group)
                yield range(first, last + 1)
            return


class Known:
    """Which characters can be set."""

    def __init__(self, fonts: Iterable[Path]) -> None:
        self._points = {point for path in fonts for group in characters_of(path.read_bytes()) for point in group}
        self.missing: set[str] = set()

    def settable(self, text: str) -> str:
        """The text with what cannot be set written out."""
        return "".join(self._one(character) for character in text)

    def _one(self, character: str) -> str:
        point = ord(character)
        if point in self._points or character == "\n":
            return character
        if point in _WITHOUT_SHAPE or not (character.isprintable() or character == "\t"):
            return ""
        if character == "\t":
            return " "
        self.missing.add(character)
        return f"〔U+{point:04X}〕"


def prepared(value: Any, known: Known) -> Any:
    """The same data with texts that can be set; pictures become files beside the template."""
    if isinstance(value, str):
        return known.settable(value)
    if isinstance(value, list):
        return [prepared(part, known) for part in value]
    if isinstance(value, dict):
        if "picture" in value:
            path = Path(Path(str(value["name"])).name)
            path.write_bytes(base64.b64decode(value.pop("picture")))
            value["file"] = path.name
        return {key: prepared(part, known) for key, part in value.items()}
    return value


def main(template: str, fonts: str) -> None:
    """Set the case, in the folder where the process stands."""
    files = sorted(Path(fonts).glob("*.otf"))
    known = Known(files)
    case = prepared(json.load(sys.stdin), known)
    if known.missing:
        note = "有些字不在字库中，按其 Unicode 编号写出，如〔U+20BB7〕。"
        case["sections"].append({"title": "说明", "blocks": [{"kind": "quiet", "text": note}]})
    Path("case.json").write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    Path("case.typ").write_bytes(Path(template).read_bytes())
    answer = typst.compile("case.typ", root=".", font_paths=[fonts], ignore_system_fonts=True, format="pdf")
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
