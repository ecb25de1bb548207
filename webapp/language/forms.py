"""The forms of fixed pages in the language of the page: like those of user tasks, but texts of the program."""

import json
from functools import cache

from forms import CompiledForm, compile_form
from webapp.config import ROOT
from webapp.language.speaking import speaks_english, worded

FIXED_FORMS = ("batches", "pairing_programmes")
WORDS_OF_FORMS = ("label", "dateLabel", "timeLabel", "description", "text")


def fixed_form(folder: str, name: str) -> CompiledForm:
    """The form of a fixed page, whose choices are still to be filled in."""
    return _compiled(folder, name, speaks_english())


@cache
def _compiled(folder: str, name: str, _is_english: bool) -> CompiledForm:
    document = json.loads((ROOT / "forms" / folder / f"{name}.form").read_text(encoding="utf-8"))
    return compile_form(worded(document, *WORDS_OF_FORMS))
