"""Write down what cases are found by: when they start, when their unit is renamed, and where it is missing."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, delete, exists, insert, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.instances.models import Instance
from webapp.registry.models import Organisation
from webapp.search.models import SearchEntry
from webapp.search.rules import normalised, terms_of

_AT_ONCE = 2000
_HAS_ENTRY = exists().where(SearchEntry.instance_id == Instance.id)


def index_case(session: Session, instance_id: int, texts: Iterable[str | None]) -> None:
    """Note what a new case is found by."""
    session.execute(insert(SearchEntry).values(_values(instance_id, texts)))


def index_missing(session: Session) -> int:
    """Index cases that have no entry yet, some at a time; returns how many."""
    return _index(session, _texts().where(~_HAS_ENTRY))


def index_again(session: Session, organisation_id: int) -> None:
    """Bring the cases of a unit up to date with its present name."""
    own = select(Instance.id).where(Instance.subject_id == organisation_id)
    session.execute(delete(SearchEntry).where(SearchEntry.instance_id.in_(own)))
    while _index(session, _texts().where(Instance.subject_id == organisation_id, ~_HAS_ENTRY)) == _AT_ONCE:
        pass


def _texts() -> Select[*tuple[Any, ...]]:
    return (
        select(Instance.id, Instance.title, Instance.number, Organisation.name, User.name)
        .join(User, User.id == Instance.started_by)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .order_by(Instance.id)
        .limit(_AT_ONCE)
    )


def _index(session: Session, query: Select[*tuple[Any, ...]]) -> int:
    rows = [_values(row[0], row[1:]) for row in session.execute(query)]
    if rows:
        session.execute(insert(SearchEntry), rows)
    return len(rows)


def _values(instance_id: int, texts: Iterable[str | None]) -> dict[str, object]:
    known = list(dict.fromkeys(text for text in texts if text))
    return {"instance_id": instance_id, "text": "\n".join(map(normalised, known)), "terms": terms_of(known)}
