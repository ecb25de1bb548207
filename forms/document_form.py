"""The WTForms form of a document: fields by scope, rows as forms of their own, and what is hidden from whom.

`build_form_class` makes the classes once per document; an instance lives for one request.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from wtforms import Form
from wtforms.utils import unset_value

from forms.components import Component
from forms.conditions import Names
from forms.fields import AnswerField, Circumstances
from forms.messages import Message, finding
from forms.scopes import Scope, put
from forms.validators import validators_for


class RowsAnswer(AnswerField):
    """A dynamic list: `rows` holds one form per row."""

    def __init__(self, component: Component, row_form: type["DocumentForm"], **options: Any) -> None:
        super().__init__(component, **options)
        self.row_form = row_form
        self.rows: list[DocumentForm] = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        self.process_errors: list[Message] = []
        self.was_sent = data is not unset_value
        values = self._default_rows() if data is unset_value else data
        self.rows = [self._row(index, row) for index, row in enumerate(values)]

    def _default_rows(self) -> list[dict[str, Any]]:
        limits = self.component.limits
        wanted = self.circumstances.blank_rows or limits.min_rows == limits.max_rows
        return [{}] * (limits.default_rows if wanted else 0)

    def _row(self, index: int, values: dict[str, Any]) -> "DocumentForm":
        return self.row_form(
            prefix=f"{self.name}.{index}.",
            data=values,
            meta={"circumstances": dataclasses.replace(self.circumstances, place=self._place(index + 1))},
        )

    def _place(self, number: int) -> str:
        template = self.circumstances.translate("{rows}第 {number} 行的")
        return self.circumstances.place + template.format(rows=self.component.label, number=number)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:  # noqa: ARG002
        self.errors = []
        least = self.component.limits.min_rows
        if len(self.rows) < least and not self.circumstances.partial:
            template = "「{label}」至少 {least} 行，现在有 {count} 行。请添加。"
            self.errors.append(self.say(finding("too_few_rows", template, least=least, count=len(self.rows))))
        valid = [row.validate() for row in self.rows]
        return not self.errors and all(valid)

    def answer(self, *, draft: bool) -> Any:
        return [row.answers(draft=draft) for row in self.rows]

    def collect_errors(self) -> Iterator[tuple[str, Message]]:
        yield from super().collect_errors()
        for row in self.rows:
            yield from row.collect_errors()

    def collect_warnings(self) -> Iterator[tuple[str, Message]]:
        for row in self.rows:
            yield from row.collect_warnings()


class DocumentForm(Form):  # type: ignore[misc]
    """One scope of a document: the whole form or one row. Made by `build_form_class`."""

    scope: ClassVar[Scope]

    class Meta:
        circumstances = Circumstances()

    hidden: frozenset[str] = frozenset()

    def settle(self, given: Mapping[str, Any], root: Mapping[str, Any] | None = None, parent: Any = None) -> None:
        """Decide which fields are hidden: a hidden field counts as null for the conditions of others.

        `given` are names beside the answers; rows are decided after what is around them.
        """
        own = self.answers()
        for _ in self.scope.conditional:
            names = Names({**given, **own} if root is None else root, own, parent)
            hidden = self._hidden_under(names)
            if hidden == self.hidden:
                break
            self.hidden = hidden
            own = self.answers()
        outer = {**given, **own} if root is None else root
        for field in self.lists():
            for row in field.rows:
                row.settle(given, outer, own)

    def _hidden_under(self, names: Names) -> frozenset[str]:
        return frozenset(
            entry.attribute
            for entry in self.scope.conditional
            if any(condition.holds(names) for condition in entry.hides)
        )

    def lists(self) -> Iterator[RowsAnswer]:
        """Yield the dynamic lists of this scope that are not hidden."""
        for entry in self.scope.entries:
            if entry.rows is not None and entry.attribute not in self.hidden:
                yield self._fields[entry.attribute]

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ARG002
        """Run the rules of every field that a person can see and change."""
        valid = [
            self._fields[entry.attribute].validate(self)
            for entry in self.scope.entries
            if not entry.fixed and entry.attribute not in self.hidden
        ]
        return all(valid)

    def answers(self, *, draft: bool = False) -> dict[str, Any]:
        """Return the answers of this scope, nested by path, without what is hidden."""
        data: dict[str, Any] = {}
        for entry in self.scope.entries:
            if entry.attribute not in self.hidden:
                put(data, entry.path, self._fields[entry.attribute].answer(draft=draft))
        return data

    def sent(self) -> dict[str, Any]:
        """Return what was sent and can be filled in, nested by path, without what is hidden."""
        data: dict[str, Any] = {}
        for entry in self.scope.entries:
            field = self._fields[entry.attribute]
            if entry.attribute in self.hidden:
                continue
            if entry.rows is not None:
                put(data, entry.path, [row.sent() for row in field.rows])
            elif field.was_sent and not entry.fixed:
                put(data, entry.path, field.data)
        return data

    def collect_errors(self) -> Iterator[tuple[str, Message]]:
        for field in self._fields.values():
            yield from field.collect_errors()

    def collect_warnings(self) -> Iterator[tuple[str, Message]]:
        for field in self._fields.values():
            yield from field.collect_warnings()


def build_form_class(scope: Scope) -> type[DocumentForm]:
    """Return the WTForms class of a scope, with the classes of its rows inside. Done once per document."""
    members: dict[str, Any] = {"scope": scope}
    for entry in scope.entries:
        component = entry.component
        options: dict[str, Any] = {"name": entry.name, "validators": validators_for(component)}
        if entry.rows is not None:
            members[entry.attribute] = RowsAnswer(component, build_form_class(entry.rows), name=entry.name)
        else:
            members[entry.attribute] = AnswerField(component, **options)
    return type("CompiledDocumentForm", (DocumentForm,), members)
