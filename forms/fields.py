"""The WTForms fields and form classes that a document compiles to.

A field takes JSON values (`process_data`) and what a browser posts (`process_formdata`) to the same answer. Names in
HTML are the paths of the answers (`contacts.0.mobile`): errors, labels and posts need no translation between them.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from wtforms import Field, Form
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from forms.components import MAX_TEXT, Component
from forms.conditions import Names
from forms.documents import is_storable
from forms.messages import Finding, Message, Refused, Translate, as_written, finding
from forms.scopes import Scope, put
from forms.validators import validators_for
from forms.values import empty_value, read_value


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """An attachment that the answering person may use; answers keep `id`, or the id as sent where that is None."""

    name: str
    size: int = 0
    content_type: str = ""
    id: str | int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules of one check depend on beside the answers."""

    partial: bool = False
    uploads: Mapping[str, UploadInfo] = dataclasses.field(default_factory=dict)
    today: date | None = None
    translate: Translate = as_written
    blank_rows: bool = False


class AnswerField(Field):  # type: ignore[misc]
    """A field for one component; `data` is the answer, `raw` what was sent where that was no answer."""

    def __init__(self, component: Component, **options: Any) -> None:
        super().__init__(label=component.label, **options)
        self.component = component
        self.id = self.label.field_id = element_id(self.name)
        self.warnings: list[Message] = []
        self.raw: Any = None
        self.was_sent = False
        self.errors: list[Message] = []

    @property
    def circumstances(self) -> Circumstances:
        return self.meta.circumstances  # type: ignore[no-any-return]

    def say(self, found: Finding) -> Message:
        """Return the message of a finding about this field."""
        label = self.component.label or self.name
        return Message(found.code, found.text(label, self.circumstances.translate))

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.was_sent = data is not unset_value
        if data is unset_value:
            data = self.component.default
        super().process(formdata, data, extra_filters)

    def process_data(self, value: Any) -> None:
        self.raw = None
        try:
            self.data = read_value(self.component, value)
        except Refused as error:
            self.data = empty_value(self.component)
            self.raw = value
            self.process_errors.append(self.say(error.finding))

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.was_sent = True
            self.data = valuelist[0]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - signature of WTForms
        if self.process_errors:
            raise StopValidation

    def answer(self, *, draft: bool) -> Any:
        """Return what is kept of the field; a draft also keeps text that is no answer yet."""
        raw = self.raw
        if draft and isinstance(raw, str) and len(raw) <= MAX_TEXT and is_storable(raw):
            return raw
        return self.data

    def collect_errors(self) -> Iterator[tuple[str, Message]]:
        for message in self.errors:
            yield self.name, message

    def collect_warnings(self) -> Iterator[tuple[str, Message]]:
        for message in self.warnings:
            yield self.name, message


class NumberAnswer(AnswerField):
    """Text that is no number stays text, so that the person sees again what was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.was_sent = True
            self.data = _number_in(valuelist[0].strip())


class CheckboxAnswer(AnswerField):
    """Browsers post nothing for an unticked box."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.was_sent = True
        self.data = bool(valuelist)


class ListAnswer(AnswerField):
    """Several values under one name; nothing posted means none chosen."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.was_sent = True
        self.data = [value for value in valuelist if value]


class FilesAnswer(ListAnswer):
    """Ids of attachments; the ones ticked for removal come under a second name."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            removed = set(formdata.getlist(f"{self.name}:remove"))
            self.data = [value for value in self.data if value not in removed]


class RowsAnswer(AnswerField):
    """A dynamic list: `rows` holds one form per row."""

    def __init__(self, component: Component, row_form: type["DocumentForm"], **options: Any) -> None:
        super().__init__(component, **options)
        self.row_form = row_form
        self.rows: list[DocumentForm] = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ARG002
        self.process_errors: list[Message] = []
        self.was_sent = data is not unset_value or formdata is not None
        if formdata is not None:
            self.rows = [self._row(index, {}, formdata) for index in self._posted_indexes(formdata)]
        else:
            values = self._default_rows() if data is unset_value else data
            self.rows = [self._row(index, row) for index, row in enumerate(values)]

    def _default_rows(self) -> list[dict[str, Any]]:
        limits = self.component.limits
        wanted = self.circumstances.blank_rows or limits.min_rows == limits.max_rows
        return [{}] * (limits.default_rows if wanted else 0)

    def _row(self, index: int, values: dict[str, Any], formdata: Any = None) -> "DocumentForm":
        row = self.row_form(
            formdata,
            prefix=f"{self.name}.{index}.",
            data=values,
            meta={"circumstances": self.circumstances},
        )
        row.index = index
        return row

    def _posted_indexes(self, formdata: Any) -> list[int]:
        pattern = re.compile(re.escape(self.name) + r"\.([0-9]{1,4})(?:\.|$)")
        found = {int(match[1]) for name in formdata if (match := pattern.match(name))}
        return sorted(found)[: self.component.limits.max_rows]

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

    index = 0
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
        for field in self.shown_lists():
            for row in field.rows:
                row.settle(given, outer, own)

    def _hidden_under(self, names: Names) -> frozenset[str]:
        return frozenset(
            entry.attribute
            for entry in self.scope.conditional
            if any(condition.holds(names) for condition in entry.hides)
        )

    def shown_lists(self) -> Iterator[RowsAnswer]:
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

    def posted(self) -> dict[str, Any]:
        """Return what was sent, nested by path, ready to be checked like data that came as JSON."""
        data: dict[str, Any] = {}
        for entry in self.scope.entries:
            field = self._fields[entry.attribute]
            if entry.rows is not None:
                put(data, entry.path, [row.posted() for row in field.rows])
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
            members[entry.attribute] = _FIELDS.get(component.type, AnswerField)(component, **options)
    return type("CompiledDocumentForm", (DocumentForm,), members)


def _number_in(text: str) -> int | float | str | None:
    """Return the number that a person typed, or the text where it is none."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    if not plain:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,16}", plain):
        return int(plain)
    if re.fullmatch(r"[+-]?([0-9]{1,16}\.[0-9]{0,12}|\.[0-9]{1,12})", plain):
        return float(plain)
    return text


def element_id(name: str) -> str:
    """Return the id of the HTML element for the answer at a path."""
    return "field-" + name.replace(".", "-")


_FIELDS: dict[str, type[AnswerField]] = {
    "number": NumberAnswer,
    "checkbox": CheckboxAnswer,
    "checklist": ListAnswer,
    "taglist": ListAnswer,
    "filepicker": FilesAnswer,
}
