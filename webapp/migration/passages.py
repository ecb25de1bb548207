"""A migration ready to be carried out: both versions as they run, and the way from one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.definitions.checking import facts_of_version
from webapp.definitions.library import Published, get_published
from webapp.migration.models import CaseMigration
from workflows import Route, plan_route
from workflows.shortfalls import Ahead

_ahead: dict[int, Ahead] = {}
"""Version id → what may be read further on in it; versions never change."""


@dataclass(frozen=True)
class Passage:
    """The way of one migration."""

    migration_id: int
    old: Published
    new: Published
    route: Route
    reason: str


def passage_of(session: Session, migration: CaseMigration) -> Passage:
    """The way of a migration.

    Raises:
        workflows.MappingError: its mapping cannot be followed.
    """
    old = get_published(session, migration.from_version_id)
    new = get_published(session, migration.to_version_id)
    route = find_route(old, new, migration.mapping)
    return Passage(migration.id, old, new, route, migration.reason or "")


def find_route(old: Published, new: Published, mapping: Mapping[str, Any]) -> Route:
    """The engine's way between two versions; raises as :func:`passage_of`."""
    ahead = (_ahead_of(old), _ahead_of(new))
    return plan_route(old.definition, new.definition, mapping, ahead)


def _ahead_of(version: Published) -> Ahead:
    found = _ahead.get(version.id)
    if found is None:
        found = _ahead.setdefault(version.id, Ahead(version.definition, facts_of_version(version)))
    return found
