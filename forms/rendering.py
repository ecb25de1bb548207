"""Forms as HTML: fields with labels, hints and errors for filling in, the same as plain values for reading.

The markup needs no script: rows are added by submit buttons, and what depends on a condition is shown with a note until
forms/assets/conditions.js takes over.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from forms.fields import Circumstances
from forms.messages import FieldError, Translate, as_written
from forms.parts import Attachments, Part, PartBuilder, Surroundings
from forms.posting import ADD_ROW, REMOVE_ROW
from forms.scopes import Scope, dig, flatten
from forms.showing import Shown, show_parts

if TYPE_CHECKING:
    from forms.compile import CompiledForm

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_TEMPLATES.globals.update(add_row=ADD_ROW, remove_row=REMOVE_ROW)


def render_form(
    compiled: "CompiledForm",
    data: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    *,
    warnings: Sequence[FieldError] = (),
    read_only: bool = False,
    translate: Translate = as_written,
    csrf: str | None = None,
    attachments: Attachments | None = None,
    given: Mapping[str, Any] | None = None,
) -> Markup:
    """Return the fields of a form as HTML, without the form element and its buttons.

    Args:
        compiled: the form, with its choices resolved.
        data: answers or posted data as nested JSON; names that the form does not have serve conditions and texts.
        errors: what the check found; listed at the top with links, and beside the fields.
        warnings: what the check doubts, shown beside the fields.
        read_only: show values instead of inputs, leave out what is hidden.
        translate: gettext for the texts of the page.
        csrf: token for a hidden field csrf_token, if the caller wants one here.
        attachments: by id: {name, url?, size?} of the files that answers name.
        given: further names for read-only components, conditions and texts.
    """
    around = Surroundings(
        names={**data, **(given or {})},
        errors=_by_path(errors),
        warnings=_by_path(warnings),
        attachments=attachments or {},
        translate=translate,
        read_only=read_only,
        root=compiled.scope,
    )
    lines = build_parts(compiled, data, around)
    values = {
        "lines": lines,
        "errors": [(translate(str(error.message)), _anchor(error.path, lines)) for error in errors],
        "csrf": csrf,
        "given": json.dumps(_condition_values(compiled.scope, around.names), default=str),
        "has_rows": any(entry.rows is not None for entry in compiled.scope.entries),
        "_": translate,
    }
    template = _TEMPLATES.get_template("shown.html" if read_only else "fields.html")
    return Markup(template.render(values))  # noqa: S704 - an autoescaped template


def display_form(
    compiled: "CompiledForm",
    answers: Mapping[str, Any],
    attachments: Attachments | None = None,
    *,
    translate: Translate = as_written,
    given: Mapping[str, Any] | None = None,
) -> list[Shown]:
    """Return the answers with their labels for pages that lay them out themselves, such as the printed form."""
    around = Surroundings(
        names={**answers, **(given or {})},
        errors={},
        warnings={},
        attachments=attachments or {},
        translate=translate,
        read_only=True,
        root=compiled.scope,
    )
    return list(show_parts(build_parts(compiled, answers, around)))


def build_parts(compiled: "CompiledForm", data: Mapping[str, Any], around: Surroundings) -> list[list[Part]]:
    """Return the parts of a form over data, by lines."""
    circumstances = Circumstances(partial=True, translate=around.translate, blank_rows=not around.read_only)
    form = compiled.bind(flatten(compiled.scope, data, around.names), circumstances)
    form.settle(around.names)
    return PartBuilder(form, around).build(compiled.components)


def _by_path(errors: Iterable[FieldError]) -> Mapping[str, Sequence[FieldError]]:
    found: dict[str, list[FieldError]] = defaultdict(list)
    for error in errors:
        found[error.path].append(error)
    return found


def _anchor(path: str, lines: Sequence[Sequence[Part]]) -> str:
    """Return the id of the element that an error is about, empty where the page has none."""
    for part in (part for line in lines for part in line):
        if part.name and part.name == path:
            return part.id
        inner = _anchor(path, part.lines)
        for row in part.rows:
            inner = inner or (row.id if row.name == path else _anchor(path, row.lines))
        if inner:
            return inner
    return ""


def _condition_values(scope: Scope, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that conditions use but no field of the page holds, for the script."""
    found = {}
    for component in (part for top in scope.components for part in top.walk()):
        for path in component.hide.paths if component.hide else ():
            is_there, value = dig(names, path)
            if is_there and path not in {entry.path for entry in scope.entries}:
                found[".".join(path)] = value
    return found
