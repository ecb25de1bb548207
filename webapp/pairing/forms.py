"""The form of a programme: a document like those of user tasks."""

from typing import Any

from forms import CompiledForm
from webapp import clock
from webapp.language.forms import fixed_form
from webapp.problems import InputError, Invalid


def programme_form() -> CompiledForm:
    """The compiled form."""
    return fixed_form("pairing_programmes", "programme")


def checked_programme(data: dict[str, Any]) -> dict[str, Any]:
    """The answers to the form, checked; raises ``Invalid``."""
    checked = programme_form().validate(data, today=clock.today())
    if checked.errors:
        raise Invalid([InputError(e.path, e.code, str(e.message)) for e in checked.errors])
    return checked.answers
