"""Builds SVG text: every value escaped, no scripts, no style sheets (the security policy forbids inline ones)."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

Value = str | float | int | None

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
INK: Final = "#1f2933"
FONT: Final = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


def clean(text: str) -> str:
    """Text that may stand in XML."""
    return escape(_NOT_XML.sub("", text), quote=True)


def tag(name: str, content: str | Iterable[str] = "", /, **attributes: Value) -> str:
    """One SVG element. `content` is SVG already; `stroke_width` becomes `stroke-width`, `class_` becomes `class`."""
    inner = content if isinstance(content, str) else "".join(content)
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def _value(value: Value) -> str:
    return clean(value) if isinstance(value, str) else f"{round(float(value or 0), 1):g}"


def path(points: Iterable[tuple[float, float]]) -> str:
    """Path data of a line through points."""
    return " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
