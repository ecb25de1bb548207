"""The papers of a case for whoever may see it: a page to print, a PDF, and an archive with all its files."""

import tempfile
from base64 import b64encode
from io import BytesIO
from typing import Any

from flask import Blueprint, Flask, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import access, current_actor
from webapp.attachments.queries import by_id
from webapp.audit.operations import record
from webapp.database import db
from webapp.instances import queries
from webapp.instances.pages import CaseView, view_case
from webapp.papers.content import papers_of
from webapp.papers.operations import make_pdf, pack
from webapp.previews.operations import picture_of
from webapp.problems import Problem
from webapp.sandbox import SandboxError

blueprint = Blueprint("papers", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


def _read(instance_id: int) -> tuple[CaseView, dict[str, Any]]:
    session, actor, now = db.session(), current_actor(), clock.now()
    instance = queries.get_visible(session, actor, instance_id)
    view = view_case(session, actor, now, instance, whole=True)
    return view, papers_of(actor, now, view)


@blueprint.get("/instances/<int:instance_id>/papers")
@access("instances.read")
def show(instance_id: int) -> ResponseReturnValue:
    view, papers = _read(instance_id)
    return render_template("papers/case.html", view=view, papers=papers)


@blueprint.get("/instances/<int:instance_id>/case.pdf")
@access("instances.read")
def pdf(instance_id: int) -> ResponseReturnValue:
    _view, papers = _read(instance_id)
    _draw_signatures(papers)
    db.session.rollback()  # nothing was changed; the connection is free for others while the pages are set
    content = BytesIO(make_pdf(papers))
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=f"{_title(papers)}.pdf")


@blueprint.get("/instances/<int:instance_id>/archive.zip")
@access("instances.read")
def archive(instance_id: int) -> ResponseReturnValue:
    view, papers = _read(instance_id)
    session, actor = db.session(), current_actor()
    found = by_id(session, (file.id for file in view.file.files))
    files = [found[key] for key in sorted(found)]
    record(session, actor, "instance.archive", instance_id=instance_id, after={"files": len(files)})
    _draw_signatures(papers)
    target = tempfile.TemporaryFile(dir=current_app.extensions["settings"].data)  # noqa: SIM115 (closed with the answer)
    pack(current_app.extensions["settings"], target, make_pdf(papers), _title(papers), files)
    target.seek(0)
    name = f"{_title(papers)}.zip"
    return send_file(target, mimetype="application/zip", as_attachment=True, download_name=name)


def _draw_signatures(papers: dict[str, Any]) -> None:
    """Put the pictures of signatures into the papers; one that cannot be drawn leaves its words."""
    signed = [b for section in papers["sections"] for b in section["blocks"] if b["kind"] == "signature"]
    files = by_id(db.session(), (block["attachment"] for block in signed))
    for number, block in enumerate(signed):
        try:
            drawn = picture_of(current_app.extensions["settings"], files[block["attachment"]])
        except (KeyError, Problem, SandboxError):
            block["kind"] = "quiet"
        else:
            ending = "png" if drawn.startswith(b"\x89PNG") else "jpg"
            block |= {"name": f"signature{number}.{ending}", "picture": b64encode(drawn).decode()}


def _title(papers: dict[str, Any]) -> str:
    unit = papers["subtitle"].partition(" · ")[0]
    return f"{papers['number']}_{unit}"[:120].replace("/", "／")
