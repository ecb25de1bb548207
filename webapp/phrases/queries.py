"""The phrases that a person may insert: their own first, then those of their office."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.phrases.models import Phrase


def of_owner(actor: Actor, *, shared: bool) -> ColumnElement[bool]:
    """SQL: the phrase is the actor's own or, ``shared``, of the actor's office."""
    return Phrase.organisation_id == actor.organisation_id if shared else Phrase.user_id == actor.user_id


def list_phrases(session: Session, actor: Actor) -> list[Phrase]:
    """Own phrases, then the office's, each in its order."""
    query = select(Phrase).where(or_(of_owner(actor, shared=False), of_owner(actor, shared=True)))
    return list(session.scalars(query.order_by(Phrase.user_id.is_(None), Phrase.position, Phrase.id)))
