"""Attachments."""

from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue

from webapp.access import access, current_actor
from webapp.api.bodies import instance_id_of
from webapp.api.views import blueprint
from webapp.attachments.operations import store_upload
from webapp.attachments.queries import get_visible
from webapp.attachments.views import send_attachment
from webapp.database import db
from webapp.problems import invalid


@blueprint.post("/attachments")
@access("attachments.use")
def upload_attachment() -> ResponseReturnValue:
    """Keep one file; its id goes into the answers of a form."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise invalid("file", "required", "请用 multipart 字段 file 上传一个文件。")
    settings = current_app.extensions["settings"]
    row = store_upload(db.session(), settings, current_actor(), file.filename, file.stream)
    answer: dict[str, Any] = {"id": row.id, "name": row.name, "size": row.size, "sha256": row.sha256}
    return answer, 201


@blueprint.get("/attachments/<attachment_id>")
@access("attachments.use")
def get_attachment(attachment_id: str) -> ResponseReturnValue:
    """The bytes of an attachment that I may see."""
    attachment = get_visible(db.session(), current_actor(), instance_id_of(attachment_id))
    return send_attachment(attachment, inline=False)
