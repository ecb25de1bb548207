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

_diagrams: dict[int, bytes] = {}
"""Version id → diagram; versions never change."""


def picture_of(session: Session, published: Published, instance: Instance, states: Mapping[str, str]) -> Markup:
    """The diagram as SVG; ``states`` are those of :func:`webapp.instances.queries.element_states`."""
    flows = frozenset(instance.way.keys() & published.definition.catalogue.flows.keys())
    if published.id not in _diagrams:
        text = session.scalars(select(ProcessVersion.bpmn).where(ProcessVersion.id == published.id)).one()
        _diagrams[published.id] = text.encode()
    return _drawn(published.id, frozenset(states.items()), flows)


@lru_cache(maxsize=128)
def _drawn(version_id: int, states: frozenset[tuple[str, str]], flows: frozenset[str]) -> Markup:
    return Markup(draw(_diagrams[version_id], dict(states), flows, name="way"))  # noqa: S704 (escaped by draw)
