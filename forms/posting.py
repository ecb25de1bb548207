"""What a browser posted, as the same nested data that a program would send as JSON.

Works without scripts: rows of dynamic lists are added and removed by submit buttons, attachments by tick boxes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.document_form import DocumentForm, RowsAnswer
from forms.fields import Circumstances
from forms.scopes import Scope

ADD_ROW = "row-add"
REMOVE_ROW = "row-remove"


def read_post(
    form_class: type[DocumentForm], formdata: Any, uploaded: Mapping[str, Sequence[str | int]]
) -> dict[str, Any]:
    """Return the posted answers; `uploaded` are the ids that new files were given, by the name of their input."""
    form = form_class(formdata, meta={"circumstances": Circumstances(uploaded=uploaded)})
    if is_row_action(formdata):
        for rows in _lists(form):
            if rows.name == formdata.get(ADD_ROW):
                rows.add_blank()
            rows.rows = [row for row in rows.rows if f"{rows.name}.{row.index}" != formdata.get(REMOVE_ROW)]
    else:
        for rows in _lists(form):
            _drop_blank(rows)
    return form.posted()


def is_row_action(formdata: Any) -> bool:
    """Tell whether a button that adds or removes a row was pressed, so that nothing is to be checked yet."""
    return ADD_ROW in formdata or REMOVE_ROW in formdata


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


def _lists(form: DocumentForm) -> Iterator[RowsAnswer]:
    for rows in form.lists():
        for row in rows.rows:
            yield from _lists(row)
        yield rows


def _drop_blank(rows: RowsAnswer) -> None:
    """Take away rows in which nothing was filled in, as long as the list may be that short."""
    limits = rows.component.limits
    spare = len(rows.rows) - limits.min_rows
    kept = []
    for row in reversed(rows.rows):
        if spare > 0 and row.is_blank():
            spare -= 1
        else:
            kept.append(row)
    rows.rows = kept[::-1]
