"""Whose turn is still to come in a 会签 in order (依次): the state of the case knows, no row does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.definitions.library import Published
from webapp.instances.models import Instance
from workflows import Context, signers_to_come


@dataclass(frozen=True)
class Turn:
    """One who signs later."""

    item: Any
    """What stands for them in the list of signers."""
    name: str


Turns = Mapping[str, Sequence[Turn]]
"""Those to come, in order, by step."""

_NAMES = text("""
    SELECT CAST(id AS text) AS id, name FROM users WHERE NOT :are_bodies AND CAST(id AS text) = ANY(:ids)
    UNION ALL
    SELECT CAST(id AS text), name FROM organisations WHERE :are_bodies AND CAST(id AS text) = ANY(:ids)
""")


def turns_to_come(
    session: Session, now: datetime, published: Published, instance: Instance, elements: Iterable[str]
) -> Turns:
    """Who signs later at steps that are open; only where one of them asks in turn is the state read."""
    in_turn = [element for element in dict.fromkeys(elements) if element in published.signed_in_turn]
    if not in_turn:
        return {}
    state = session.scalar(select(Instance.state).where(Instance.id == instance.id)) or ""
    return {
        element: _named(
            session, published, element, signers_to_come(published.definition, state, element, Context(now))
        )
        for element in in_turn
    }


def _named(session: Session, published: Published, element: str, items: Sequence[Any]) -> list[Turn]:
    if not items:
        return []
    are_bodies = published.assignments[element].organisation == published.items[element]
    ids = [str(item) for item in items]
    names = {row.id: row.name for row in session.execute(_NAMES, {"ids": ids, "are_bodies": are_bodies})}
    return [Turn(item, names.get(str(item), str(item))) for item in items]
