"""How many tasks lists hold: all numbers of a page in one statement that reads no rows and stops counting early."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.database import Instant
from webapp.inbox.belonging import Query, of_view
from webapp.inbox.queries import capped, due_in, narrowed, severity_conditions
from webapp.inbox.rules import OPEN_VIEWS, TABS, ListState
from webapp.paging import COUNT_CAP

CAP = 999
"""What a number beside a name goes to."""
_PERSON, _NOW = bindparam("person", type_=BigInteger()), bindparam("now", type_=Instant())
_VIEWS = {view: capped(of_view(view, _PERSON, _NOW), CAP) for view in TABS}
"""Made once: every page counts them, and only who asks and when differ."""


@dataclass(frozen=True)
class Counts:
    """The numbers of one page; what goes beyond its cap is one more than that."""

    views: Mapping[str, int]
    severities: Mapping[str, int]
    """Of the list without its own severity; empty for views of what is over."""
    saved: Mapping[int, int]
    """By id of the saved filter."""
    total: int
    is_capped: bool


def count_lists(
    session: Session,
    actor: Actor,
    now: datetime,
    state: ListState,
    people: Sequence[int],
    saved: Mapping[int, ListState],
) -> Counts:
    """Count the views, the severities of a list, its rows, and saved filters.

    Args:
        people: ids of those whose name the list's question says.
    """
    severities = _by_severity(actor, now, state, people) if state.view in OPEN_VIEWS else {}
    kept = {id_: capped(narrowed(actor, now, one.view, one.filters), CAP) for id_, one in saved.items()}
    total = capped(narrowed(actor, now, state.view, state.filters, people), COUNT_CAP)
    asked = select(
        *(query.scalar_subquery() for query in (*_VIEWS.values(), *severities.values(), *kept.values(), total))
    )
    numbers = iter(session.execute(asked, {"person": actor.user_id, "now": now}).one())
    return Counts(
        {view: next(numbers) for view in _VIEWS},
        {name: next(numbers) for name in severities},
        {id_: next(numbers) for id_ in kept},
        *_within(next(numbers), COUNT_CAP),
    )


def _by_severity(actor: Actor, now: datetime, state: ListState, people: Sequence[int]) -> dict[str, Query]:
    filters = {name: value for name, value in state.filters.items() if name != "severity"}
    found = narrowed(actor, now, state.view, filters, people)
    conditions = severity_conditions(now, due_in(state.view))
    return {name: capped(found.where(condition), CAP) for name, condition in conditions.items()}


def _within(number: Any, cap: int) -> tuple[int, bool]:
    return min(number, cap), number > cap
