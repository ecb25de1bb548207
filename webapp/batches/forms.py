"""The form of a batch: a document like those of user tasks, filled with the choices of the actor's city."""

import json
from functools import cache

from sqlalchemy.orm import Session

from forms import CompiledForm, compile_form
from webapp.access import Actor
from webapp.batches.queries import form_choices
from webapp.config import ROOT


@cache
def _compiled() -> CompiledForm:
    return compile_form(json.loads((ROOT / "forms" / "batches" / "batch.form").read_text(encoding="utf-8")))


def batch_form(session: Session, actor: Actor) -> CompiledForm:
    """The batch form with the honours, departments, offices and counties that the actor's city may choose."""
    return _compiled().resolve(form_choices(session, actor))
