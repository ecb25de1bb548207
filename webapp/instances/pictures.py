"""The diagram of a version with the way that a case has taken; drawn once for each state of things, not per request."""

from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.definitions.library import Published
from webapp.definitions.models import ProcessVersion
from webapp.instances.models import Instance
from workflows.picture import draw

_diagrams: dict[str, bytes] = {}
"""Digest of a definition → its diagram."""


def picture_of(session: Session, published: Published, instance: Instance, states: Mapping[str, str]) -> Markup:
    """The diagram as SVG; ``states`` are those of :func:`webapp.instances.queries.element_states`."""
    flows = frozenset(instance.way.keys() & published.definition.catalogue.flows.keys())
    digest = published.definition.digest
    if digest not in _diagrams:
        text = session.scalars(select(ProcessVersion.bpmn).where(ProcessVersion.id == published.id)).one()
        _diagrams[digest] = text.encode()
    return _drawn(digest, frozenset(states.items()), flows)


@lru_cache(maxsize=128)
def _drawn(digest: str, states: frozenset[tuple[str, str]], flows: frozenset[str]) -> Markup:
    return Markup(draw(_diagrams[digest], dict(states), flows, name="way"))  # noqa: S704 (escaped by draw)
