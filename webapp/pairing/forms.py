"""The form of a programme: a document like those of user tasks."""

import json
from functools import cache
from typing import Any

from forms import CompiledForm, compile_form
from webapp import clock
from webapp.config import ROOT
from webapp.problems import InputError, Invalid


@cache
def programme_form() -> CompiledForm:
    """The compiled form."""
    path = ROOT / "forms" / "pairing_programmes" / "programme.form"
    return compile_form(json.loads(path.read_text(encoding="utf-8")))


def checked_programme(data: dict[str, Any]) -> dict[str, Any]:
    """The answers to the form, checked; raises ``Invalid``."""
    checked = programme_form().validate(data, today=clock.today())
    if checked.errors:
        raise Invalid([InputError(e.path, e.code, str(e.message)) for e in checked.errors])
    return checked.answers
