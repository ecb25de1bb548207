"""The form of a batch: a document like those of user tasks, filled with the choices of the actor's city."""

from sqlalchemy.orm import Session

from forms import CompiledForm
from webapp.access import Actor
from webapp.batches.queries import form_choices
from webapp.language.forms import fixed_form
from webapp.language.speaking import worded


def batch_form(session: Session, actor: Actor) -> CompiledForm:
    """The batch form with the honours, departments, offices and counties that the actor's city may choose."""
    return fixed_form("batches", "batch").resolve(worded(form_choices(session, actor), "label"))
