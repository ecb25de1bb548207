"""Show an attachment without download, to whoever may open it: pictures, PDF page by page, documents as text."""

from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from webapp.access import access, current_actor
from webapp.attachments.models import Attachment
from webapp.attachments.queries import get_visible
from webapp.database import db
from webapp.previews import operations
from webapp.previews.rules import PAGES_AT_ONCE, kind_of, why_not
from webapp.problems import NotFound
from webapp.sandbox import SandboxError

blueprint = Blueprint("previews", __name__, template_folder="templates")
_PNG = b"\x89PNG"


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/attachments/<int:attachment_id>/preview")
@access("attachments.use")
def show(attachment_id: int) -> ResponseReturnValue:
    file = _visible(attachment_id)
    kind = kind_of(file.name, file.media_type)
    try:
        shown = _shown(file, kind)
    except SandboxError as error:
        shown = {"refused": str(error)}
    return render_template("previews/show.html", file=file, kind=kind, **shown)


def _visible(attachment_id: int) -> Attachment:
    """The attachment, if the person may open it; the connection is free for others while it is drawn or read."""
    session = db.session()
    file = get_visible(session, current_actor(), attachment_id)
    session.expunge(file)
    session.rollback()
    return file


def _shown(file: Attachment, kind: str) -> dict[str, Any]:
    settings = current_app.extensions["settings"]
    if kind == "none":
        return {"refused": why_not(file.name)}
    if kind == "text":
        return {"blocks": operations.blocks_of(settings, file)}
    if kind == "picture":
        operations.picture_of(settings, file)
        return {}
    pages = operations.pages_of(settings, file)
    first = min(max(request.args.get("from", 1, type=int), 1), pages["number"])
    last = min(first + PAGES_AT_ONCE - 1, len(pages["sizes"]))
    return {"pages": pages, "first": first, "last": last, "step": PAGES_AT_ONCE}


@blueprint.get("/attachments/<int:attachment_id>/picture")
@access("attachments.use")
def picture(attachment_id: int) -> ResponseReturnValue:
    file = _visible(attachment_id)
    if kind_of(file.name, file.media_type) != "picture":
        raise NotFound
    return _drawn(operations.picture_of, file)


@blueprint.get("/attachments/<int:attachment_id>/pages/<int:number>")
@access("attachments.use")
def page(attachment_id: int, number: int) -> ResponseReturnValue:
    file = _visible(attachment_id)
    if kind_of(file.name, file.media_type) != "pdf" or not 0 < number < 100_000:
        raise NotFound
    return _drawn(operations.page_of, file, number - 1)


def _drawn(draw: Any, file: Attachment, *place: int) -> Response:
    """A picture that we made ourselves; the browser may keep it for itself, and nothing in it can act."""
    try:
        content = draw(current_app.extensions["settings"], file, *place)
    except SandboxError as error:
        raise NotFound(str(error)) from error
    response = Response(content, mimetype="image/png" if content.startswith(_PNG) else "image/jpeg")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
