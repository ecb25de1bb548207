"""What a page shows of a form, prepared for the templates: every decision is made here, none in the markup."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from forms.components import CHOICES, Component
from forms.conditions import Condition, Names
from forms.document_form import DocumentForm
from forms.documents import is_storable
from forms.fields import AnswerField, element_id
from forms.limits import TEXTS
from forms.messages import FieldError, Translate
from forms.scopes import Entry, Scope, dig
from forms.wording import show_answer, show_value, when_to_fill

Attachments = Mapping[Any, Mapping[str, Any]]


@dataclass(slots=True)
class Part:
    """One component on the page; `kind` names the macro of the template that draws it."""

    kind: str
    component: Component
    name: str = ""
    id: str = ""
    width: int = 12
    value: Any = None
    text: str = ""
    html: Markup | None = None
    errors: Sequence[str] = ()
    warnings: Sequence[str] = ()
    hide: str = ""
    hide_root: str = ""
    note: str = ""
    files: Sequence[Mapping[str, Any]] = ()
    lines: Sequence[Sequence["Part"]] = ()
    rows: Sequence["Row"] = ()
    cells: Sequence[Sequence[str]] = ()

    @property
    def described_by(self) -> str:
        """The ids of what explains the field, for aria-describedby."""
        named = (
            ("hint", self.component.description),
            ("when", self.note),
            ("error", self.errors),
            ("warning", self.warnings),
        )
        return " ".join(f"{self.id}-{suffix}" for suffix, is_there in named if is_there)

    @property
    def is_wide(self) -> bool:
        return self.kind in ("group", "rows", "table", "text", "separator", "spacer")


@dataclass(slots=True)
class Row:
    """One row of a dynamic list."""

    name: str
    id: str
    number: int
    lines: Sequence[Sequence[Part]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the parts of one page have in common."""

    names: Mapping[str, Any]
    errors: Mapping[str, Sequence[FieldError]]
    warnings: Mapping[str, Sequence[FieldError]]
    attachments: Attachments
    translate: Translate
    read_only: bool
    root: Scope


@dataclass(slots=True)
class PartBuilder:
    """Builds the parts of one scope: the form itself or one row."""

    form: DocumentForm
    around: Surroundings
    parent: Any = None
    prefix: str = ""
    own: dict[str, Any] = field(init=False)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.form.answers()
        root = self.around.names if self.prefix else {**self.around.names, **self.own}
        self.names = Names(root, self.own, self.parent)

    def build(self, components: Sequence[Component], *, fixed: bool = False) -> list[list[Part]]:
        """Return the parts of the components by lines of the document's grid."""
        lines: list[list[Part]] = []
        row = ""
        for component in components:
            part = self._part(component, fixed or component.fixed)
            if part is None:
                continue
            if lines and component.row and component.row == row:
                lines[-1].append(part)
            else:
                lines.append([part])
            row = component.row
        for line in lines:
            _set_widths(line)
        return lines

    def _part(self, component: Component, fixed: bool) -> Part | None:
        if self._is_absent(component.hide):
            return None
        part = self._content(component, fixed)
        if component.hide is not None and not self.around.read_only:
            part.hide = json.dumps(component.hide.node, ensure_ascii=False)
            part.hide_root = self.prefix
            part.note = when_to_fill(component.hide.node, self._find, self.around.translate)
        return part

    def _is_absent(self, hide: Condition | None) -> bool:
        """Tell whether the page leaves the component out: it is hidden and no answer on this page can show it."""
        if hide is None or not hide.holds(self.names):
            return False
        return self.around.read_only or not any(self._find(path) for path in hide.paths)

    def _find(self, path: tuple[str, ...]) -> Component | None:
        """Return the component that a path of a condition means, if it is on this form."""
        if path[0] in ("this", "_this_"):
            scope, path = self.form.scope, path[1:]
        else:
            scope = self.around.root
        return next((entry.component for entry in scope.entries if entry.path == path), None)

    def _content(self, component: Component, fixed: bool) -> Part:
        kind = component.type
        if kind == "group":
            return Part("group", component, lines=self.build(component.children, fixed=fixed))
        if component.content is not None:
            html = component.content.fill(self.names, lambda value: show_value(value, self.around.translate))
            return Part("text", component, html=html)
        if kind == "table":
            return Part("table", component, cells=list(self._cells(component)))
        if kind in ("separator", "spacer"):
            return Part(kind, component)
        if kind == "expression":
            return self._shown(component, component.expression.value(self.names) if component.expression else None)
        entry = self.form.scope.entry_of(component)
        return self._field(entry, self.form[entry.attribute], fixed)

    def _field(self, entry: Entry, bound: AnswerField, fixed: bool) -> Part:
        component = entry.component
        if entry.rows is not None:
            part = Part("rows", component, rows=self._rows(bound), text=bound.name)
        elif fixed or self.around.read_only:
            part = self._shown(component, bound.answer(draft=True))
        else:
            part = Part(_kind(component), component, value=_input_value(bound), files=self._files(bound.data))
        part.name, part.id = bound.name, bound.id
        part.errors, part.warnings = self._said(self.around.errors, bound), self._said(self.around.warnings, bound)
        return part

    def _said(self, found: Mapping[str, Sequence[FieldError]], bound: Any) -> list[str]:
        return [self.around.translate(str(one.message)) for one in found.get(bound.name, ())]

    def _shown(self, component: Component, value: Any) -> Part:
        text = show_answer(component, value, self.around.translate)
        is_file = component.type == "filepicker"
        return Part("shown", component, text="" if is_file else text, files=self._files(value) if is_file else ())

    def _rows(self, bound: Any) -> list[Row]:
        found = []
        for number, row in enumerate(bound.rows, start=1):
            name = f"{bound.name}.{number - 1}"
            builder = PartBuilder(row, self.around, parent=self.own, prefix=f"{name}.")
            found.append(Row(name, element_id(name), number, builder.build(bound.component.children)))
        return found

    def _files(self, ids: Any) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for ident in ids if isinstance(ids, list) else ():
            known = self.around.attachments.get(ident) or self.around.attachments.get(str(ident)) or {}
            found.append({"id": ident, "name": known.get("name") or str(ident), **known})
        return found

    def _cells(self, component: Component) -> Iterator[list[str]]:
        rows = component.expression.value(self.names) if component.expression else None
        for row in rows if isinstance(rows, list) else ():
            yield [
                show_value(dig(row, tuple(str(column.value).split(".")))[1], self.around.translate)
                for column in component.columns
            ]


def _kind(component: Component) -> str:
    if component.type == "taglist":
        return "checklist"
    return component.type if component.type in CHOICES | {"checkbox", "textarea", "filepicker", "datetime"} else "input"


def _input_value(bound: AnswerField) -> Any:
    """Return what the input holds: the answer, or what was typed where that is no answer."""
    is_typed = bound.component.type in TEXTS | {"number", "datetime"}
    if is_typed and isinstance(bound.raw, str) and is_storable(bound.raw):
        return bound.raw
    value = bound.data
    if bound.component.subtype == "datetime" and isinstance(value, str):
        return value[:16]
    return "" if value is None else value


def _set_widths(line: list[Part]) -> None:
    """Turn the 16 columns of form-js into the 12 of Bootstrap; components without a number share what is left."""
    given = [part.component.width for part in line]
    left = max(16 - sum(width for width in given if width), 0)
    without = sum(1 for width in given if not width)
    for part, width in zip(line, given, strict=True):
        columns = width or (left // without if without else 16) or 16
        part.width = 12 if len(line) == 1 and not width else min(max(round(columns * 12 / 16), 2), 12)
