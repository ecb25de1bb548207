"""The diagram of a version with the way that a case has taken; drawn once for each state of things, not per request."""

from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.deadlines.wording import limits_of
from webapp.definitions.library import Published
from webapp.definitions.models import ProcessVersion
from webapp.instances.models import Instance
from workflows.picture import Limit, draw

_diagrams: dict[str, tuple[bytes, Mapping[str, Limit]]] = {}
"""Digest of a definition → its diagram, and the times of its steps."""


def picture_of(session: Session, published: Published, instance: Instance, states: Mapping[str, str]) -> Markup:
    """The diagram as SVG; ``states`` are those of :func:`webapp.instances.queries.element_states`."""
    flows = frozenset(instance.way.keys() & published.definition.catalogue.flows.keys())
    digest = published.definition.digest
    if digest not in _diagrams:
        text = session.scalars(select(ProcessVersion.bpmn).where(ProcessVersion.id == published.id)).one()
        _diagrams[digest] = text.encode(), limits_of(published)
    return _drawn(digest, frozenset(states.items()), flows)


@lru_cache(maxsize=128)
def _drawn(digest: str, states: frozenset[tuple[str, str]], flows: frozenset[str]) -> Markup:
    diagram, limits = _diagrams[digest]
    drawn = draw(diagram, dict(states), flows, limits=limits, name="way")
    return Markup(drawn)  # noqa: S704 (escaped by draw)
