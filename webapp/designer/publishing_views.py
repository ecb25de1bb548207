"""Compare, publish with a reason, approve, restore, undo."""

from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.comparison import compare_documents
from forms.pages.designer import PublishForm
from webapp import clock
from webapp.access import access, current_actor, may
from webapp.clock import SHANGHAI
from webapp.database import db
from webapp.definitions.checking import check_parts
from webapp.designer import publishing, queries
from webapp.designer.models import Publication
from webapp.designer.views import blueprint
from webapp.problems import Invalid, NotFound
from webapp.requests import with_style_attributes

_FORM_WORDS = ("新增表单", "删除表单", "修改表单")
_TABLE_WORDS = ("新增决策表", "删除决策表", "修改决策表")


@blueprint.get("/<process>/versions")
@access("designs.read")
def versions(process: str) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    rows = queries.list_versions(session, process)
    if not rows:
        raise NotFound
    return render_template(
        "designer/versions.html",
        process=process,
        rows=rows,
        waiting=queries.list_publications(session, process),
        may_publish=may(actor, "designs.publish"),
        may_undo=may(actor, "designs.publish") and publishing.may_undo(session, process),
        second_person=queries.needs_second_person(session),
        actor_id=actor.user_id,
    )


@blueprint.get("/<process>/compare")
@access("designs.read")
def compare(process: str) -> ResponseReturnValue:
    """Two versions beside each other; ``draft`` is the draft, the newest two are shown where none are named."""
    session = db.session()
    rows = queries.list_versions(session, process)
    old = _side(process, request.args.get("old"), rows[0].version if rows else None)
    new = _side(process, request.args.get("new"), "draft")
    differences = _differences(old, new)
    page = render_template(
        "designer/compare.html", process=process, rows=rows, old=old, new=new, differences=differences
    )
    return page, with_style_attributes()


@blueprint.get("/<process>/diagrams/<key>")
@access("designs.read")
def diagram_file(process: str, key: str) -> ResponseReturnValue:
    """The diagram of a version (by its number) or of the draft, for the pictures beside each other and to keep."""
    return Response(_side(process, key, None)["source"].bpmn, mimetype="application/xml")


def _side(process: str, named: str | None, usual: int | str | None) -> dict[str, Any]:
    session, wanted = db.session(), named or str(usual or "")
    if wanted == "draft":
        draft = queries.get_draft(session, process)
        return {"key": "draft", "label": _("草稿"), "source": draft}
    if not wanted.isascii() or not wanted.isdecimal() or len(wanted) > 8:
        raise NotFound
    version = queries.get_version(session, process, int(wanted))
    return {"key": wanted, "label": f"v{wanted}", "source": version}


def _differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    before, after = old["source"], new["source"]
    forms = queries.part_changes(before.forms, after.forms, _FORM_WORDS)
    return {
        "diagram": queries.diagram_changes(before.bpmn, after.bpmn),
        "forms": [
            (word, key, compare_documents(before.forms.get(key, {}), after.forms.get(key, {}))) for key, word in forms
        ],
        "tables": queries.part_changes(before.tables, after.tables, _TABLE_WORDS),
    }


@blueprint.get("/<process>/publish")
@access("designs.publish")
def publish(process: str) -> ResponseReturnValue:
    return _publish_page(process, PublishForm())


def _publish_page(process: str, form: PublishForm) -> str:
    session = db.session()
    draft = queries.get_draft(session, process)
    rows = queries.list_versions(session, process)
    old = queries.get_version(session, process, next(r.version for r in rows if r.is_current)) if rows else None
    return render_template(
        "designer/publish.html",
        draft=draft,
        form=form,
        problems=check_parts(process, draft.bpmn, draft.forms, draft.tables)["problems"],
        differences=_differences({"source": old}, {"source": draft}) if old else None,
        second_person=queries.needs_second_person(session),
    )


@blueprint.post("/<process>/publish")
@access("designs.publish")
def hand_in(process: str) -> ResponseReturnValue:
    form = PublishForm(request.form)
    if not form.validate():
        return _publish_page(process, form), 422
    due_at: datetime | None = form.due_at.data
    try:
        made = publishing.hand_in(
            db.session(),
            current_actor(),
            clock.now(),
            process,
            revision=form.revision.data,
            reason=form.reason.data,
            due_at=due_at.replace(tzinfo=SHANGHAI) if due_at else None,
        )
    except Invalid as problem:
        db.session.rollback()
        form.take(problem.errors)
        return _publish_page(process, form), 422
    flash(_words(made))
    return redirect(url_for(".versions", process=process))


def _words(made: Publication) -> str:
    said: str = _("已安排，到时自动生效。")
    if made.status == "published":
        said = _("已发布。新发起的办件按新版本办理，已在办理的仍按原版本。")
    elif made.status == "waiting":
        said = _("已提交，等待另一人批准后生效。")
    return said


@blueprint.post("/<process>/versions/<int:version>/restore")
@access("designs.publish")
def restore(process: str, version: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    made = publishing.restore_version(db.session(), current_actor(), clock.now(), process, version, reason)
    flash(_words(made))
    return redirect(url_for(".versions", process=process))


@blueprint.post("/<process>/undo")
@access("designs.publish")
def undo(process: str) -> ResponseReturnValue:
    version = publishing.undo(db.session(), current_actor(), process)
    flash(_("已撤销发布，现行版本是 v%(version)s。", version=version.version))
    return redirect(url_for(".versions", process=process))


@blueprint.post("/publications/<int:publication_id>/<any(approve,refuse):act>")
@access("designs.publish")
def decide(publication_id: int, act: str) -> ResponseReturnValue:
    made = publishing.decide(
        db.session(),
        current_actor(),
        clock.now(),
        publication_id,
        approve=act == "approve",
        remark=request.form.get("remark", ""),
    )
    flash(_words(made) if act == "approve" else _("已退回这份发布。"))
    return redirect(url_for(".versions", process=made.process))


@blueprint.post("/settings")
@access("designs.settings")
def settings() -> ResponseReturnValue:
    needed = request.form.get("second_person") == "y"
    publishing.set_second_person(db.session(), current_actor(), needed=needed)
    flash(_("已保存：发布须由另一人批准。") if needed else _("已保存：发布即生效。"))
    return redirect(url_for(".index"))
