"""Answers beside their labels, without any input: what the case page, the print and the export lay out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from forms.parts import Part


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer (`text`, and `html` with line breaks and links), a group (`items`) or a dynamic list (`rows`)."""

    label: str
    path: str = ""
    text: str = ""
    html: Markup = Markup()  # noqa: RUF009 - Markup is an immutable string
    items: tuple["Shown", ...] = ()
    rows: tuple[tuple["Shown", ...], ...] = ()


def show_parts(lines: Sequence[Sequence[Part]]) -> Iterator[Shown]:
    """Yield what the parts of a form for reading hold; texts and lines of the form itself are left out."""
    for part in (part for line in lines for part in line):
        label = part.component.label or part.name
        if part.kind == "group":
            items = tuple(show_parts(part.lines))
            if label:
                yield Shown(label, items=items)
            else:
                yield from items
        elif part.kind == "rows":
            yield Shown(label, part.name, rows=tuple(tuple(show_parts(row.lines)) for row in part.rows))
        elif part.kind == "shown":
            yield _answer(part, label)


def _answer(part: Part, label: str) -> Shown:
    if part.files:
        links = [_link(str(file["name"]), file.get("url")) for file in part.files]
        return Shown(label, part.name, "、".join(str(file["name"]) for file in part.files), Markup("、").join(links))
    return Shown(label, part.name, part.text, Markup("<br>").join(escape(line) for line in part.text.split("\n")))


def _link(name: str, url: object) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, name) if url else escape(name)
