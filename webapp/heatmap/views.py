"""The page of the figures of one version."""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from webapp import clock, navigation
from webapp.access import access
from webapp.database import db
from webapp.definitions.library import Published, get_published
from webapp.definitions.models import ProcessVersion
from webapp.exports import xlsx_response
from webapp.heatmap.models import HeatSummary
from webapp.heatmap.operations import compute, figures_of, latest_of
from webapp.heatmap.rules import COUNT, TIME, figures, heat_of, rows_of, weights
from webapp.problems import NotFound
from workflows.picture import draw

Pairs = frozenset[tuple[str, str]]
blueprint = Blueprint("heatmap", __name__, url_prefix="/heatmap", template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.place_below(app, "heatmap", "designer.index")


@blueprint.get("/<int:version_id>")
@access("designs.read")
def show(version_id: int) -> ResponseReturnValue:
    """Colours by how often or by how long; as a file with ``?format=xlsx``."""
    session = db.session()
    version = session.get(ProcessVersion, version_id)
    if version is None:
        raise NotFound
    now, published = clock.now(), get_published(session, version_id)
    whole = figures_of(session, now, version_id)
    if request.args.get("format") == "xlsx":
        found = whole or compute(session, now, version_id)  # a file says nothing of what it leaves out
        return _file(published.name, rows_of(published, found.ways, found.steps))
    found = whole or latest_of(session, now, version_id)
    rows = rows_of(published, found.ways, found.steps)
    by = TIME if request.args.get("by") == TIME else COUNT
    page = render_template(
        "heatmap/show.html",
        shown=version,
        found=found,
        is_whole=whole is not None,
        rows=rows,
        by=by,
        svg=_picture(published, version.bpmn, found, by),
    )
    answer = make_response(page)
    if whole is None:
        answer.headers["Refresh"] = "5"
    return answer


def _picture(published: Published, bpmn: str, found: HeatSummary, by: str) -> Markup:
    heat = heat_of(weights(published, found.ways, found.steps, by))
    flows = frozenset(found.ways.keys() & published.definition.catalogue.flows.keys())
    words = figures(published, found.ways, found.steps, by)
    return _drawn(bpmn, frozenset(heat.items()), flows, frozenset(words.items()))


@lru_cache(maxsize=32)
def _drawn(bpmn: str, heat: Pairs, flows: frozenset[str], words: Pairs) -> Markup:
    picture = draw(bpmn.encode(), dict(heat), flows, name="heat", figures=dict(words))
    return Markup(picture)  # noqa: S704 (escaped by draw)


def _file(name: str, rows: list[Any]) -> ResponseReturnValue:
    header = [_("环节"), _("类型"), _("泳道"), _("经过次数"), _("办件数"), _("正在办理"), _("平均用时"), _("中位用时")]
    header += [_("九成在此之内"), _("最久未办")]
    cells = ((r.name, r.kind, r.lane, r.passes, r.cases, r.waiting, r.mean, r.half, r.most, r.oldest) for r in rows)
    return xlsx_response(_("流程热力图-%(name)s", name=name), header, cells)
