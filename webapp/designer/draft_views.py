"""What the editor in the browser asks: the draft, saving, the lock, the check, choices for its panels, comments."""

from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from forms.compile import compile_form
from forms.documents import FormDocumentError, check_plain
from webapp import clock
from webapp.access import access, current_actor, may
from webapp.api.bodies import body
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.definitions.checking import check_parts
from webapp.designer import operations, queries
from webapp.designer.layout import lay_out
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import Part
from webapp.designer.rules import MOST_BYTES, is_held
from webapp.designer.views import blueprint
from webapp.designer.vocabulary import vocabulary
from webapp.language.speaking import say, worded
from webapp.problems import InputError, Invalid, invalid

Json = dict[str, Any]


@blueprint.get("/<process>/draft")
@access("designs.read")
def read_draft(process: str) -> Json:
    session = db.session()
    draft = queries.get_draft(session, process)
    parts = {"bpmn": draft.bpmn, "forms": draft.forms, "tables": draft.tables}
    return parts | _state(draft) | {"comments": _comments(draft), "vocabulary": worded(vocabulary(draft), "label")}


def _state(draft: ProcessDraft) -> Json:
    """Where the draft stands and who has it; the editor shows this after every act."""
    editor, now = queries.editor_of(db.session(), draft), clock.now()
    return {
        "process": draft.process,
        "name": draft.name,
        "base_version": draft.base_version,
        "revision": draft.revision,
        "saved_at": _shown(draft.saved_at),
        "editor": editor.name if editor and is_held(draft.editor_id, draft.seen_at, now) else None,
        "editing_since": _shown(draft.editing_since),
        "is_mine": draft.editor_id == current_actor().user_id,
        "may_edit": may(current_actor(), "designs.edit"),
    }


def _shown(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if at else None


@blueprint.post("/<process>/edit")
@access("designs.edit")
def edit(process: str) -> Json:
    data = body("take_over")
    draft = operations.edit(
        db.session(), current_actor(), clock.now(), process, take_over=data.get("take_over") is True
    )
    return _state(draft)


@blueprint.post("/<process>/leave")
@access("designs.edit")
def leave(process: str) -> ResponseReturnValue:
    operations.leave(db.session(), current_actor(), process)
    return "", 204


@blueprint.post("/<process>/save")
@access("designs.edit")
def save(process: str) -> Json:
    data = body("revision", "part", "key", "value")
    revision, kind, key = data.get("revision"), data.get("part"), data.get("key", "")
    if not isinstance(revision, int) or not isinstance(kind, str) or not isinstance(key, str):
        raise invalid("revision", "type", "须给出 revision（整数）、part 和 key（文本）。")
    part = Part(kind, key)
    draft = operations.save(db.session(), current_actor(), clock.now(), process, revision, part, data.get("value"))
    return _state(draft)


@blueprint.post("/<process>/check")
@access("designs.read")
def check(process: str) -> Json:
    """The problems of the draft; with ``bpmn`` those of the diagram on the canvas that is not saved yet."""
    draft = queries.get_draft(db.session(), process)
    return worded(check_parts(process, _diagram(draft), draft.forms, draft.tables), "message")


@blueprint.post("/<process>/layout")
@access("designs.read")
def layout(process: str) -> Json:
    """The diagram with every shape placed anew: of the draft, or the ``bpmn`` on the canvas; nothing is stored."""
    return {"bpmn": lay_out(_diagram(queries.get_draft(db.session(), process)))}


def _diagram(draft: ProcessDraft) -> str:
    """The diagram that came with the request, else that of the draft."""
    bpmn = body("bpmn").get("bpmn") or draft.bpmn
    if not isinstance(bpmn, str) or len(bpmn.encode()) > MOST_BYTES:
        raise invalid("bpmn", "too_large", "流程图过大，无法处理。")
    return bpmn


@blueprint.post("/<process>/preview")
@access("designs.read")
def preview(process: str) -> Json:
    """A form as the server renders it for the person who fills it in."""
    queries.get_draft(db.session(), process)
    document = body("document").get("document")
    try:
        check_plain(document)
        form = compile_form(document)  # type: ignore[arg-type] # (check_plain refuses everything but objects)
    except FormDocumentError as error:
        raise Invalid([InputError(p.component, p.code, p.message) for p in error.problems[:20]]) from error
    return {"html": str(form.render({}, translate=say))}


@blueprint.post("/<process>/comments")
@access("designs.edit")
def comment(process: str) -> Json:
    data = body("element", "text")
    element, text = data.get("element", ""), data.get("text", "")
    if not isinstance(element, str) or not isinstance(text, str):
        raise invalid("text", "type", "须给出 element 和 text（文本）。")
    operations.comment(db.session(), current_actor(), clock.now(), process, element, text)
    return {"comments": _comments(queries.get_draft(db.session(), process))}


@blueprint.post("/<process>/comments/<int:comment_id>/settle")
@access("designs.edit")
def settle(process: str, comment_id: int) -> Json:
    request.get_data()
    operations.settle(db.session(), current_actor(), clock.now(), process, comment_id)
    return {"comments": _comments(queries.get_draft(db.session(), process))}


def _comments(draft: ProcessDraft) -> list[Json]:
    return [
        {
            "id": row.DraftComment.id,
            "element": row.DraftComment.element,
            "text": row.DraftComment.text,
            "author": row.author,
            "at": _shown(row.DraftComment.written_at),
            "settled": row.DraftComment.settled_at is not None,
        }
        for row in queries.list_comments(db.session(), draft.id)
    ]
