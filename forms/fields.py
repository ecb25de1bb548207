"""The WTForms fields and form classes that a document compiles to.

A field takes JSON values (`process_data`) and what a browser posts (`process_formdata`) to the same answer. Names in
HTML are the paths of the answers (`contacts.0.mobile`): errors, labels and posts need no translation between them.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from forms.components import Component
from forms.documents import is_storable
from forms.limits import MAX_TEXT
from forms.messages import Finding, Message, Refused, Translate, as_written
from forms.values import empty_value, is_empty, read_value


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """An attachment that the answering person may use; answers keep `id`, or the id as sent where that is None."""

    name: str
    size: int = 0
    content_type: str = ""
    id: str | int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules of one check depend on beside the answers; `place` names the row that the fields stand in."""

    partial: bool = False
    uploads: Mapping[str, UploadInfo] = dataclasses.field(default_factory=dict)
    today: date | None = None
    translate: Translate = as_written
    blank_rows: bool = False
    uploaded: Mapping[str, Sequence[str | int]] = dataclasses.field(default_factory=dict)
    place: str = ""


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
        label = self.circumstances.place + (self.component.label or self.name)
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

    def is_blank(self) -> bool:
        """Tell whether nothing was filled in: the field is empty or holds its default."""
        return is_empty(self.data) or self.data == self.component.default

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
            kept = [value for value in self.data if value not in removed]
            new = list(self.circumstances.uploaded.get(self.name, ()))
            self.data = kept + new if self.component.limits.multiple or not new else new


def element_id(name: str) -> str:
    """Return the id of the HTML element for the answer at a path."""
    return "field-" + name.replace(".", "-")


def field_class(kind: str) -> type[AnswerField]:
    """Return the field class of a component type."""
    return _FIELDS.get(kind, AnswerField)


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


_FIELDS: dict[str, type[AnswerField]] = {
    "number": NumberAnswer,
    "checkbox": CheckboxAnswer,
    "checklist": ListAnswer,
    "taglist": ListAnswer,
    "filepicker": FilesAnswer,
}
