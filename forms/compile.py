"""A form document compiled once: checked, turned into WTForms classes, ready to check and show any number of answers.

`compile_form` is for publishing and start-up; nothing of it happens on a request path except through `resolve`, which
keeps the forms it made.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any

from markupsafe import Markup

from forms.components import INPUTS, Component, read_components
from forms.conditions import Names
from forms.document_form import DocumentForm, build_form_class
from forms.documents import FormDocumentError, FormProblem
from forms.fields import Circumstances, UploadInfo
from forms.messages import FieldError, Refused, Translate, as_written
from forms.parts import Attachments
from forms.posting import Post, file_input_pattern, has_file_inputs, is_row_action
from forms.rendering import display_form, render_form
from forms.resolving import Rows, resolve_document
from forms.scopes import MAX_ERRORS, Scope, build_scope, check_shape, dig, flatten, put
from forms.showing import Shown
from forms.validators import VALIDATOR_NAMES
from forms.values import read_value

_TYPES: dict[str, type] = {"number": float, "checkbox": bool, "checklist": list, "taglist": list, "filepicker": list}
_NOTHING: Mapping[str, Any] = {}
MAX_RESOLVED = 64


@dataclass(frozen=True, slots=True)
class Validated:
    """The outcome of a check: `answers` may be kept when `errors` is empty, or as a draft."""

    answers: dict[str, Any]
    errors: list[FieldError] = field(default_factory=list)
    warnings: list[FieldError] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.errors


class CompiledForm:
    """A compiled document, shared between threads; made by `compile_form`."""

    def __init__(self, document: Mapping[str, Any], components: tuple[Component, ...], scope: Scope) -> None:
        self.document = document
        self.components = components
        self.scope = scope
        self.form_class = build_form_class(scope)
        outcomes = [entry for entry in scope.entries if _is_outcome(entry.component)]
        self.outcome_field: str | None = outcomes[0].name if outcomes else None
        self.outcomes = outcomes[0].component.choices if outcomes else ()
        self._all = tuple(_walk(components))
        self._resolved: dict[str, CompiledForm] = {}
        self._lock = Lock()

    @cached_property
    def variables(self) -> dict[str, type]:
        """The paths of the answers with their JSON types; a dynamic list is one list."""
        return {
            entry.name: list if entry.rows is not None else _TYPES.get(entry.component.type, str)
            for entry in self.scope.entries
        }

    @cached_property
    def engine_names(self) -> dict[str, str]:
        """The engine's name of every answer by path: properties.variable, else the path itself."""
        return {entry.name: entry.component.properties.get("variable") or entry.name for entry in self.scope.entries}

    @cached_property
    def required_file(self) -> str | None:
        """The label of a file that has to be attached whatever is answered, if there is one."""
        asked = (c for c in self._all if c.type == "filepicker" and c.limits.required and c.hide is None)
        return next((component.label for component in asked), None)

    def pick_variables(self, answers: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
        """Return those answers that the engine asks for, by the engine's names; objects stay objects."""
        picked = {name: value for name, value in answers.items() if name in wanted}
        for entry in self.scope.entries:
            name = self.engine_names[entry.name]
            found, value = dig(answers, entry.path)
            if found and name in wanted:
                picked[name] = value
        return picked

    @cached_property
    def acknowledgement(self) -> dict[str, Any] | None:
        """The answers of somebody who only takes note: the one outcome, nothing else. None where the form asks more."""
        answers: dict[str, Any] = {}
        for entry in self.scope.entries:
            if entry.name == self.outcome_field and len(self.outcomes) == 1:
                put(answers, entry.path, self.outcomes[0].value)
        return answers if self.validate(answers).is_valid else None

    @cached_property
    def picture_fields(self) -> frozenset[str]:
        """The fields of the form itself that take one picture and nothing else."""
        return frozenset(
            component.key[0]
            for component in self._all
            if component.type == "filepicker" and component.key and len(component.key) == 1
            if not component.limits.multiple and component.limits.accept
            if {"png", "jpg", "jpeg"} >= {kind.lstrip(".") for kind in component.limits.accept}
        )

    @cached_property
    def choice_names(self) -> frozenset[str]:
        """The names of choices that `resolve` can fill in."""
        return frozenset(component.choices_from for component in self._all if component.choices_from)

    @cached_property
    def repeat_names(self) -> frozenset[str]:
        """The names of rows that `resolve` can fill in: repeated components, and examples that a case gives."""
        given = [component.properties for component in self._all]
        return frozenset(p[name] for p in given for name in ("repeat", "example_from") if name in p)

    @property
    def needs(self) -> frozenset[str]:
        """The names of everything that `resolve` can fill in."""
        return self.choice_names | self.repeat_names

    def resolve(self, choices: Mapping[str, Rows], sources: Mapping[str, Rows] = _NOTHING) -> "CompiledForm":
        """Return the form with choices [{label, value}] and repeated rows [{key, label, max?}] filled in.

        The last forms that were made are kept. Raises FormDocumentError for rows that no form can show.
        """
        wanted = {name: choices[name] for name in sorted(self.choice_names) if name in choices}
        rows = {name: sources[name] for name in sorted(self.repeat_names) if name in sources}
        if not wanted and not rows:
            return self
        key = json.dumps([wanted, rows], ensure_ascii=False, sort_keys=True, default=str)
        with self._lock:
            known = self._resolved.get(key)
        if known is None:
            known = compile_form(resolve_document(self.document, wanted, rows))
            with self._lock:
                while len(self._resolved) >= MAX_RESOLVED:
                    self._resolved.pop(next(iter(self._resolved)))
                self._resolved[key] = known
        return known

    def attachment_ids(self, answers: Any) -> list[str | int]:
        """Return the ids of all attachments that answers name, in document order."""
        return list(_attachment_ids(self.scope, answers))

    def validate(
        self,
        data: Any,
        *,
        uploads: Mapping[str, UploadInfo] = _NOTHING,
        partial: bool = False,
        given: Mapping[str, Any] = _NOTHING,
        today: date | None = None,
        translate: Translate = as_written,
    ) -> Validated:
        """Check answers that came as JSON.

        Args:
            data: the answers, nested as the document says.
            uploads: the attachments that may be referred to, by id as text.
            partial: check a draft: nothing is required yet, and text that is no answer yet is kept.
            given: values known before, for read-only components and for conditions.
            today: the day of the business clock, for dates that may not be past.
            translate: gettext for the messages.
        """
        misplaced = check_shape(self.scope.shape, data)
        errors = [FieldError(path, found.code, found.text(path, translate)) for path, found in misplaced]
        circumstances = Circumstances(partial=partial, uploads=uploads, today=today, translate=translate)
        form = self.bind(flatten(self.scope, data, given), circumstances)
        form.settle(given)
        form.validate()
        errors += [FieldError(path, message.code, message) for path, message in form.collect_errors()]
        answers = form.answers(draft=partial)
        if not partial:
            self._compute(answers, given)
        warnings = [FieldError(path, message.code, message) for path, message in form.collect_warnings()]
        return Validated(answers, errors[:MAX_ERRORS], warnings)

    def from_html(self, formdata: Any, uploaded: Mapping[str, Sequence[str | int]] = _NOTHING) -> dict[str, Any]:
        """Return what a browser posted as nested data for `validate`.

        Args:
            formdata: the posted MultiDict; names that the form does not have are ignored.
            uploaded: ids given to files of this post, by the name of their input.
        """
        return Post(formdata, uploaded).read(self.scope)

    def is_row_action(self, formdata: Any) -> bool:
        """Tell whether a button that adds or removes a row was pressed: show the form again, check nothing."""
        return is_row_action(formdata)

    def takes_files(self, name: str) -> bool:
        """Tell whether a file input of that name belongs to this form."""
        return self._file_inputs.fullmatch(name) is not None

    @cached_property
    def has_files(self) -> bool:
        """Whether a browser must post this form in parts; without file inputs the plain way costs less."""
        return has_file_inputs(self.scope)

    @cached_property
    def _file_inputs(self) -> re.Pattern[str]:
        return file_input_pattern(self.scope)

    def render(self, data: Mapping[str, Any], errors: Sequence[FieldError] = (), **options: Any) -> Markup:
        """Return the fields as HTML; for the options see `forms.rendering.render_form`."""
        return render_form(self, data, errors, **options)

    def display(
        self, answers: Mapping[str, Any], attachments: Attachments | None = None, **options: Any
    ) -> list[Shown]:
        """Return the answers with labels, nested; for the options see `forms.rendering.display_form`."""
        return display_form(self, answers, attachments, **options)

    def bind(self, values: dict[str, Any], circumstances: Circumstances) -> DocumentForm:
        """Return the WTForms form over values by attribute, as `flatten` makes them."""
        return self.form_class(data=values, meta={"circumstances": circumstances})

    def _compute(self, answers: dict[str, Any], given: Mapping[str, Any]) -> None:
        names = Names({**given, **answers}, answers)
        for entry in self.scope.computed:
            expression = entry.component.expression
            if expression is not None and not any(condition.holds(names) for condition in entry.hides):
                put(answers, entry.path, expression.value(names))


def compile_form(document: Mapping[str, Any]) -> CompiledForm:
    """Compile a form document. Raises FormDocumentError with everything that stands in the way."""
    components = read_components(document, VALIDATOR_NAMES)
    problems: list[FormProblem] = []
    scope = build_scope(components, problems)
    for component in _walk(components):
        problems += _check_default(component)
    problems += _check_outcomes(components, scope)
    if problems:
        raise FormDocumentError(problems)
    return CompiledForm(document, components, scope)


def _walk(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield from component.walk()


def _attachment_ids(scope: Scope, answers: Any) -> Iterator[str | int]:
    for entry in scope.entries:
        _, value = dig(answers, entry.path)
        if not isinstance(value, list):
            continue
        if entry.rows is not None:
            for row in value:
                yield from _attachment_ids(entry.rows, row)
        elif entry.component.type == "filepicker":
            yield from (item for item in value if isinstance(item, str | int) and not isinstance(item, bool))


def _is_outcome(component: Component) -> bool:
    return component.properties.get("outcome") == "true"


def _check_default(component: Component) -> Iterator[FormProblem]:
    if component.default is None or component.type not in INPUTS or component.choices_from:
        return
    try:
        read_value(component, component.default)
    except Refused as error:
        message = f"defaultValue：{error.finding.text(component.label or component.id)}"
        yield FormProblem(component.id, "bad_default", message)


def _check_outcomes(components: tuple[Component, ...], scope: Scope) -> Iterator[FormProblem]:
    """A step has one outcome at most: a radio or select of the form itself."""
    at_root = {entry.component.id for entry in scope.entries}
    outcomes = [component for component in _walk(components) if _is_outcome(component)]
    for component in outcomes:
        if component.type not in ("radio", "select") or component.id not in at_root:
            yield FormProblem(component.id, "bad_outcome", "结论应当是表单里的单选或下拉，不能放在动态列表里。")
    for component in outcomes[1:]:
        yield FormProblem(component.id, "second_outcome", "一个表单只能有一项结论（properties.outcome）。")
