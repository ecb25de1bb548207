"""How many tasks lists hold: all numbers of a page in one statement that reads no rows and stops counting early."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.deadlines.rules import SEVERITIES
from webapp.inbox.queries import Query, capped, narrowed, of_view
from webapp.inbox.rules import OPEN_VIEWS, TABS, ListState
from webapp.paging import COUNT_CAP

CAP = 999
"""What a number beside a name goes to."""


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
    views = {view: capped(of_view(view, actor, now), CAP) for view in TABS}
    severities = _by_severity(actor, now, state, people) if state.view in OPEN_VIEWS else {}
    kept = {id_: capped(narrowed(actor, now, one.view, one.filters), CAP) for id_, one in saved.items()}
    total = capped(narrowed(actor, now, state.view, state.filters, people), COUNT_CAP)
    asked = [*views.values(), *severities.values(), *kept.values(), total]
    numbers = iter(session.execute(select(*(query.scalar_subquery() for query in asked))).one())
    return Counts(
        {view: next(numbers) for view in views},
        {name: next(numbers) for name in severities},
        {id_: next(numbers) for id_ in kept},
        *_within(next(numbers), COUNT_CAP),
    )


def _by_severity(actor: Actor, now: datetime, state: ListState, people: Sequence[int]) -> dict[str, Query]:
    filters = dict(state.filters)
    return {
        name: capped(narrowed(actor, now, state.view, filters | {"severity": name}, people), CAP) for name in SEVERITIES
    }


def _within(number: Any, cap: int) -> tuple[int, bool]:
    return min(number, cap), number > cap
