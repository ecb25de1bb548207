"""What a form says to a person: a stable code for programs, a Chinese template for gettext and what fills it.

Every finding says what is wrong, where, and what to do about it; the template is the msgid of the catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Translate = Callable[[str], str]


def as_written(text: str) -> str:
    """Translate nothing: the templates are Chinese already."""
    return text


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a value, not yet tied to a field."""

    code: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, label: str, translate: Translate = as_written) -> str:
        """Return the message for the field of that label."""
        return translate(self.template).format(label=label, **self.params)


def finding(code: str, template: str, **params: Any) -> Finding:
    """Return a finding; `template` may name {label} and the given parameters."""
    return Finding(code, template, params)


class Refused(ValueError):  # noqa: N818 - says what happened to a value, as the WTForms chain expects
    """A value was not accepted; the finding says why."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found)
        self.finding = found


class Message(str):
    """The text of a finding together with its code; a str, so that WTForms and templates take it as it is."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, text: str) -> "Message":
        message = super().__new__(cls, text)
        message.code = code
        return message


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with the answer at `path` (dots, rows by index: `contacts.0.mobile`; empty for the whole)."""

    path: str
    code: str
    message: str
