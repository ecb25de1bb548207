"""The WTForms field that every component of a document compiles to.

It takes JSON values; what a browser posts was made such before (`forms.posting`). Names in HTML are the paths of the
answers (`contacts.0.mobile`): errors, labels and posts need no translation between them.
"""

import dataclasses
from collections.abc import Iterator, Mapping
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
    """What the rules of one check depend on beside the answers; `place` names the row that the fields stand in."""

    partial: bool = False
    uploads: Mapping[str, UploadInfo] = dataclasses.field(default_factory=dict)
    today: date | None = None
    translate: Translate = as_written
    blank_rows: bool = False
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


def element_id(name: str) -> str:
    """Return the id of the HTML element for the answer at a path."""
    return "field-" + name.replace(".", "-")
