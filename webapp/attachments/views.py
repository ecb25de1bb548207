"""Open an attachment in the browser."""

from flask import Blueprint, Flask, current_app, request, send_file
from flask.typing import ResponseReturnValue

from webapp.access import access, current_actor
from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of
from webapp.attachments.queries import get_visible
from webapp.attachments.rules import INLINE
from webapp.database import db
from webapp.problems import NotFound

blueprint = Blueprint("attachments", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/attachments/<int:attachment_id>")
@access("attachments.use")
def download(attachment_id: int) -> ResponseReturnValue:
    attachment = get_visible(db.session(), current_actor(), attachment_id)
    return send_attachment(attachment, inline=request.args.get("inline") == "1")


def send_attachment(attachment: Attachment, *, inline: bool) -> ResponseReturnValue:
    """The bytes, never run by the browser: shown only where the type is harmless, else saved."""
    path = path_of(current_app.extensions["settings"], attachment.sha256)
    if not path.exists():
        raise NotFound("附件的文件已不在存储中，请联系管理员从备份恢复。")
    show = inline and attachment.media_type in INLINE
    response = send_file(
        path,
        mimetype=attachment.media_type,
        as_attachment=not show,
        download_name=attachment.name,
        etag=attachment.sha256,
    )
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
    )
    return response
