"""What a browser posted, as the same nested data that a program would send as JSON: read here, checked elsewhere.

Names in HTML are the paths of the answers (`contacts.0.mobile`). Works without scripts: rows of dynamic lists are added
and removed by submit buttons, attachments by tick boxes.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forms.components import Component
from forms.scopes import Entry, Scope, dig, put
from forms.values import is_empty

ADD_ROW: Final = "row-add"
REMOVE_ROW: Final = "row-remove"
_NOT_SENT: Final = object()


@dataclass(frozen=True, slots=True)
class Post:
    """The posted MultiDict, and the ids that its new files were given, by the name of their input."""

    fields: Any
    uploaded: Mapping[str, Sequence[str | int]]

    def read(self, scope: Scope, prefix: str = "") -> dict[str, Any]:
        """Return what was sent of a scope; names that it does not have are ignored."""
        data: dict[str, Any] = {}
        for entry in scope.entries:
            name = prefix + entry.name
            if entry.rows is not None:
                put(data, entry.path, self._read_rows(entry.component, entry.rows, name))
            elif not entry.fixed:
                value = self._read_value(entry.component, name)
                if value is not _NOT_SENT:
                    put(data, entry.path, value)
        return data

    def _read_value(self, component: Component, name: str) -> Any:
        sent = self.fields.getlist(name)
        match component.type:
            case "checkbox":  # browsers post nothing for an unticked box
                return bool(sent)
            case "checklist" | "taglist":  # nothing posted means none chosen
                return [value for value in sent if value]
            case "filepicker":
                return self._read_files(component, name, sent)
            case "number" if sent:
                return _number_in(sent[0].strip())
        return sent[0] if sent else _NOT_SENT

    def _read_files(self, component: Component, name: str, sent: list[str]) -> list[str | int]:
        """Ids of attachments; the ones ticked for removal come under a second name."""
        removed = set(self.fields.getlist(f"{name}:remove"))
        kept: list[str | int] = [value for value in sent if value and value not in removed]
        new = list(self.uploaded.get(name, ()))
        return kept + new if component.limits.multiple or not new else new

    def _read_rows(self, component: Component, scope: Scope, name: str) -> list[dict[str, Any]]:
        limits = component.limits
        numbers = self._row_numbers(name)[: limits.max_rows]
        if not is_row_action(self.fields):
            rows = [self.read(scope, f"{name}.{number}.") for number in numbers]
            return _without_blank(rows, scope, limits.min_rows)
        kept = [number for number in numbers if f"{name}.{number}" != self.fields.get(REMOVE_ROW)]
        rows = [self.read(scope, f"{name}.{number}.") for number in kept]
        if self.fields.get(ADD_ROW) == name and len(numbers) < limits.max_rows:
            rows.append(_blank_row(scope))
        return rows

    def _row_numbers(self, name: str) -> list[int]:
        pattern = re.compile(re.escape(name) + r"\.([0-9]{1,4})(?:\.|$)")
        matches = (pattern.match(sent) for sent in (*self.fields, *self.uploaded))
        return sorted({int(match[1]) for match in matches if match})


def is_row_action(fields: Any) -> bool:
    """Tell whether a button that adds or removes a row was pressed, so that nothing is to be checked yet."""
    return ADD_ROW in fields or REMOVE_ROW in fields


def file_input_pattern(scope: Scope) -> re.Pattern[str]:
    """Return what the names of this form's file inputs match."""
    names = [rf"(?:{pattern})" for pattern in _file_inputs(scope, "")]
    return re.compile("|".join(names) or r"(?!)")


def has_file_inputs(scope: Scope) -> bool:
    """Tell whether a form has file inputs, in rows that may be added too."""
    return any(True for _ in _file_inputs(scope, ""))


def _file_inputs(scope: Scope, prefix: str) -> Iterator[str]:
    for entry in scope.entries:
        name = prefix + re.escape(entry.name)
        if entry.rows is not None:
            yield from _file_inputs(entry.rows, rf"{name}\.[0-9]{{1,4}}\.")
        elif entry.component.type == "filepicker" and not entry.fixed:
            yield name


def _blank_row(scope: Scope) -> dict[str, Any]:
    """A row that was just added: nothing was sent for it but the rows that lists in it always have."""
    data: dict[str, Any] = {}
    for entry in scope.entries:
        if entry.rows is not None:
            limits = entry.component.limits
            count = limits.default_rows if limits.min_rows == limits.max_rows else 0
            put(data, entry.path, [_blank_row(entry.rows) for _ in range(count)])
    return data


def _without_blank(rows: list[dict[str, Any]], scope: Scope, least: int) -> list[dict[str, Any]]:
    """Take away rows in which nothing was filled in, the last ones first, as long as the list may be that short."""
    spare = len(rows) - least
    kept = []
    for row in reversed(rows):
        if spare > 0 and _is_blank(row, scope):
            spare -= 1
        else:
            kept.append(row)
    return kept[::-1]


def _is_blank(row: Any, scope: Scope) -> bool:
    return all(_is_unfilled(entry, row) for entry in scope.entries if not entry.fixed)


def _is_unfilled(entry: Entry, row: Any) -> bool:
    """Whether a person filled in nothing: the answer is missing or empty, or it is the default."""
    found, value = dig(row, entry.path)
    if entry.rows is not None:
        return all(_is_blank(inner, entry.rows) for inner in value)
    return not found or is_empty(value) or value == entry.component.default


def _number_in(text: str) -> int | float | str | None:
    """The number that a person typed; text that is none stays text, so that they see again what they typed."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    if not plain:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,16}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?([0-9]{1,16}\.[0-9]{0,12}|\.[0-9]{1,12})", plain):
        return float(plain)
    return text
