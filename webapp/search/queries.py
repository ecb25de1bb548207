"""Cases by question, as SQL: the index narrows, the text decides."""

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.search.models import SearchEntry
from webapp.search.rules import Word, normalised, words_of

_MOST_PEOPLE = 30


def matches(word: Word) -> ColumnElement[bool]:
    """SQL: a row of ``search_entries`` has the word."""
    if not word.text:
        return false()
    written = and_(*_contains(word.written), SearchEntry.text.contains(word.text, autoescape=True))
    return or_(written, *_contains(word.sounds)) if word.sounds else written


def _contains(terms: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [SearchEntry.terms.contains(list(terms))] if terms else []


def people_called(session: Session, question: str) -> list[int]:
    """The ids of people whose name a question says, for what they had in their hands."""
    name = normalised(question)
    if not 2 <= len(name) <= 10 or name.isascii():
        return []
    query = select(User.id).where(User.name.contains(name, autoescape=True)).order_by(User.id).limit(_MOST_PEOPLE)
    return list(session.scalars(query))


__all__ = ["matches", "people_called", "words_of"]
