"""A full valid answer for any document, built from the document alone: for clients that try a process, and for tests.

A component's `properties.example` is taken first, then its default, then what its limits allow.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from forms.compile import CompiledForm, compile_form
from forms.components import Component
from forms.fields import Circumstances
from forms.limits import Limits
from forms.scopes import Entry, Scope, flatten, put

_NAMED = {
    "uscc": "91110000100000009M",
    "mobile": "13800138000",
    "phone": "0730-8880000",
    "email": "office@example.cn",
    "document_number": "常文明委〔2020〕6号",
    "chinese_date": "2020年5月15日",
    "ratio": "80%",
}
_MOMENTS = {"date": "2026-03-02", "time": "09:30", "datetime": "2026-03-02T09:30"}
_FUTURE = {"date": "2099-12-31", "time": "09:30", "datetime": "2099-12-31T09:30"}
_TRUE = ("true", "1", "是")


def example_data(
    document: Mapping[str, Any] | CompiledForm,
    *,
    outcome: str | int | None = None,
    attachments: Sequence[str | int] = (),
) -> dict[str, Any]:
    """Return an answer that the form accepts, with nothing hidden or read-only in it.

    Args:
        document: the document, with its choices resolved, or its compiled form.
        outcome: what to choose in the outcome field; the first choice otherwise.
        attachments: ids that file pickers may name.

    Raises FormDocumentError for a document that does not compile.
    """
    compiled = document if isinstance(document, CompiledForm) else compile_form(document)
    data = _example_of(compiled.scope, attachments)
    if outcome is not None and compiled.outcome_field is not None:
        put(data, tuple(compiled.outcome_field.split(".")), outcome)
    form = compiled.bind(flatten(compiled.scope, data, {}), Circumstances())
    form.settle({})
    return form.sent()


def _example_of(scope: Scope, attachments: Sequence[str | int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for entry in scope.entries:
        if not entry.fixed:
            put(data, entry.path, _example(entry, attachments))
    return data


def _example(entry: Entry, attachments: Sequence[str | int]) -> Any:
    component = entry.component
    if entry.rows is not None:
        count = min(max(component.limits.default_rows, component.limits.min_rows, 1), component.limits.max_rows)
        return [_example_of(entry.rows, attachments) for _ in range(count)]
    if component.type == "filepicker":
        return list(attachments if component.limits.multiple else attachments[:1])
    written = component.properties.get("example")
    if written is not None:
        return _parse(component, written)
    return _invent(component) if component.default is None else component.default


def _parse(component: Component, written: str) -> Any:
    if component.type == "number":
        return _within(component.limits, float(written)) if re.fullmatch(r"-?[0-9.]{1,12}", written) else 0
    if component.type == "checkbox":
        return written.strip().lower() in _TRUE
    if component.type in ("checklist", "taglist"):
        return [part for part in re.split(r"[,，、\s]+", written) if part]
    return written


def _invent(component: Component) -> Any:
    limits = component.limits
    match component.type:
        case "number":
            return _within(limits, limits.max if limits.max is not None else limits.min or 0)
        case "checkbox":
            return True
        case "datetime":
            return (_FUTURE if limits.not_past else _MOMENTS)[component.subtype]
        case "radio" | "select":
            return next((choice.value for choice in component.choices), None)
        case "checklist" | "taglist":
            return [choice.value for choice in component.choices[: max(limits.min_choices or 0, 1)]]
        case _:
            return _NAMED.get(component.validator) or _text(limits)


def _within(limits: Limits, number: float) -> int | float:
    if limits.max is not None:
        number = min(number, limits.max)
    if limits.min is not None:
        number = max(number, limits.min)
    if limits.step is not None:
        number = number // limits.step * limits.step
    return int(number) if number == int(number) else number


def _text(limits: Limits) -> str:
    least = limits.min_length or 0
    return ("示例" * (least // 2 + 1))[: max(least, min(4, limits.max_length or 4))]
