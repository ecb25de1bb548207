"""The process definitions: every version with its digest and what runs on it, its diagram and the same as text."""

from functools import lru_cache

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.access import access
from webapp.administration import queries
from webapp.administration.views import blueprint
from webapp.database import db
from webapp.deadlines.wording import limits_of, time_words
from webapp.definitions.library import get_published
from webapp.definitions.models import ProcessVersion
from webapp.problems import NotFound
from workflows.outline import describe
from workflows.picture import Limit, draw


@blueprint.get("/definitions")
@access("administration.read")
def definitions() -> ResponseReturnValue:
    return render_template("administration/definitions.html", versions=queries.list_versions(db.session()))


@blueprint.get("/definitions/<int:version_id>")
@access("administration.read")
def definition(version_id: int) -> ResponseReturnValue:
    session = db.session()
    version = session.get(ProcessVersion, version_id)
    if version is None:
        raise NotFound
    published = get_published(session, version_id)
    items = [
        {"number": item.number, "depth": item.depth, "text": describe(item) + time_words(published, item.element)}
        | {"lane": None, "state": None}
        for item in published.outline
    ]
    return render_template(
        "administration/definition.html",
        shown=version,
        published=published,
        svg=_drawn(version.bpmn, tuple(limits_of(published).items())),
        outline_items=items,
        siblings=[row for row in queries.list_versions(session) if row.process == version.process],
    )


@lru_cache(maxsize=16)
def _drawn(bpmn: str, limits: tuple[tuple[str, Limit], ...]) -> Markup:
    return Markup(draw(bpmn.encode(), limits=dict(limits), name="version"))  # noqa: S704 (escaped by draw)
