"""The form of somebody who is only asked about a task (委派, 加签): agree or not, and why."""

from functools import cache
from pathlib import Path

import forms
from forms.compile import CompiledForm, compile_form
from forms.documents import read_document


@cache
def opinion_form() -> CompiledForm:
    """The form, the same for every step."""
    return compile_form(read_document((Path(forms.__file__).parent / "acts" / "opinion.form").read_bytes()))
